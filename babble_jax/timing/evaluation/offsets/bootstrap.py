"""Intervals of means over FTOs that come in groups: groups are resampled, not FTOs.

FTOs of one call resemble each other (intraclass correlation 0.125 on Switchboard), so that an interval over
single FTOs would be too short.

Axes: N floor-transfer offsets (FTOs), G groups, B bootstrap draws, F families.
"""

import dataclasses

import numpy as np

DRAWS = 2000


@dataclasses.dataclass(frozen=True)
class Interval:
    """A mean and its bootstrap interval of 95 %, by percentiles."""

    value: float
    low: float
    high: float


def group_means(values: np.ndarray, group: np.ndarray, draws: int = DRAWS, seed: int = 0) -> np.ndarray:
    """Computes means, [F, B], over all FTOs of as many groups as there are, drawn with replacement.

    The same groups are drawn for all rows, so that differences of rows are paired.

    Args:
      values: [F, N] to be averaged.
      group: [N] the group of each FTO, of any type.
      draws: B.
      seed: of the bootstrap draws.

    References: Field & Welsh, J. R. Stat. Soc. B 69 (2007), the cluster bootstrap.
    """
    _, index = np.unique(group, return_inverse=True)
    size = np.bincount(index)
    total = np.stack([np.bincount(index, row) for row in values])
    return sum_means(total, size, draws, seed)


def sum_means(total: np.ndarray, size: np.ndarray, draws: int = DRAWS, seed: int = 0) -> np.ndarray:
    """Computes means as `group_means` does, of the sums of each group.

    Args:
      total: [F, G] sums of the values of each group.
      size: [G] number of them.
      draws: B.
      seed: of the bootstrap draws.
    """
    times = np.random.default_rng(seed).multinomial(len(size), np.full(len(size), 1 / len(size)), draws)
    return total @ times.T / (times @ size)


def bootstrap_intervals(values: np.ndarray, group: np.ndarray) -> list[Interval]:
    """Computes the mean of each row of `values`, [F, N], with its interval over the groups, [N]."""
    return _intervals(values.mean(axis=1), group_means(values, group))


def sum_intervals(total: np.ndarray, size: np.ndarray) -> list[Interval]:
    """Computes the mean of each row with its interval over the groups, as `bootstrap_intervals` does, of sums.

    Args:
      total: [F, G] sums of the values of each group.
      size: [G] number of them, none 0.
    """
    return _intervals(total.sum(axis=1) / size.sum(), sum_means(total, size))


def _intervals(mean: np.ndarray, draws: np.ndarray) -> list[Interval]:
    """Returns means, [F], with the percentiles of their draws, [F, B]."""
    low, high = np.quantile(draws, [0.025, 0.975], axis=1)
    return [Interval(*map(float, row)) for row in zip(mean, low, high, strict=True)]
