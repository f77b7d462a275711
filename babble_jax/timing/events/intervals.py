"""Confidence intervals of medians over conversations, in closed form.

Values of one conversation resemble each other, so that an interval over values would be too narrow. Woodruff's interval
takes groups of conversations that share people as the units that were sampled.

Axes: V values in G groups.

References: Woodruff, J. Am. Stat. Assoc. 47 (1952); for clusters Francisco & Fuller, Ann. Stat. 19 (1991).
"""

import math

import numpy as np

from babble_jax.plural import plural

CONFIDENCE = 0.95

FEW_GROUPS = 10
"""Groups below which an interval over them is printed with a caution."""


def median_interval(values: np.ndarray, group: np.ndarray) -> tuple[float, float] | None:
    """Computes the 95 % interval of the median of all values, over the groups.

    The share of values below the median is a ratio of sums over groups, whose standard error is linearised, and at
    least that of independent values. The interval is between the quantiles 0.5 - t SE and 0.5 + t SE of the values,
    with t of Student's distribution with G - 1 degrees of freedom; so it need not be symmetric, and draws no random
    numbers.

    Args:
      values: [V], of any unit.
      group: [V] integers, the group that each value is of.

    Returns:
      The lower and the upper bound; None where there are fewer than two groups.
    """
    _, index = np.unique(group, return_inverse=True)
    groups = int(index.max()) + 1 if len(index) else 0
    if groups < 2:
        return None
    values = np.asarray(values, np.float64)
    median = np.median(values)
    # Values that are rounded are often the median itself.
    below = (values < median) + 0.5 * (values == median)
    residual = np.bincount(index, below - below.mean(), groups)  # of the ratio estimator, by group
    low, high = np.quantile(values, interval_shares(residual, len(values)), method="inverted_cdf")
    return float(min(low, median)), float(max(high, median))


def interval_shares(residual: np.ndarray, count: int) -> np.ndarray:
    """Computes the shares of values below the lower and the upper bound of a median's interval, [2].

    Args:
      residual: [G] sum of each group's values of: 1 below the median and 0 above it, less the mean of that over all.
      count: of all values.
    """
    groups = len(residual)
    error = math.sqrt(groups / (groups - 1) * float(residual @ residual)) / count
    error = max(error, 0.5 / math.sqrt(count))  # few groups may agree by chance
    reach = student_quantile(groups - 1) * error
    return np.clip([0.5 - reach, 0.5 + reach], 0, 1)


def student_quantile(degrees: int) -> float:
    """Returns the 97.5 % quantile of Student's distribution, to 0.2 %.

    Exact for 1 and 2 degrees of freedom; else by the expansion about the normal quantile, Abramowitz & Stegun 26.7.5.
    scipy has it, too, but takes longer to load than all the counting of a small corpus.
    """
    p = 0.5 + CONFIDENCE / 2
    if degrees == 1:
        return math.tan(math.pi * (p - 0.5))
    if degrees == 2:
        return (2 * p - 1) / math.sqrt(2 * p * (1 - p))
    z = 1.959963984540054
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / degrees**power for power, term in enumerate(terms, 1))


def caution(groups: int, unit: str = "group") -> list[str]:
    """Returns the line that is printed below intervals over so few groups; none where they are enough.

    Args:
      groups: number of them.
      unit: a group, or what is resampled in its place.
    """
    if groups >= FEW_GROUPS:
        return []
    return [
        f"Intervals over {plural(groups, unit)} are a rough guide; trust those over {FEW_GROUPS} or more."
    ]
