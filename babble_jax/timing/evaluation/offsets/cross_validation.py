"""Scores families with each group held out once: for corpora of so few groups that one split says little.

Axes: M pooled floor-transfer offsets (FTOs).
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.progress import Progress
from babble_jax.timing.distributions.families import FAMILIES, check_families
from babble_jax.timing.evaluation.offsets.bootstrap import Interval, bootstrap_intervals
from babble_jax.timing.evaluation.offsets.held_out import By, hold_out
from babble_jax.timing.evaluation.offsets.scores import log_density
from babble_jax.timing.events import Definitions, FtoLevel


@dataclasses.dataclass(frozen=True)
class CrossValidatedFamily:
    """The cross-validated score of one family.

    Attributes:
      name: a key of `FAMILIES`.
      heldout: mean log density of all FTOs, nats, each under the fit on the other folds; with its interval
        over all groups.
      difference: of that to the best family's, paired over the same groups; 0 for that one.
    """

    name: str
    heldout: Interval
    difference: Interval


@dataclasses.dataclass(frozen=True)
class CrossValidation:
    """The cross-validated scores of all families, best first.

    Attributes:
      fto_level: of the FTOs, "ipu" or "turn".
      folds: their number.
      groups: number of groups, or of speakers, that the intervals are over.
      offsets: number of FTOs, each scored once.
      families: best first.
    """

    fto_level: FtoLevel
    folds: int
    groups: int
    offsets: int
    families: tuple[CrossValidatedFamily, ...]

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values."""
        rows = [
            {
                "name": one.name,
                "heldout_nats": one.heldout.value,
                "interval": [one.heldout.low, one.heldout.high],
                "difference": dataclasses.asdict(one.difference),
            }
            for one in self.families
        ]
        return {
            "level": self.fto_level,
            "folds": self.folds,
            "groups": self.groups,
            "offsets": self.offsets,
            "families": rows,
        }


def cross_validate(
    conversations: Sequence[Conversation],
    fto_level: FtoLevel = "ipu",
    definitions: Definitions | None = None,
    families: Sequence[str] = tuple(FAMILIES),
    by: By = "group",
) -> CrossValidation:
    """Scores each FTO under a fit on the folds without its group.

    The folds are by the hash of the group that `fit` splits by, and the last of them is what `fit` holds out.

    Args:
      conversations: of any number of speakers.
      fto_level: of the FTOs, "ipu" or "turn".
      definitions: of the events; the standard ones by default.
      families: their names in `FAMILIES`.
      by: unit that the folds keep together, see `hold_out`.

    Raises:
      BabbleError: as `fit` does.
    """
    check_families(families)
    parts = hold_out(conversations, fto_level, definitions or Definitions(), by)
    folds = parts.folds()
    nats = np.zeros((len(families), len(parts.fto)))
    total = len(folds) * len(families)
    with Progress(f"cross-validating at level {fto_level}", total=total, unit="fits") as progress:
        for one in folds:
            (y, width), (heldout, heldout_width) = one.select(True), one.select(False)
            for row, name in zip(nats, families, strict=True):
                row[~one.train] = log_density(
                    FAMILIES[name], FAMILIES[name].fit(y, width), heldout, heldout_width
                )
                progress.update(family=name)
    order: list[int] = np.argsort(-nats.mean(axis=1), kind="stable").tolist()
    own, others = (bootstrap_intervals(rows, parts.unit) for rows in (nats, nats - nats[order[0]]))
    ranked = [CrossValidatedFamily(families[i], own[i], others[i]) for i in order]
    return CrossValidation(
        fto_level=fto_level,
        folds=len(folds),
        groups=len(np.unique(parts.unit)),
        offsets=len(parts.fto),
        families=tuple(ranked),
    )
