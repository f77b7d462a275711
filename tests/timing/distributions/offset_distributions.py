"""A distribution of each family, for tests of all of them. Axes: N offsets."""

import jax
import numpy as np

from babble_jax.timing.distributions import family as contract
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.shared_mixture import LOC, SCALE

HATS = np.exp(-0.5 * ((np.linspace(-1, 1.5, 26) - 0.2) / 0.4) ** 2)
# Laws as offsets have them, one per family, far from the starting values of the fits.
PARAMETERS = {
    "normal": {"loc": 0.1, "scale": 0.5},
    "logistic": {"loc": -0.3, "scale": 0.25},
    "student_t": {"loc": 0.1, "scale": 0.3, "df": 3.0},
    "johnson_su": {"loc": 0.15, "scale": 0.35, "shift": -0.5, "tail": 1.2},
    "skew_normal": {"loc": -0.3, "scale": 0.6, "skew": 2.0},
    "asymmetric_laplace": {"loc": 0.1, "left": 0.2, "right": 0.4},
    "ex_gaussian": {"loc": -0.2, "scale": 0.25, "tau": 0.4},
    "two_sided_gamma": {
        "overlap": 0.4,
        "overlap_shape": 1.5,
        "overlap_scale": 0.2,
        "gap_shape": 1.2,
        "gap_scale": 0.35,
    },
    "two_sided_log_normal": {
        "overlap": 0.35,
        "overlap_loc": -1.3,
        "overlap_scale": 0.6,
        "gap_loc": -1.1,
        "gap_scale": 0.8,
    },
    "johnson_su_mixture": {
        "weight": [0.7, 0.3],
        "loc": [-0.1, 0.15],
        "scale": [0.6, 0.1],
        "shift": [-0.6, -0.4],
        "tail": [1.4, 0.8],
    },
    "gaussian_mixture": {
        "weight": [0.1, 0.3, 0.2, 0.3, 0.1],
        "loc": [-1.5, -0.5, 0.1, 0.6, 1.8],
        "scale": [0.3, 0.1, 0.05, 0.12, 0.4],
    },
    "shared_mixture": {
        "weight": [0.05, 0.1, 0.35, 0.2, 0.2, 0.05, 0.04, 0.01],
        "loc": list(LOC),
        "scale": list(SCALE),
    },
    "kde": {
        "low": -1.0,
        "step": 0.1,
        "density": (HATS / (0.1 * HATS.sum())).tolist(),
        "bandwidth": 0.4,
        "wide_weight": 0.01,
        "wide_loc": 0.2,
        "wide_scale": 0.5,
    },
}


def middle(name: str) -> float:
    """Seconds: the `loc` of the distribution, where it may have a kink; 0 for a distribution of several components."""
    loc = PARAMETERS[name].get("loc", 0.0)
    return 0.0 if isinstance(loc, list) else loc


def parameters_of(name: str) -> contract.Params:
    """The parameters of the family's distribution as float64 arrays."""
    return contract.from_json(FAMILIES[name], PARAMETERS[name])


BLOCK = 20_000


def _log_prob_and_cdf(name: str):
    family = FAMILIES[name]
    return jax.jit(lambda params, y: (family.log_prob(params, y), family.cdf(params, y)))


_BOTH = {name: _log_prob_and_cdf(name) for name in FAMILIES}


def values(name: str, params: contract.Params, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[N] log densities and probabilities of at most `y`, in the precision that JAX is set to.

    In blocks of one size, so that both are compiled once for all tests of a family.
    """
    count = len(y)
    blocks = np.append(y, np.zeros(-count % BLOCK)).reshape(-1, BLOCK)
    parts = [_BOTH[name](params, block) for block in blocks]
    log_prob, cdf = (np.concatenate([np.asarray(part[i]) for part in parts])[:count] for i in (0, 1))
    return log_prob, cdf
