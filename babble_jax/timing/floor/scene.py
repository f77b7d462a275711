"""A stretch of a dialogue that can be listened to: it begins in silence, and no IPU is cut.

Axes: N IPUs. Times are seconds, float64.
"""

import dataclasses

import numpy as np

from babble_jax.conversation.conversation import Conversation

LEAD = 60.0
"""Seconds that a drawn dialogue is longer than its scene, so that there is a silence to begin it with."""


def scene(dialogue: Conversation, seconds: float) -> Conversation:
    """`seconds` of the dialogue from the first silence on after which an IPU ends in them, without what does not.

    Args:
      dialogue: of whole IPUs, one window from 0 on; where it has no such silence, the scene begins at 0.
      seconds: length of the scene.
    """
    order = np.argsort(dialogue.onset, kind="stable")
    onset, offset, speaker = dialogue.onset[order], dialogue.end[order], dialogue.speaker[order]
    spoken = np.append(0.0, np.maximum.accumulate(offset)[:-1])
    silences = spoken[onset > spoken]  # where they begin
    whole = [np.any((onset >= at) & (offset <= at + seconds)) for at in silences]
    begin = silences[np.argmax(whole)] if any(whole) else 0.0
    kept = (onset >= begin) & (offset <= begin + seconds)
    return dataclasses.replace(
        dialogue,
        speaker=speaker[kept],
        onset=np.round(onset[kept] - begin, 9),
        end=np.round(offset[kept] - begin, 9),
        mark=dialogue.mark[order][kept],
        windows=np.array([[0.0, seconds]]),
    )
