"""Cuts a scene out of a dialogue, to be listened to: it begins in silence, and no IPU is cut.

Axes: N IPUs. Times are seconds, float64.
"""

import dataclasses

import numpy as np

from babble_jax.conversation.conversation import Conversation

LEAD = 60.0
"""Seconds that a drawn dialogue is longer than its scene, so that there is a silence to begin it with."""


def cut_scene(dialogue: Conversation, seconds: float) -> Conversation:
    """Returns `seconds` of the dialogue from the first silence on after which an IPU ends within them.

    IPUs that do not end within them are left out.

    Args:
      dialogue: of uncut IPUs, one window from 0 on; where it has no such silence, the scene begins at 0.
      seconds: length of the scene.
    """
    order = np.argsort(dialogue.onset, kind="stable")
    onset, end, speaker = dialogue.onset[order], dialogue.end[order], dialogue.speaker[order]
    spoken = np.append(0.0, np.maximum.accumulate(end)[:-1])
    silences = spoken[onset > spoken]  # where they begin
    begin = next((at for at in silences if np.any((onset >= at) & (end <= at + seconds))), 0.0)
    inside = (onset >= begin) & (end <= begin + seconds)
    return dataclasses.replace(
        dialogue,
        speaker=speaker[inside],
        onset=np.round(onset[inside] - begin, 9),
        end=np.round(end[inside] - begin, 9),
        mark=dialogue.mark[order][inside],
        windows=np.array([[0.0, seconds]]),
    )
