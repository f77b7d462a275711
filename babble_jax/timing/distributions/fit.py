"""Fits every family to the offsets of a corpus and ranks them by offsets that they were not fitted on.

Axes: C conversations, M pooled offsets. Offsets are seconds.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.progress import Progress
from babble_jax.timing.distributions.bootstrap import Interval, intervals
from babble_jax.timing.distributions.censored import cells
from babble_jax.timing.distributions.evaluate import split, straddling
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.family import Params, to_json
from babble_jax.timing.distributions.scores import Scores, data_tails, scores
from babble_jax.timing.events import Definitions, Level, offsets


@dataclasses.dataclass(frozen=True)
class Count:
    """How much is on one side of the split."""

    conversations: int
    offsets: int


@dataclasses.dataclass(frozen=True, eq=False)
class FamilyFit:
    """One family, fitted on the training side.

    Attributes:
      name: a key of `FAMILIES`.
      heldout_nats: mean log density of the held-out offsets; higher is better.
      crps: their mean continuous ranked probability score, seconds; lower is better.
      params: the fitted parameters, float64 arrays.
      interval: of `heldout_nats`, over the held-out groups.
      difference: of `heldout_nats` to that of the best family, paired over the same groups; 0 for that one.
      ks: Kolmogorov-Smirnov distance from the held-out offsets.
      w1_ms: Wasserstein-1 distance from them, milliseconds.
      tails: probability of each tail, see `FitReport.tails`.
    """

    name: str
    heldout_nats: float
    crps: float
    params: Params
    interval: Interval
    difference: Interval
    ks: float
    w1_ms: float
    tails: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "name": self.name,
            "heldout_nats": self.heldout_nats,
            "interval": [self.interval.low, self.interval.high],
            "difference": dataclasses.asdict(self.difference),
            "crps": self.crps,
            "ks": self.ks,
            "w1_ms": self.w1_ms,
            "tails": self.tails,
            "parameters": to_json(self.params),
        }


@dataclasses.dataclass(frozen=True, eq=False)
class FitReport:
    """What `babble fit` prints; `families` best first, by held-out nats.

    Attributes:
      level: of the offsets.
      train: what the families were fitted on.
      heldout: what they were scored on.
      groups: number of held-out groups, which the intervals are over.
      speakers: one sentence on who may be on both sides of the split.
      tails: shares of the held-out offsets below -1 s, above 1 s and above 2 s.
      families: best first.
      values: [M] the held-out offsets, seconds.
      width: [M] seconds, of the cells in which they lie; None where the corpus is timed finely.
    """

    level: Level
    train: Count
    heldout: Count
    groups: int
    speakers: str
    tails: dict[str, float]
    families: tuple[FamilyFit, ...]
    values: np.ndarray
    width: np.ndarray | None

    def to_json(self) -> dict[str, Any]:
        """The object that `babble fit --json` prints."""
        return {
            "level": self.level,
            "train": dataclasses.asdict(self.train),
            "heldout": dataclasses.asdict(self.heldout),
            "heldout_groups": self.groups,
            "speakers": self.speakers,
            "tails": self.tails,
            "interval_censored": self.width is not None,
            "families": [family.to_json() for family in self.families],
        }


def fit(
    conversations: Sequence[Conversation],
    level: Level = "ipu",
    definitions: Definitions | None = None,
    families: Sequence[str] = tuple(FAMILIES),
) -> FitReport:
    """Fits the families to the floor-transfer offsets of the training groups and scores them on the others.

    Args:
      conversations: of any number of speakers.
      level: of the offsets, "ipu" or "turn".
      definitions: of the events; the standard ones where absent.
      families: which, by their names in `FAMILIES`.

    Raises:
      BabbleError: an unknown family, no or too few offsets, or too few groups for a split.
    """
    unknown = sorted(set(families) - set(FAMILIES))
    if unknown or not families:
        raise BabbleError(f"There is no family {', '.join(unknown)!r}; choose from {', '.join(FAMILIES)}.")
    found = offsets(conversations, level, definitions or Definitions())
    if not len(found):
        raise BabbleError(
            f"No floor transfer at level {level!r} in {len(conversations)} conversations; give some in which "
            "speakers take turns."
        )
    train = split(found.group)
    training = train[found.conversation]
    y, heldout = found.value[training], found.value[~training]
    for values, side in ((y, "training"), (heldout, "held-out")):
        if not len(values):
            raise BabbleError(
                f"The {side} conversations have no floor transfer at level {level!r}; give more of them."
            )
    grid = found.grid[found.conversation]
    width, width_heldout = cells(grid[training]), cells(grid[~training])

    fitted: dict[str, tuple[Params, Scores]] = {}
    with Progress(f"fitting offsets at level {level}", total=len(families), unit="families") as progress:
        for name in families:
            params = FAMILIES[name].fit(y, width)
            fitted[name] = params, scores(FAMILIES[name], params, heldout, width_heldout)
            progress.update(family=name, heldout_nats=float(np.mean(fitted[name][1].nats)))
    group = np.array(found.group)[found.conversation[~training]]
    sides = [
        [name for c, side in zip(conversations, train, strict=True) if side == which for name in c.speakers]
        for which in (True, False)
    ]
    number = int(np.count_nonzero(train))
    return FitReport(
        level=level,
        train=Count(number, len(y)),
        heldout=Count(len(train) - number, len(heldout)),
        groups=len(np.unique(group)),
        speakers=straddling(*sides),
        tails=data_tails(heldout),
        families=_ranked(fitted, group),
        values=heldout,
        width=width_heldout,
    )


def _ranked(fitted: dict[str, tuple[Params, Scores]], group: np.ndarray) -> tuple[FamilyFit, ...]:
    """The families, best first, with their intervals over the groups of the held-out offsets, [M]."""
    order = sorted(fitted, key=lambda name: -np.mean(fitted[name][1].nats))
    nats = np.stack([fitted[name][1].nats for name in order])
    rows = zip(order, intervals(nats, group), intervals(nats - nats[:1], group), strict=True)
    families = []
    for name, interval, difference in rows:
        params, score = fitted[name]
        families.append(
            FamilyFit(
                name=name,
                heldout_nats=interval.value,
                crps=float(np.mean(score.crps)),
                params=params,
                interval=interval,
                difference=difference,
                ks=score.ks,
                w1_ms=score.w1_ms,
                tails=score.tails,
            )
        )
    return tuple(families)
