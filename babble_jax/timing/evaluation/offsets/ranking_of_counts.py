"""Ranks families by the offsets of a large corpus, which are counted and never all in memory.

Axes: V bins, B buckets of groups.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.progress import Progress
from babble_jax.timing.distributions.binned import bin_widths
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.family import Params
from babble_jax.timing.evaluation.offsets.bootstrap import sum_intervals
from babble_jax.timing.evaluation.offsets.held_out import By, no_people, no_transfers
from babble_jax.timing.evaluation.offsets.offset_counts import BUCKETS, OffsetCounts, count_offsets, is_train
from babble_jax.timing.evaluation.offsets.report import (
    FamilyFit,
    FitReport,
    Quantiles,
    SplitCount,
    parameter_count,
)
from babble_jax.timing.evaluation.offsets.scores import TAILS, measure_tails, score_distribution
from babble_jax.timing.events import Definitions, FtoLevel
from babble_jax.timing.splits import FEWEST_GROUPS, FOLDS, describe_overlap

LARGE_HOURS = 500.0
"""Hours of conversation beyond which offsets are counted: a third of a million of them, or more."""


def fit_by_counts(
    conversations: Sequence[Conversation],
    fto_level: FtoLevel,
    definitions: Definitions,
    families: Sequence[str],
    by: By,
    folds: int | None,
    heldout: bool,
) -> FitReport | None:
    """Fits families and ranks them as `ranking.fit` does, with one conversation in memory at a time.

    Args:
      conversations: of any number of speakers.
      fto_level: of the FTOs.
      definitions: of the events.
      families: their names.
      by: unit that the split keeps together.
      folds: of a cross-validation; None for a single split.
      heldout: score held-out FTOs.

    Returns:
      The report; None where so few groups or speakers are there that the FTOs have to be split one by one.

    Raises:
      BabbleError: no FTOs, or no names of people for a split by speaker.
    """
    counts = count_offsets(conversations, fto_level, definitions, by)
    if not len(counts):
        raise no_transfers(conversations, fto_level)
    if by == "speaker" and not counts.are_people:
        raise no_people()
    if counts.units.sum() < FEWEST_GROUPS:
        return None
    everything = np.ones(BUCKETS, bool)
    quantiles = Quantiles(*counts.quantiles(everything), len(counts))
    if not heldout:
        return _fit_all(counts, fto_level, families, by, quantiles)
    training = np.array([is_train(number) for number in range(BUCKETS)])
    splits = [~training] if folds in (None, 1) else _deal_folds(int(folds))
    scores = {name: _Scores() for name in families}
    params: dict[str, Params] = {}
    total = len(families) * (len(splits) + (len(splits) > 1))
    with Progress(f"fitting offsets at level {fto_level}", total=total, unit="families") as progress:
        for name in families:
            for held_out in splits:
                params[name] = FAMILIES[name].fit(*counts.quantiles(~held_out))
                scores[name].add(name, params[name], counts, held_out)
                progress.update(family=name, heldout_nats=scores[name].mean_nats)
            if len(splits) > 1:
                params[name] = FAMILIES[name].fit(quantiles.fto, quantiles.width)
                progress.update(family=name)
    seen = ~training if len(splits) == 1 else everything
    fto, width = counts.quantiles(seen)
    offsets = int(counts.bins(seen)[2].sum())
    if len(splits) == 1:
        train = SplitCount(counts.conversations[0], len(counts) - offsets)
        others = SplitCount(counts.conversations[1], offsets)
        overlap = describe_overlap(*(sorted(names) for names in counts.names))
        if by == "speaker":
            overlap = "No held-out offset is of a training speaker; who spoke before it may be one."
    else:
        train = others = SplitCount(counts.with_ftos, offsets)
        overlap = "Every group is held out once."
    return FitReport(
        fto_level=fto_level,
        by=by,
        train=train,
        heldout=others,
        groups=int(counts.units[seen].sum()),
        speakers=overlap,
        tails=measure_tails(fto),
        families=_rank(scores, params),
        fto=fto,
        width=width,
        folds=len(splits),
        quantiles=quantiles,
    )


def _deal_folds(folds: int) -> list[np.ndarray]:
    """Deals the buckets to folds: to the usual number of them as `splits.fold` deals groups. Returns [B] bool each."""
    numbers = np.arange(BUCKETS)
    fold = numbers * FOLDS // BUCKETS if folds == FOLDS else numbers % folds
    return [fold == one for one in range(folds)]


class _Scores:
    """The scores of a family, fold by fold."""

    def __init__(self):
        self._nats, self._number = np.zeros(BUCKETS), np.zeros(BUCKETS)
        self._crps = 0.0
        self._means: list[list[float]] = []
        self._weights: list[float] = []

    def add(self, name: str, params: Params, counts: OffsetCounts, held_out: np.ndarray) -> None:
        """Adds the scores of the FTOs of a fold.

        Args:
          name: of the family.
          params: fitted to the other FTOs.
          counts: of all FTOs.
          held_out: [B] bool, the buckets of the fold.
        """
        value, resolution, number = counts.bins(held_out)
        of_bins = score_distribution(FAMILIES[name], params, value, bin_widths(resolution))
        nats, size = counts.bucket_sums(held_out, of_bins.nats)
        self._nats += nats
        self._number += size
        self._crps += float(number @ of_bins.crps)
        scores = score_distribution(FAMILIES[name], params, *counts.quantiles(held_out))
        self._means.append([scores.ks, scores.w1_ms, *(scores.tails[tail] for tail in TAILS)])
        self._weights.append(float(size.sum()))

    @property
    def mean_nats(self) -> float:
        """Mean log density of the FTOs that were scored."""
        return float(self._nats.sum() / self._number.sum())

    @property
    def sums(self) -> tuple[np.ndarray, np.ndarray]:
        """Sums of nats, and numbers of FTOs, of the buckets that have some."""
        return self._nats[self._number > 0], self._number[self._number > 0]

    def family_fit(self, name: str, params: Params) -> FamilyFit:
        """Returns the scores without intervals."""
        ks, w1_ms, *tails = np.average(self._means, axis=0, weights=self._weights).tolist()
        crps, tails = self._crps / float(self._number.sum()), dict(zip(TAILS, tails, strict=True))
        return FamilyFit(name, None, crps, params, None, None, ks, w1_ms, tails)


def _rank(scores: dict[str, _Scores], params: dict[str, Params]) -> tuple[FamilyFit, ...]:
    """Ranks the families, best first, with intervals over the buckets of the held-out groups."""
    order = sorted(scores, key=lambda name: -scores[name].mean_nats)
    nats, size = np.stack([scores[name].sums[0] for name in order]), scores[order[0]].sums[1]
    rows = zip(order, sum_intervals(nats, size), sum_intervals(nats - nats[:1], size), strict=True)
    return tuple(
        dataclasses.replace(
            scores[name].family_fit(name, params[name]),
            heldout_nats=interval.value,
            interval=interval,
            difference=difference,
        )
        for name, interval, difference in rows
    )


def _fit_all(
    counts: OffsetCounts, fto_level: FtoLevel, families: Sequence[str], by: By, quantiles: Quantiles
) -> FitReport:
    """Fits families to all FTOs and ranks them by AIC.

    Args:
      counts: of the FTOs.
      fto_level: of them.
      families: names of those that have a number of parameters.
      by: of the report.
      quantiles: of all FTOs.
    """
    fits = []
    with Progress(f"fitting offsets at level {fto_level}", total=len(families), unit="families") as progress:
        for name in families:
            params, scores = FAMILIES[name].fit(quantiles.fto, quantiles.width), _Scores()
            scores.add(name, params, counts, np.ones(BUCKETS, bool))
            aic = scores.mean_nats - parameter_count(params) / len(counts)
            fits.append(dataclasses.replace(scores.family_fit(name, params), aic_nats=aic))
            progress.update(family=name, aic_nats=aic)
    return FitReport(
        fto_level=fto_level,
        by=by,
        train=SplitCount(counts.with_ftos, len(counts)),
        heldout=SplitCount(0, 0),
        groups=0,
        speakers="Nothing is held out.",
        tails=measure_tails(quantiles.fto),
        families=tuple(sorted(fits, key=lambda one: -(one.aic_nats or 0.0))),
        fto=quantiles.fto,
        width=quantiles.width,
        folds=0,
        quantiles=quantiles,
    )
