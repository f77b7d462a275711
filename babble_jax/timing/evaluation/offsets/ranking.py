"""Fits families to the FTOs of a corpus and ranks them by FTOs that they were not fitted on.

Axes: M pooled floor-transfer offsets (FTOs). FTOs are seconds.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.progress import Progress
from babble_jax.timing.distributions.families import FAMILIES, check_families
from babble_jax.timing.distributions.family import Params, to_json
from babble_jax.timing.evaluation.offsets.bootstrap import Interval, bootstrap_intervals
from babble_jax.timing.evaluation.offsets.held_out import By, hold_out
from babble_jax.timing.evaluation.offsets.scores import Scores, measure_tails, score_distribution
from babble_jax.timing.events import Definitions, FtoLevel


@dataclasses.dataclass(frozen=True)
class SplitCount:
    """Counts one side of a split."""

    conversations: int
    offsets: int


@dataclasses.dataclass(frozen=True, eq=False)
class FamilyFit:
    """A family that is fitted to the training FTOs, and its scores on those held out.

    Attributes:
      name: a key of `FAMILIES`.
      heldout_nats: mean log density of the held-out FTOs; higher is better.
      crps: their mean continuous ranked probability score, seconds; lower is better.
      params: the fitted parameters, float64 arrays.
      interval: of `heldout_nats`, over the held-out groups.
      difference: of `heldout_nats` to that of the best family, paired over the same groups; 0 for that one.
      ks: Kolmogorov-Smirnov distance from the held-out FTOs.
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
        """Returns plain JSON values."""
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
    """The families that were fitted to a corpus, best first by held-out nats; `babble fit` prints it.

    Attributes:
      fto_level: of the FTOs, "ipu" or "turn".
      by: unit that the split and the intervals keep together.
      train: count of those that the families were fitted on.
      heldout: count of those that they were scored on.
      groups: number of held-out groups, or speakers, that the intervals are over.
      speakers: one sentence on who may be on both sides of the split.
      tails: shares of the held-out FTOs below -1 s, above 1 s and above 2 s.
      families: best first.
      fto: [M] seconds, held out.
      width: [M] seconds, of the bins of which `fto` are the middles; None where the corpus is timed finely.
    """

    fto_level: FtoLevel
    by: By
    train: SplitCount
    heldout: SplitCount
    groups: int
    speakers: str
    tails: dict[str, float]
    families: tuple[FamilyFit, ...]
    fto: np.ndarray
    width: np.ndarray | None

    def to_json(self) -> dict[str, Any]:
        """Returns the object that `babble fit --json` prints."""
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
    """Fits families to the floor-transfer offsets (FTOs) of training groups, and scores them on the others.

    Args:
      conversations: of any number of speakers.
      fto_level: of the FTOs, "ipu" or "turn" (without backchannels).
      definitions: of the events; the standard ones by default.
      families: their names in `FAMILIES`; all by default.
      by: unit that the split keeps together: "group" (conversations that share people) or "speaker".

    Returns:
      The report, families best first by mean log density of the held-out FTOs (nats).

    Raises:
      BabbleError: an unknown family, no or too few FTOs, too few groups for a split, or no names for one by
        speaker.

    Examples:
      >>> report = fit(read("corpus").conversations, families=["normal", "johnson_su"])
      >>> sorted(family.name for family in report.families)
      ['johnson_su', 'normal']
      >>> report.families[0].heldout_nats >= report.families[1].heldout_nats
      True
    """
    check_families(families)
    parts = hold_out(conversations, fto_level, definitions or Definitions(), by)
    (y, width), (heldout, heldout_width) = parts.select(True), parts.select(False)

    scored: dict[str, tuple[Params, Scores]] = {}
    with Progress(f"fitting offsets at level {fto_level}", total=len(families), unit="families") as progress:
        for name in families:
            params = FAMILIES[name].fit(y, width)
            scored[name] = params, score_distribution(FAMILIES[name], params, heldout, heldout_width)
            progress.update(family=name, heldout_nats=float(np.mean(scored[name][1].nats)))
    group = parts.unit[~parts.train]
    return FitReport(
        fto_level=fto_level,
        by=by,
        train=SplitCount(parts.conversations[0], len(y)),
        heldout=SplitCount(parts.conversations[1], len(heldout)),
        groups=len(np.unique(group)),
        speakers=parts.speakers,
        tails=measure_tails(heldout),
        families=_rank(scored, group),
        fto=heldout,
        width=heldout_width,
    )


def _rank(scored: dict[str, tuple[Params, Scores]], group: np.ndarray) -> tuple[FamilyFit, ...]:
    """Ranks the families, best first, with their intervals over the groups of the held-out FTOs, [M]."""
    order = sorted(scored, key=lambda name: -np.mean(scored[name][1].nats))
    nats = np.stack([scored[name][1].nats for name in order])
    rows = zip(
        order, bootstrap_intervals(nats, group), bootstrap_intervals(nats - nats[:1], group), strict=True
    )
    families = []
    for name, interval, difference in rows:
        params, score = scored[name]
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
