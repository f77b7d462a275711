"""Turns a conversation into a dialogue of IPUs in order, and describes the result of a manipulation.

Axes: N IPUs in the order of the sweep (onset, end, speaker). Times are seconds, float64, each one the nearest
to an integer number of nanoseconds; all arithmetic is done in those, so that nothing is lost.
"""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, Ipus, ipus

NANOSECONDS = 1e9
"""In a second."""


@dataclasses.dataclass(frozen=True)
class Clip:
    """A floor transfer whose offset (FTO) changed by less than was requested.

    Attributes:
      time: onset of the incoming IPU in the dialogue before the manipulation, seconds.
      requested: change of the FTO, seconds.
      applied: the change that was possible, seconds.
      reason: the obstacle: "closed", the gap is 0; "own silence", two IPUs of one speaker would have become one;
        "order", the incoming IPU would have begun or ended before the one it follows.
    """

    time: float
    requested: float
    applied: float
    reason: str


@dataclasses.dataclass(frozen=True, eq=False)
class Edit:
    """The result of one manipulation.

    Attributes:
      dialogue: the new one, again in the order of the sweep.
      source: [N] int32, the row of the IPU in the dialogue before the manipulation; -1 for a new IPU.
      transfers: the number of floor transfers whose FTO was to change.
      clips: those of them that changed by another amount than requested.
    """

    dialogue: Conversation
    source: np.ndarray
    transfers: int = 0
    clips: tuple[Clip, ...] = ()

    def report(self, before: int) -> dict[str, Any]:
        """Returns JSON values; `before` is the number of IPUs before the manipulation."""
        added = int(np.count_nonzero(self.source < 0))
        return {
            "transfers": self.transfers,
            "clipped": [dataclasses.asdict(clip) for clip in self.clips],
            "left_out": before - (len(self.source) - added),
            "added": added,
        }


def make_ipu_dialogue(conversation: Conversation, definitions: Definitions) -> Conversation:
    """Returns the conversation with its IPUs as segments, which every manipulation takes. Marks are all speech."""
    return replace_segments(conversation, ipus(conversation, definitions))


def replace_segments(conversation: Conversation, units: Ipus) -> Conversation:
    """Returns the conversation with IPUs as its segments and its windows rounded to nanoseconds."""
    return dataclasses.replace(
        conversation,
        speaker=units.speaker,
        onset=units.onset,
        end=units.end,
        mark=np.full(len(units), Mark.SPEECH, np.uint8),
        unit="ipu",
        windows=to_seconds(to_nanoseconds(conversation.windows)),
    )


def cut_excerpt(
    conversation: Conversation, definitions: Definitions, start: float | None, seconds: float
) -> tuple[Conversation, int]:
    """Cuts a stretch of a conversation as a dialogue of IPUs that begins at 0.

    IPUs that an edge of the stretch cuts are left out: half an IPU is a timing that nobody produced.

    Args:
      conversation: any.
      definitions: of the IPUs.
      start: seconds of the recording; None for the beginning of the first observed window.
      seconds: length of the stretch; it ends earlier where the window ends.

    Returns:
      The dialogue, and the number of IPUs that an edge cuts.

    Raises:
      BabbleError: nothing was observed at `start`.
    """
    windows = conversation.windows
    start = float(windows[0, 0]) if start is None else start
    if not (np.isfinite(start) and seconds > 0):
        raise BabbleError(
            f"{conversation.id}: a stretch lasts more than 0 s, not {seconds:g}; ask for 60, say."
        )
    observed = [(a, b) for a, b in windows.tolist() if a <= start < b]
    if not observed:
        spans = ", ".join(f"{a:.2f} to {b:.2f}" for a, b in windows.tolist())
        raise BabbleError(
            f"{conversation.id}: nothing was observed at {start:g} s, only from {spans} s; choose another start, or "
            "say what was observed by a UEM file."
        )
    first, last = int(to_nanoseconds(start)), int(to_nanoseconds(min(start + seconds, observed[0][1])))
    units = ipus(conversation, definitions)
    onset, end = to_nanoseconds(units.onset), to_nanoseconds(units.end)
    inside = (onset >= first) & (end <= last)
    overlapping = (end > first) & (onset < last)
    dialogue = dataclasses.replace(
        replace_segments(conversation, units.take(inside)),
        onset=to_seconds(onset[inside] - first),
        end=to_seconds(end[inside] - first),
        windows=to_seconds(np.array([[0, last - first]])),
    )
    return dialogue, int(np.count_nonzero(overlapping & ~inside))


def check_ipus(dialogue: Conversation, definitions: Definitions) -> Ipus:
    """Returns the IPUs of a dialogue, row by row.

    Raises:
      BabbleError: its segments are not the IPUs of the definitions, in order.
    """
    units = ipus(dialogue, definitions)
    same = (
        dialogue.unit == "ipu"
        and np.array_equal(units.speaker, dialogue.speaker)
        and np.array_equal(units.onset, dialogue.onset)
        and np.array_equal(units.end, dialogue.end)
    )
    if not same:
        raise BabbleError(
            f"{dialogue.id}: its segments are not IPUs in order, parted by {definitions.merge:g} s of silence; "
            "make them so with make_ipu_dialogue."
        )
    return units


def sort_ipus(
    dialogue: Conversation, speaker: np.ndarray, onset: np.ndarray, end: np.ndarray, source: np.ndarray
) -> tuple[Conversation, np.ndarray]:
    """Sorts IPUs into the order of the sweep and puts them into a dialogue.

    Args:
      dialogue: for all but its segments.
      speaker: [N] int32.
      onset: [N] int64 nanoseconds.
      end: [N] int64 nanoseconds.
      source: [N] int32, see `Edit`.

    Returns:
      The dialogue with these IPUs, and `source` in their order.
    """
    order = np.lexsort((speaker, end, onset))
    changed = dataclasses.replace(
        dialogue,
        speaker=speaker[order].astype(np.int32),
        onset=to_seconds(onset[order]),
        end=to_seconds(end[order]),
        mark=np.full(len(order), Mark.SPEECH, np.uint8),
    )
    return changed, source[order].astype(np.int32)


def to_nanoseconds(seconds: ArrayLike) -> np.ndarray:
    """Converts seconds [...] to int64 nanoseconds, rounded."""
    return np.rint(np.asarray(seconds, np.float64) * NANOSECONDS).astype(np.int64)


def to_seconds(nanoseconds: np.ndarray) -> np.ndarray:
    """Converts int64 nanoseconds [...] to float64 seconds; the inverse of `to_nanoseconds`."""
    return np.asarray(nanoseconds, np.int64) / NANOSECONDS
