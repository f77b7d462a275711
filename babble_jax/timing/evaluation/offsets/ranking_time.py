"""Estimates how long a ranking of families takes, to say it before the work.

Measured on one core of a server of 2024 with Map Task and CALLHOME; another machine takes half as long or twice.
"""

from collections.abc import Sequence

COMPILATION = 1.6
"""Seconds for each family and each number of FTOs that differs by a power of 2."""
PER_10_000 = {"johnson_su_mixture": 5.5, "gaussian_mixture": 1.6, "two_sided_gamma": 1.6}
"""Seconds for 10,000 exact FTOs; binned ones, of which few differ, take next to none."""
COUNTING_SECONDS = 0.004
"""Seconds to read an hour of two speakers from array_record, and to count its FTOs."""
_PER_10_000 = 0.7  # of other families
_BINNED = 0.05


def estimate_ranking_seconds(families: Sequence[str], offsets: int, fits: int, binned: bool) -> float:
    """Estimates the seconds that it takes to fit and score families.

    Args:
      families: their names.
      offsets: number of FTOs.
      fits: of each family: folds, and one of all FTOs.
      binned: whether FTOs are bins.
    """
    factor = _BINNED if binned else 1.0
    each = sum(PER_10_000.get(name, _PER_10_000) for name in families) * offsets / 10_000 * factor
    compiled = fits if offsets > 3000 else 2
    return COMPILATION * len(families) * compiled + each * fits
