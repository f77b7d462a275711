"""Fits families to the FTOs of a corpus and ranks them by FTOs that they were not fitted on.

Axes: M pooled floor-transfer offsets (FTOs). FTOs are seconds.
"""

from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.shards import observed_hours
from babble_jax.errors import BabbleError
from babble_jax.progress import Progress
from babble_jax.timing.distributions.binned import bin_widths
from babble_jax.timing.distributions.families import FAMILIES, check_families
from babble_jax.timing.distributions.family import Params
from babble_jax.timing.distributions.kde import KDE
from babble_jax.timing.evaluation.offsets.bootstrap import bootstrap_intervals
from babble_jax.timing.evaluation.offsets.held_out import By, hold_out, no_transfers
from babble_jax.timing.evaluation.offsets.ranking_of_counts import LARGE_HOURS, fit_by_counts
from babble_jax.timing.evaluation.offsets.report import FamilyFit, FitReport, SplitCount, parameter_count
from babble_jax.timing.evaluation.offsets.scores import TAILS, Scores, measure_tails, score_distribution
from babble_jax.timing.events import Definitions, FtoLevel, pool_ftos
from babble_jax.timing.splits import FEWEST_GROUPS, FOLDS


def fit(
    conversations: Sequence[Conversation],
    fto_level: FtoLevel = "ipu",
    definitions: Definitions | None = None,
    families: Sequence[str] = tuple(FAMILIES),
    by: By = "group",
    folds: int | None = None,
    heldout: bool = True,
) -> FitReport:
    """Fits families to floor-transfer offsets (FTOs) and ranks them by FTOs that they were not fitted on.

    Of more than 500 h of conversation one is in memory at a time: the FTOs are counted in bins of 1 ms, families are
    fitted to 100,000 quantiles of these, and intervals are over 200 buckets of groups in place of the groups.

    Args:
      conversations: of any number of speakers.
      fto_level: of the FTOs, "ipu" or "turn" (without backchannels).
      definitions: of the events; the standard ones by default.
      families: their names in `FAMILIES`; all by default.
      by: unit that the split keeps together: "group" (conversations that share people) or "speaker".
      folds: hold out every group once, in so many folds; 1 for a single split, a fifth of the groups held out. By
        default 5 folds below 30 groups, or as many as there are groups, and else a single split.
      heldout: score held-out FTOs; if not, all are fitted and the families are ranked by AIC (all but `kde`, which
        has no number of parameters).

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
    definitions = definitions or Definitions()
    if not heldout:
        families = _ranked_by_aic(families)
    if observed_hours(conversations) > LARGE_HOURS:
        report = fit_by_counts(conversations, fto_level, definitions, families, by, folds, heldout)
        if report is not None:
            return report
    if not heldout:
        return _fit_all(conversations, fto_level, definitions, families, by)
    parts = hold_out(conversations, fto_level, definitions, by, check=False)
    units = len(np.unique(parts.unit))
    folds = (min(units, FOLDS) if units < FEWEST_GROUPS else 1) if folds is None else folds
    if folds == 1:
        parts.check(fto_level)
    splits = [parts] if folds == 1 else parts.folds(folds)

    scored = {name: _FoldScores(len(parts.fto)) for name in families}
    params: dict[str, Params] = {}
    total = len(families) * (1 if folds == 1 else folds + 1)
    with Progress(f"fitting offsets at level {fto_level}", total=total, unit="families") as progress:
        for name in families:
            family = FAMILIES[name]
            for one in splits:
                params[name] = family.fit(*one.select(True))
                scored[name].add(~one.train, score_distribution(family, params[name], *one.select(False)))
                progress.update(family=name, heldout_nats=scored[name].mean_nats)
            if folds > 1:
                params[name] = family.fit(parts.fto, bin_widths(parts.time_resolution))
                progress.update(family=name)
    seen = ~parts.train if folds == 1 else np.ones(len(parts.fto), bool)
    unseen = parts.fto[seen]
    train = SplitCount(parts.conversations[0], int(parts.train.sum()))
    others = SplitCount(parts.conversations[1], len(unseen))
    if folds > 1:
        train = others = SplitCount(parts.with_ftos, len(unseen))
    return FitReport(
        fto_level=fto_level,
        by=by,
        train=train,
        heldout=others,
        groups=len(np.unique(parts.unit[seen])),
        speakers=parts.speakers if folds == 1 else "Every group is held out once.",
        tails=measure_tails(unseen),
        families=_rank(scored, params, parts.unit, seen),
        fto=unseen,
        width=bin_widths(parts.time_resolution[seen]),
        folds=folds,
    )


class _FoldScores:
    """The scores of a family on the FTOs of all folds, [M]."""

    def __init__(self, count: int):
        self.nats, self.crps = np.zeros(count), np.zeros(count)
        self._folds: list[tuple[np.ndarray, Scores]] = []

    def add(self, rows: np.ndarray, scores: Scores) -> None:
        """Adds the scores of the held-out FTOs of a fold, of which `rows`, [M] bool, says which they are."""
        self.nats[rows], self.crps[rows] = scores.nats, scores.crps
        self._folds.append((rows, scores))

    @property
    def mean_nats(self) -> float:
        """Mean log density of the FTOs that were scored."""
        return float(np.mean(np.concatenate([scores.nats for _, scores in self._folds])))

    @property
    def means(self) -> tuple[float, float, dict[str, float]]:
        """KS, W1 and tails, weighted by the FTOs of each fold."""
        if len(self._folds) == 1:
            scores = self._folds[0][1]
            return scores.ks, scores.w1_ms, scores.tails
        weight = np.array([rows.sum() for rows, _ in self._folds]) / len(self.nats)
        values = [[s.ks, s.w1_ms, *(s.tails[name] for name in TAILS)] for _, s in self._folds]
        ks, w1_ms, *tails = (weight @ np.array(values)).tolist()
        return ks, w1_ms, dict(zip(TAILS, tails, strict=True))


def _ranked_by_aic(families: Sequence[str]) -> list[str]:
    """Returns the families that have a number of parameters."""
    names = [name for name in families if name != KDE.name]
    if not names:
        raise BabbleError(f"{KDE.name} can only be ranked by held-out offsets; choose another family.")
    return names


def _fit_all(
    conversations: Sequence[Conversation],
    fto_level: FtoLevel,
    definitions: Definitions,
    families: Sequence[str],
    by: By,
) -> FitReport:
    """Fits families to all FTOs and ranks them by AIC; arguments as of `fit`."""
    pooled = pool_ftos(conversations, fto_level, definitions)
    if not len(pooled):
        raise no_transfers(conversations, fto_level)
    y, width = pooled.fto, bin_widths(pooled.time_resolution[pooled.conversation])
    fits = []
    with Progress(f"fitting offsets at level {fto_level}", total=len(families), unit="families") as progress:
        for name in families:
            family = FAMILIES[name]
            params = family.fit(y, width)
            scores = score_distribution(family, params, y, width)
            aic = float(np.mean(scores.nats)) - parameter_count(params) / len(y)
            crps = float(np.mean(scores.crps))
            fits.append(
                FamilyFit(
                    name, None, crps, params, None, None, scores.ks, scores.w1_ms, scores.tails, aic_nats=aic
                )
            )
            progress.update(family=name, aic_nats=aic)
    return FitReport(
        fto_level=fto_level,
        by=by,
        train=SplitCount(len(np.unique(pooled.conversation)), len(y)),
        heldout=SplitCount(0, 0),
        groups=0,
        speakers="Nothing is held out.",
        tails=measure_tails(y),
        families=tuple(sorted(fits, key=lambda one: -(one.aic_nats or 0.0))),
        fto=y,
        width=width,
        folds=0,
    )


def _rank(
    scored: dict[str, _FoldScores], params: dict[str, Params], unit: np.ndarray, seen: np.ndarray
) -> tuple[FamilyFit, ...]:
    """Ranks the families, best first, with their intervals over the groups of the FTOs that were held out.

    Args:
      scored: by name of the family.
      params: of the fit that is reported.
      unit: [M] group of each FTO.
      seen: [M] bool, whether an FTO was held out.
    """
    group = unit[seen]
    order = sorted(scored, key=lambda name: -np.mean(scored[name].nats[seen]))
    nats = np.stack([scored[name].nats[seen] for name in order])
    rows = zip(
        order, bootstrap_intervals(nats, group), bootstrap_intervals(nats - nats[:1], group), strict=True
    )
    families = []
    for name, interval, difference in rows:
        ks, w1_ms, tails = scored[name].means
        families.append(
            FamilyFit(
                name=name,
                heldout_nats=interval.value,
                crps=float(np.mean(scored[name].crps[seen])),
                params=params[name],
                interval=interval,
                difference=difference,
                ks=ks,
                w1_ms=w1_ms,
                tails=tails,
            )
        )
    return tuple(families)
