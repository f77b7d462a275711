"""Fits every family to the offsets of a corpus and ranks them by offsets that they were not fitted on.

Axes: M pooled offsets. Offsets are seconds.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.progress import Progress
from babble_jax.timing.distributions.families import FAMILIES, check_families
from babble_jax.timing.distributions.family import Params, to_json
from babble_jax.timing.evaluation.offsets.bootstrap import Interval, intervals
from babble_jax.timing.evaluation.offsets.held_out import By, hold_out
from babble_jax.timing.evaluation.offsets.scores import Scores, data_tails, scores
from babble_jax.timing.events import Definitions, FtoLevel


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
      fto_level: of the offsets.
      by: what the split and the intervals keep together.
      train: what the families were fitted on.
      heldout: what they were scored on.
      groups: number of held-out groups, or speakers, which the intervals are over.
      speakers: one sentence on who may be on both sides of the split.
      tails: shares of the held-out offsets below -1 s, above 1 s and above 2 s.
      families: best first.
      values: [M] the held-out offsets, seconds.
      width: [M] seconds, of the cells in which they lie; None where the corpus is timed finely.
    """

    fto_level: FtoLevel
    by: By
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
            "level": self.fto_level,
            "by": self.by,
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
    fto_level: FtoLevel = "ipu",
    definitions: Definitions | None = None,
    families: Sequence[str] = tuple(FAMILIES),
    by: By = "group",
) -> FitReport:
    """Fits the families to the floor-transfer offsets of the training groups and scores them on the others.

    Args:
      conversations: of any number of speakers.
      fto_level: of the offsets, "ipu" or "turn".
      definitions: of the events; the standard ones where absent.
      families: which, by their names in `FAMILIES`.
      by: what the split keeps together, see `hold_out`.

    Raises:
      BabbleError: an unknown family, no or too few offsets, too few groups for a split, or no names for one by
        speaker.
    """
    check_families(families)
    parts = hold_out(conversations, fto_level, definitions or Definitions(), by)
    (y, width), (heldout, width_heldout) = parts.side(True), parts.side(False)

    fitted: dict[str, tuple[Params, Scores]] = {}
    with Progress(f"fitting offsets at level {fto_level}", total=len(families), unit="families") as progress:
        for name in families:
            params = FAMILIES[name].fit(y, width)
            fitted[name] = params, scores(FAMILIES[name], params, heldout, width_heldout)
            progress.update(family=name, heldout_nats=float(np.mean(fitted[name][1].nats)))
    group = parts.unit[~parts.train]
    return FitReport(
        fto_level=fto_level,
        by=by,
        train=Count(parts.conversations[0], len(y)),
        heldout=Count(parts.conversations[1], len(heldout)),
        groups=len(np.unique(group)),
        speakers=parts.speakers,
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
