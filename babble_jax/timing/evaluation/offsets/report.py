"""The result of fitting families to the floor-transfer offsets (FTOs) of a corpus.

Axes: M pooled FTOs, S quantiles. FTOs are seconds.
"""

import dataclasses
from typing import Any

import numpy as np

from babble_jax.timing.distributions.family import Params, to_json
from babble_jax.timing.distributions.shared_mixture import LOC
from babble_jax.timing.evaluation.offsets.bootstrap import Interval
from babble_jax.timing.evaluation.offsets.held_out import By
from babble_jax.timing.events import FtoLevel


@dataclasses.dataclass(frozen=True)
class SplitCount:
    """Counts one side of a split."""

    conversations: int
    offsets: int


@dataclasses.dataclass(frozen=True, eq=False)
class Quantiles:
    """Offsets that stand for all of a large corpus.

    Attributes:
      fto: [S] seconds, in order.
      width: [S] seconds, of the bins of which `fto` are the middles; None where the corpus is timed finely.
      offsets: how many there are in all.
    """

    fto: np.ndarray
    width: np.ndarray | None
    offsets: int


@dataclasses.dataclass(frozen=True, eq=False)
class FamilyFit:
    """A family that is fitted to the training FTOs, and its scores on those held out.

    In a cross-validation the parameters are of a fit to all FTOs, and the scores are those of the fits to the other
    folds (KS, W1 and tails: means over the folds, weighted by their FTOs). Where nothing is held out, all scores are
    of the FTOs that were fitted.

    Attributes:
      name: a key of `FAMILIES`.
      heldout_nats: mean log density of the held-out FTOs; higher is better. None where nothing is held out.
      crps: their mean continuous ranked probability score, seconds; lower is better.
      params: the fitted parameters, float64 arrays.
      interval: of `heldout_nats`, over the held-out groups; None likewise.
      difference: of `heldout_nats` to that of the best family, paired over the same groups; 0 for that one.
      ks: Kolmogorov-Smirnov distance from the held-out FTOs.
      w1_ms: Wasserstein-1 distance from them, milliseconds.
      tails: probability of each tail, see `FitReport.tails`.
      aic_nats: mean log density of the FTOs that were fitted, less the number of parameters per FTO (Akaike, IEEE
        Trans. Autom. Control 19 (1974)); where nothing is held out, else None.
    """

    name: str
    heldout_nats: float | None
    crps: float
    params: Params
    interval: Interval | None
    difference: Interval | None
    ks: float
    w1_ms: float
    tails: dict[str, float]
    aic_nats: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values."""
        interval, difference = self.interval, self.difference
        values = {
            "name": self.name,
            "heldout_nats": self.heldout_nats,
            "interval": None if interval is None else [interval.low, interval.high],
            "difference": None if difference is None else dataclasses.asdict(difference),
            "crps": self.crps,
            "ks": self.ks,
            "w1_ms": self.w1_ms,
            "tails": self.tails,
            "parameters": to_json(self.params),
        }
        return values if self.aic_nats is None else values | {"aic_nats": self.aic_nats}


@dataclasses.dataclass(frozen=True, eq=False)
class FitReport:
    """The families that were fitted to a corpus, best first by held-out nats; `babble fit` prints it.

    Attributes:
      fto_level: of the FTOs, "ipu" or "turn".
      by: unit that the split and the intervals keep together.
      train: count of those that the families were fitted on.
      heldout: count of those that they were scored on; in a cross-validation all.
      groups: number of held-out groups, or speakers, that the intervals are over.
      speakers: one sentence on who may be on both sides of the split.
      tails: shares of the held-out FTOs below -1 s, above 1 s and above 2 s.
      families: best first.
      fto: [M] seconds, held out; all where nothing is. Of a large corpus quantiles of these.
      width: [M] seconds, of the bins of which `fto` are the middles; None where the corpus is timed finely.
      folds: of a cross-validation; 1 for a single split, 0 where nothing is held out.
      quantiles: of all FTOs of a large corpus, to which families are fitted; None of one that is fitted as it is.
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
    folds: int = 1
    quantiles: Quantiles | None = None

    def to_json(self) -> dict[str, Any]:
        """Returns the object that `babble fit --json` prints."""
        return {
            "level": self.fto_level,
            "by": self.by,
            "folds": self.folds,
            "train": dataclasses.asdict(self.train),
            "heldout": dataclasses.asdict(self.heldout),
            "heldout_groups": self.groups,
            "speakers": self.speakers,
            "tails": self.tails,
            "interval_censored": self.width is not None,
            "families": [family.to_json() for family in self.families],
        }

    def cross_validated_json(self) -> dict[str, Any]:
        """Returns the object `cross_validated` of `babble fit --json`: the scores of a cross-validation alone."""
        names = ("name", "heldout_nats", "interval", "difference")
        return {
            "level": self.fto_level,
            "folds": self.folds,
            "groups": self.groups,
            "offsets": self.heldout.offsets,
            "families": [{name: one.to_json()[name] for name in names} for one in self.families],
        }


def parameter_count(params: Params) -> int:
    """Counts the free parameters of a distribution: weights sum to 1, and the components of `shared_mixture` are
    fixed.
    """
    count = sum(np.size(value) for value in params.values())
    weights = np.size(params.get("weight", 0.0))
    if "weight" not in params:
        return count
    fixed = weights == len(LOC) and np.array_equal(params["loc"], LOC)
    return weights - 1 if fixed else count - 1
