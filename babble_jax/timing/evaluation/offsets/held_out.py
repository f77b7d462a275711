"""Which offsets are held out: those of groups of people, or those of incoming speakers.

Axes: C conversations, M pooled offsets.
"""

import dataclasses
from collections.abc import Sequence
from typing import Literal

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.distributions.censored import bin_widths
from babble_jax.timing.events import Definitions, FtoLevel, Offsets, offsets
from babble_jax.timing.splits import fold, split, straddling

By = Literal["group", "speaker"]


@dataclasses.dataclass(frozen=True, eq=False)
class HeldOut:
    """The offsets of a corpus in two parts.

    Attributes:
      value: [M] seconds.
      time_resolution: [M] seconds to which the source rounds its times.
      unit: [M] names of whom the split, and the intervals, keep together.
      train: [M] bool: those to fit on.
      conversations: how many have offsets on the training side, and on the other.
      speakers: one sentence on who may be on both sides.
    """

    value: np.ndarray
    time_resolution: np.ndarray
    unit: np.ndarray
    train: np.ndarray
    conversations: tuple[int, int]
    speakers: str

    def side(self, train: bool) -> tuple[np.ndarray, np.ndarray | None]:
        """Offsets of one side, and the widths of their cells; None where all of them are exact."""
        kept = self.train if train else ~self.train
        return self.value[kept], bin_widths(self.time_resolution[kept])

    def folds(self) -> list["HeldOut"]:
        """The same offsets, parted so that each is held out once; by `evaluate.fold` of the unit."""
        names, index = np.unique(self.unit, return_inverse=True)
        which = np.array([fold(str(name)) for name in names])[index]
        return [dataclasses.replace(self, train=which != one) for one in np.unique(which)]


def hold_out(
    conversations: Sequence[Conversation], fto_level: FtoLevel, definitions: Definitions, by: By = "group"
) -> HeldOut:
    """Parts the floor-transfer offsets of a corpus.

    Args:
      conversations: of any number of speakers.
      fto_level: of the offsets.
      definitions: of the events.
      by: "group": all conversations of a group are on one side. "speaker": all offsets of an incoming
        speaker are; who spoke before may be of the other side.

    Raises:
      BabbleError: no offsets, too few units for a split, or a split by speakers whom the names do not tell
        apart.
    """
    found = offsets(conversations, fto_level, definitions)
    if not len(found):
        raise BabbleError(
            f"No floor transfer at level {fto_level!r} in {len(conversations)} conversations; give some in which "
            "speakers take turns."
        )
    if by == "group":
        unit, side = np.array(found.group)[found.conversation], split(found.group)
        train, counts = side[found.conversation], (int(side.sum()), int((~side).sum()))
        sides = [
            [
                name
                for c, here in zip(conversations, side, strict=True)
                if here == which
                for name in c.speakers
            ]
            for which in (True, False)
        ]
        speakers = straddling(*sides)
    else:
        if not _named(conversations):
            raise BabbleError(
                "The speakers' names are those of channels or roles, not of people, so that a split by speaker "
                "is not possible; split by group."
            )
        unit = _speakers(conversations, found)
        names, index = np.unique(unit, return_inverse=True)
        train = split([str(name) for name in names], "speakers")[index]
        one, other = (len(np.unique(found.conversation[here])) for here in (train, ~train))
        counts = one, other
        speakers = "No held-out offset is of a training speaker; who spoke before it may be one."
    for here, where in ((train, "training"), (~train, "held-out")):
        if not here.any():
            raise BabbleError(
                f"The {where} conversations have no floor transfer at level {fto_level!r}; give more of them."
            )
    return HeldOut(found.value, found.time_resolution[found.conversation], unit, train, counts, speakers)


def _named(conversations: Sequence[Conversation]) -> bool:
    """Whether the names are of people: in every corpus more of them than speak in any one conversation.

    AMI's are; Switchboard's, Map Task's and CALLHOME's are those of channels and roles.
    """
    names: dict[str, set[str]] = {}
    most: dict[str, int] = {}
    for one in conversations:
        names.setdefault(one.corpus, set()).update(one.speakers)
        most[one.corpus] = max(most.get(one.corpus, 0), len(one.speakers))
    return all(len(names[corpus]) > most[corpus] for corpus in names)


def _speakers(conversations: Sequence[Conversation], found: Offsets) -> np.ndarray:
    """[M] names of the incoming speakers, after that of their corpus."""
    start = np.cumsum([0, *(len(one.speakers) for one in conversations)])
    names = np.array([f"{one.corpus} {name}" for one in conversations for name in one.speakers])
    return names[start[found.conversation] + found.speaker]
