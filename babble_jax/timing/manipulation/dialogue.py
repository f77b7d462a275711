"""A conversation as a dialogue of IPUs in order, and what a manipulation gives back.

Axes: N IPUs in the order of the sweep (onset, offset, speaker). Times are seconds, float64, each one the
nearest to a whole number of nanoseconds; all arithmetic is done in those, so that nothing is lost.
"""

import dataclasses
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, Ipus, ipus

NANOSECONDS = 1e9


@dataclasses.dataclass(frozen=True)
class Clip:
    """A floor transfer that did not get the offset it was asked to have.

    Attributes:
      time: onset of the incoming IPU in the dialogue that went in, seconds.
      asked: change of the offset, seconds.
      given: the change it got.
      reason: what stood in the way: "closed", the gap is 0; "own silence", two IPUs of one speaker would have
        become one; "order", the incoming IPU would have begun or ended before the one it follows.
    """

    time: float
    asked: float
    given: float
    reason: str


@dataclasses.dataclass(frozen=True, eq=False)
class Edit:
    """What a manipulation gives back.

    Attributes:
      dialogue: the new one, again in the order of the sweep.
      source: [N] int32, the row of the IPU in the dialogue that went in; -1 for a new IPU.
      transfers: floor transfers whose offset was asked to change.
      clipped: those of them that got another one.
    """

    dialogue: Conversation
    source: np.ndarray
    transfers: int = 0
    clipped: tuple[Clip, ...] = ()

    def report(self, before: int) -> dict[str, Any]:
        """JSON values; `before` is the number of IPUs that went in."""
        added = int(np.count_nonzero(self.source < 0))
        return {
            "transfers": self.transfers,
            "clipped": [dataclasses.asdict(clip) for clip in self.clipped],
            "left_out": before - (len(self.source) - added),
            "added": added,
        }


def dialogue_of(conversation: Conversation, definitions: Definitions) -> Conversation:
    """The conversation with its IPUs as segments: what every manipulation takes. Marks are all speech."""
    return with_ipus(conversation, ipus(conversation, definitions))


def with_ipus(conversation: Conversation, units: Ipus) -> Conversation:
    """The conversation with `units` as its segments, its windows to the nanosecond as they are."""
    return dataclasses.replace(
        conversation,
        speaker=units.speaker,
        onset=units.onset,
        end=units.end,
        mark=np.full(len(units), Mark.SPEECH, np.uint8),
        unit="ipu",
        windows=seconds_of(nanoseconds(conversation.windows)),
    )


def excerpt(
    conversation: Conversation, definitions: Definitions, start: float | None, seconds: float
) -> tuple[Conversation, int]:
    """A stretch of a conversation as a dialogue of IPUs that begins at 0.

    IPUs that an edge of the stretch cuts are left out: half an IPU is a timing that nobody produced.

    Args:
      conversation: any.
      definitions: of the IPUs.
      start: seconds of the recording; None for where observation begins.
      seconds: length of the stretch; it ends earlier where observation does.

    Returns:
      The dialogue, and how many IPUs were cut and left out.

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
            f"{conversation.id}: nothing was observed at {start:g} s, only from {spans} s; choose another start."
        )
    first, last = _nanoseconds(start), _nanoseconds(min(start + seconds, observed[0][1]))
    units = ipus(conversation, definitions)
    onset, offset = nanoseconds(units.onset), nanoseconds(units.end)
    inside = (onset >= first) & (offset <= last)
    touched = (offset > first) & (onset < last)
    dialogue = dataclasses.replace(
        with_ipus(conversation, units.take(inside)),
        onset=seconds_of(onset[inside] - first),
        end=seconds_of(offset[inside] - first),
        windows=seconds_of(np.array([[0, last - first]])),
    )
    return dialogue, int(np.count_nonzero(touched & ~inside))


def checked(dialogue: Conversation, definitions: Definitions) -> Ipus:
    """The IPUs of a dialogue, row by row.

    Raises:
      BabbleError: its segments are not the IPUs that the definitions find in it, in order.
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
            "make them so with dialogue_of."
        )
    return units


def in_order(
    dialogue: Conversation, speaker: np.ndarray, onset: np.ndarray, offset: np.ndarray, source: np.ndarray
) -> tuple[Conversation, np.ndarray]:
    """The dialogue with other IPUs, sorted, and their `source` sorted with them.

    Args:
      dialogue: for all else.
      speaker: [N] int32.
      onset: [N] int64 nanoseconds.
      offset: [N] int64 nanoseconds.
      source: [N] int32, see `Edit`.
    """
    order = np.lexsort((speaker, offset, onset))
    changed = dataclasses.replace(
        dialogue,
        speaker=speaker[order].astype(np.int32),
        onset=seconds_of(onset[order]),
        end=seconds_of(offset[order]),
        mark=np.full(len(order), Mark.SPEECH, np.uint8),
    )
    return changed, source[order].astype(np.int32)


def nanoseconds(seconds: np.ndarray) -> np.ndarray:
    """int64 nanoseconds."""
    return np.rint(np.asarray(seconds, np.float64) * NANOSECONDS).astype(np.int64)


def _nanoseconds(seconds: float) -> int:
    return round(seconds * NANOSECONDS)


def seconds_of(nanoseconds: np.ndarray) -> np.ndarray:
    """float64 seconds; `nanoseconds` gives the same nanoseconds back."""
    return np.asarray(nanoseconds, np.int64) / NANOSECONDS
