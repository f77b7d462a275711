"""The families of distributions of floor-transfer offsets (FTOs) by name."""

from collections.abc import Sequence

from babble_jax.errors import BabbleError
from babble_jax.timing.distributions.asymmetric import AsymmetricLaplace, SkewNormal
from babble_jax.timing.distributions.ex_gaussian import ExGaussian
from babble_jax.timing.distributions.family import Family
from babble_jax.timing.distributions.johnson_su import JohnsonSU
from babble_jax.timing.distributions.johnson_su_mixture import JohnsonSUMixture
from babble_jax.timing.distributions.kde import KDE
from babble_jax.timing.distributions.mixture import GaussianMixture
from babble_jax.timing.distributions.shared_mixture import SharedMixture
from babble_jax.timing.distributions.symmetric import Logistic, Normal, StudentT
from babble_jax.timing.distributions.two_sided import TwoSidedGamma, TwoSidedLogNormal

JOHNSON_SU = JohnsonSU()
PARAMETRIC: tuple[Family, ...] = (
    Normal(),
    Logistic(),
    StudentT(),
    JOHNSON_SU,
    SkewNormal(),
    AsymmetricLaplace(),
    ExGaussian(),
    TwoSidedGamma(),
    TwoSidedLogNormal(),
    JohnsonSUMixture(),
    GaussianMixture(5),
    SharedMixture(),
)
"""The families of a short list of parameters: all but the kernel density. A preset takes one of these."""

FAMILIES: dict[str, Family] = {family.name: family for family in (*PARAMETRIC, KDE())}
"""Every family, by the name that JSON files and the command line use."""


def check_families(names: Sequence[str]) -> None:
    """Refuses names that are not keys of `FAMILIES`, and an empty list.

    Raises:
      BabbleError: with those there are.
    """
    unknown = sorted(set(names) - set(FAMILIES))
    if unknown or not names:
        raise BabbleError(f"There is no family {', '.join(unknown)!r}; choose from {', '.join(FAMILIES)}.")
