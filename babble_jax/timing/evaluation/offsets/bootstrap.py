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
    times = np.random.default_rng(seed).multinomial(len(size), np.full(len(size), 1 / len(size)), draws)
    return total @ times.T / (times @ size)


def bootstrap_intervals(values: np.ndarray, group: np.ndarray) -> list[Interval]:
    """Computes the mean of each row of `values`, [F, N], with its interval over the groups, [N]."""
    low, high = np.quantile(group_means(values, group), [0.025, 0.975], axis=1)
    rows = zip(values.mean(axis=1), low, high, strict=True)
    return [Interval(*map(float, row)) for row in rows]
