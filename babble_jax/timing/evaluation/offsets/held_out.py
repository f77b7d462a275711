"""Holds FTOs out: those of groups of people, or those of incoming speakers.

Axes: C conversations, M pooled floor-transfer offsets (FTOs).
"""

import dataclasses
from collections.abc import Sequence
from typing import Literal

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.plural import plural
from babble_jax.timing.distributions.binned import bin_widths
from babble_jax.timing.events import Definitions, FtoLevel, PooledFtos, pool_ftos
from babble_jax.timing.splits import FOLDS, deal_folds, describe_overlap, split

By = Literal["group", "speaker"]


@dataclasses.dataclass(frozen=True, eq=False)
class HeldOut:
    """The FTOs of a corpus, split into those to fit on and those held out.

    Attributes:
      fto: [M] seconds.
      time_resolution: [M] seconds to which the source rounds its times.
      unit: [M] names of the groups or speakers that the split, and the intervals, keep together.
      train: [M] bool: those to fit on.
      conversations: how many have FTOs to fit on, and how many have FTOs held out.
      speakers: one sentence on who may be on both sides.
      with_ftos: how many conversations have FTOs.
    """

    fto: np.ndarray
    time_resolution: np.ndarray
    unit: np.ndarray
    train: np.ndarray
    conversations: tuple[int, int]
    speakers: str
    with_ftos: int

    def select(self, train: bool) -> tuple[np.ndarray, np.ndarray | None]:
        """Selects the FTOs to fit on, or those held out: seconds, and the widths of their bins; None where exact."""
        rows = self.train if train else ~self.train
        return self.fto[rows], bin_widths(self.time_resolution[rows])

    def check(self, fto_level: FtoLevel) -> None:
        """Checks that both sides have FTOs.

        Raises:
          BabbleError: one has none.
        """
        for here, where in ((self.train, "training"), (~self.train, "held-out")):
            if not here.any():
                raise BabbleError(
                    f"The {where} conversations have no floor transfer at level {fto_level!r}; give more of them."
                )

    def folds(self, count: int = FOLDS) -> list["HeldOut"]:
        """Splits the same FTOs so that each is held out once, into `count` folds by `splits.deal_folds` of the unit."""
        names, index = np.unique(self.unit, return_inverse=True)
        which = deal_folds([str(name) for name in names], count)[index]
        return [dataclasses.replace(self, train=which != one) for one in np.unique(which)]


def hold_out(
    conversations: Sequence[Conversation],
    fto_level: FtoLevel,
    definitions: Definitions,
    by: By = "group",
    check: bool = True,
) -> HeldOut:
    """Splits the FTOs of a corpus.

    Args:
      conversations: [C] of any number of speakers.
      fto_level: of the FTOs, "ipu" or "turn".
      definitions: of the events.
      by: "group": all conversations of a group are on one side. "speaker": all FTOs of an incoming
        speaker are; who spoke before may be of the other side.
      check: refuse a split of which one side has no FTOs; folds need none.

    Raises:
      BabbleError: no FTOs, too few units for a split, or a split by speakers whom the names do not tell
        apart.
    """
    pooled = pool_ftos(conversations, fto_level, definitions)
    if not len(pooled):
        raise no_transfers(conversations, fto_level)
    if by == "group":
        unit, training = np.array(pooled.group)[pooled.conversation], split(pooled.group)
        train, counts = training[pooled.conversation], (int(training.sum()), int((~training).sum()))
        names_by_side = [
            [
                name
                for c, here in zip(conversations, training, strict=True)
                if here == which
                for name in c.speakers
            ]
            for which in (True, False)
        ]
        speakers = describe_overlap(*names_by_side)
    else:
        if not _identify_people(conversations):
            raise no_people()
        unit = _speaker_names(conversations, pooled)
        names, index = np.unique(unit, return_inverse=True)
        train = split([str(name) for name in names], "speaker")[index]
        one, other = (len(np.unique(pooled.conversation[here])) for here in (train, ~train))
        counts = one, other
        speakers = "No held-out offset is of a training speaker; who spoke before it may be one."
    parts = HeldOut(
        pooled.fto,
        pooled.time_resolution[pooled.conversation],
        unit,
        train,
        counts,
        speakers,
        len(np.unique(pooled.conversation)),
    )
    if check:
        parts.check(fto_level)
    return parts


def no_transfers(conversations: Sequence[Conversation], fto_level: FtoLevel) -> BabbleError:
    """Returns the error of conversations, [C], without an FTO at a level."""
    return BabbleError(
        f"No floor transfer at level {fto_level!r} in {plural(len(conversations), 'conversation')}; give some in "
        "which speakers take turns."
    )


def no_people() -> BabbleError:
    """Returns the error of a split by speakers whom the names do not tell apart."""
    return BabbleError(
        "The speakers' names are those of channels or roles, not of people, so that a split by speaker is not "
        "possible; split by group."
    )


def _identify_people(conversations: Sequence[Conversation]) -> bool:
    """Tells whether the names are of people: in every corpus more of them than speak in any one conversation.

    AMI's are; Switchboard's, Map Task's and CALLHOME's are those of channels and roles.
    """
    names: dict[str, set[str]] = {}
    most: dict[str, int] = {}
    for one in conversations:
        names.setdefault(one.corpus, set()).update(one.speakers)
        most[one.corpus] = max(most.get(one.corpus, 0), len(one.speakers))
    return all(len(names[corpus]) > most[corpus] for corpus in names)


def _speaker_names(conversations: Sequence[Conversation], pooled: PooledFtos) -> np.ndarray:
    """Returns the names of the incoming speakers, [M], after that of their corpus."""
    start = np.cumsum([0, *(len(one.speakers) for one in conversations)])
    names = np.array([f"{one.corpus} {name}" for one in conversations for name in one.speakers])
    return names[start[pooled.conversation] + pooled.speaker]
