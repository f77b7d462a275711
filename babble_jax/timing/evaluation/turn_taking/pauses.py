"""Tells pauses within an IPU from its end, by how long a silence has lasted: what a live seat cannot know yet.

An IPU of the floor holds no pauses, because silences shorter than `merge` are merged; people's do. While such a
silence lasts, it may be a pause or the end. Axes: B bins of the time into the IPU, M frames of `merge`.
"""

from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.evaluation.turn_taking.frames import FramedCalls, frame_calls
from babble_jax.timing.events import Definitions
from babble_jax.timing.floor.belief import INTO, PauseDistribution
from babble_jax.timing.floor.state import Limits


def fit_pauses(conversations: Sequence[Conversation], definitions: Definitions) -> PauseDistribution:
    """Counts silences within and after IPUs, by how long they last.

    Args:
      conversations: of two speakers each.
      definitions: of the IPUs.
    """
    merge = Limits.of(definitions).merge
    ended, resumed = np.zeros(len(INTO)), np.zeros((len(INTO), merge + 1))
    for conversation in conversations:
        into, length = _silences(frame_calls([conversation], definitions))
        bins = np.searchsorted(INTO, into, side="right") - 1
        pause = length < merge
        np.add.at(resumed, (bins[pause], length[pause]), 1)
        np.add.at(ended, bins[~pause], 1)
    # of the silences that have lasted e frames: those that end within the merge, over all that have
    later = np.cumsum(resumed[:, ::-1], axis=1)[:, ::-1]
    return PauseDistribution(tuple(map(tuple, (later / np.maximum(later + ended[:, None], 1)).tolist())))


def _silences(calls: FramedCalls) -> tuple[np.ndarray, np.ndarray]:
    """Returns, for each silence after speech, the frames from the IPU's onset to it, and its frames."""
    into, length = [np.zeros(0, int)], [np.zeros(0, int)]
    for w in range(len(calls)):
        for s in (0, 1):
            edges = np.flatnonzero(calls.detected[w, :, s])
            starts, ends = edges[::2], edges[1::2]
            starts, ends = starts[: len(ends)], ends[: len(starts)]
            if len(ends) < 2:
                continue
            outer = np.flatnonzero(calls.codes[w, :, s])[::2]
            row = np.maximum(np.searchsorted(outer, starts[:-1], side="right") - 1, 0)
            into.append(ends[:-1] - outer[row])
            length.append(starts[1:] - ends[:-1])
    return np.maximum(np.concatenate(into), 0), np.concatenate(length)
