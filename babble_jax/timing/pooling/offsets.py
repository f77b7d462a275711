"""Shrinks a distribution of floor-transfer offsets (FTOs) of a small corpus towards that of a preset.

Corpora differ mostly in location and scale, and little in shape. So there are two steps of partial pooling. First the
preset is moved and stretched: location and log scale are those most probable under normal priors whose standard
deviations are the spread between the presets that ship. Then the family is fitted with a prior that is worth a number
of FTOs which are distributed as the moved preset has them (a power prior): its parameters maximise

    (1 - w) mean log f(y) + w E[log f(Y)],    w = N0 / (N0 + effective number of FTOs).

N0 is estimated from the small corpus itself (empirical Bayes): the worse the moved preset fits it, the less it
counts. The maximum does not depend on how a family writes its parameters, and any family can be shrunk towards any
other. FTOs of one conversation resemble each other; their effective number is their number over the design effect, 1
+ (m - 1) ICC of a conversation of m FTOs.

The constants were measured without Map Task, on which the result is evaluated (`maptask_small_corpora`); the steps
were settled after scores of a few draws there had been seen.

Axes: N FTOs, Q points. FTOs are seconds.

References: Ibrahim & Chen, Statist. Sci. 15 (2000), power priors; Huang et al., PNAS 117 (2020), priors as synthetic
data; Kish, Survey Sampling (1965), the design effect; Bühlmann, ASTIN Bull. 4 (1967), the weight as a credibility;
Gelman & Hill, Data Analysis Using Regression and Multilevel/Hierarchical Models (2007), chapter 12, partial pooling.
"""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.distributions.binned import log_mass
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.family import Params
from babble_jax.timing.distributions.maximum_likelihood import SmoothFamily, maximum_likelihood, pad, pad_size
from babble_jax.timing.distributions.model import TimingModel

LOCATION_SPREAD, LOG_SCALE_SPREAD = 0.16, 0.5
"""Standard deviations (seconds, and a pure number) by which one corpus is moved and stretched from another: of all
pairs of the seven presets without Map Task, at level ipu 0.15 and 0.52, at level turn 0.17 and 0.46."""

SHAPE_OFFSETS = 150.0
"""Independent FTOs that the prior of the shape is worth. A distribution of d parameters that N FTOs determine is d /
(2 N) nats from the truth; the same presets are 0.17 nats from each other (mean Kullback-Leibler divergence), of which
0.026 are left once they are moved and stretched, and the family of most has 10 parameters, two of them for location
and scale."""

SHAPE_OFFSETS_SPREAD = 1.0
"""Standard deviation of the logarithm of that number from one corpus to another: the divergences that are left are
0.006 to 0.14 nats. The number of a small corpus is estimated by how well the moved preset fits it
(`estimate_shape_offsets`)."""

LOCATION_ICC, SHAPE_ICC = 0.075, 0.015
"""Intraclass correlations within conversations. Those of the Legendre polynomials of the FTOs' ranks are, on CALLHOME
in five languages, 0.09 for the first (location), 0.055 for the second (scale) and 0.025 to 0.006 for the third to
sixth (shape)."""

_FARTHEST = 60.0  # seconds
_POINTS = 801
_DEGREES = (3, 4, 5, 6)  # of the shape; 1 and 2 are location and scale


def effective_offsets(conversation: np.ndarray, icc: float) -> float:
    """Computes the number of independent FTOs that say as much.

    Args:
      conversation: [N] the conversation of each FTO, of any type.
      icc: intraclass correlation.
    """
    count = np.unique(conversation, return_counts=True)[1]
    return float(np.sum(count / (1 + (count - 1) * icc)))


def estimate_shape_offsets(u: np.ndarray, effective: float, scale: float = 1.0) -> float:
    """Estimates how many independent FTOs the shape of the moved preset is worth (N0), by its fit to the corpus.

    The means a_k of the normalized Legendre polynomials of `u` are 0 where the shapes agree, with variance 1 / n by
    chance and 1 / N0 between corpora, so that n times the sum of their squares is (1 + n / N0) times a chi-square.
    The most probable N0 is taken, under a log-normal prior around `SHAPE_OFFSETS`.

    Args:
      u: [N] probability of an FTO of at most each one under the moved preset.
      effective: number n of independent FTOs.
      scale: see `shrink_distribution`.

    References: Neyman, Skand. Aktuarietidskr. 20 (1937), the smooth test; Efron & Morris, J. Am. Stat. Assoc. 70
      (1975).
    """
    a = [
        np.sqrt(2 * k + 1) * np.mean(np.polynomial.legendre.legval(2 * u - 1, np.eye(k + 1)[k]))
        for k in _DEGREES
    ]
    log_number = np.log(SHAPE_OFFSETS) + np.linspace(-5, 5, 401) * SHAPE_OFFSETS_SPREAD
    ratio = 1 + effective / np.exp(log_number)
    nats = -len(a) / 2 * np.log(ratio) - effective * np.sum(np.square(a)) / (2 * ratio)
    nats -= ((log_number - np.log(SHAPE_OFFSETS)) / SHAPE_OFFSETS_SPREAD) ** 2 / 2
    return float(np.exp(log_number[np.argmax(nats)])) / scale**2


def shrink_distribution(
    family: SmoothFamily,
    prior: TimingModel,
    y: np.ndarray,
    width: np.ndarray | None,
    conversation: np.ndarray,
    scale: float = 1.0,
) -> Params:
    """Fits a family to the FTOs of a small corpus with the distribution of a preset as the prior.

    Args:
      family: to fit.
      prior: the distribution of the preset.
      y: [N] seconds.
      width: [N] seconds, of the bins of which `y` are the middles; None where the FTOs are exact.
      conversation: [N] the conversation of each FTO, of any type.
      scale: factor of the standard deviations of the prior. At 0 the result is the preset (in its own family, to the
        bit), at infinity a fit of the corpus alone.

    Returns:
      The parameters.
    """
    if np.isinf(scale):
        return family.fit(y, width)
    y = np.asarray(y, np.float64)
    if not len(y) or not scale:
        location, log_scale, weight = 0.0, 0.0, 1.0
        if family.name == prior.family:
            return dict(prior.params)
    else:
        location, log_scale = _move(prior, y, width, conversation, scale)
        with fixed_numerics(x64=True):
            u = np.asarray(prior.cdf((y - location) * np.exp(-log_scale)))
        effective = effective_offsets(conversation, SHAPE_ICC)
        number = estimate_shape_offsets(u, effective, scale)
        weight = number / (number + effective)
    points, mass = _discretize(prior)
    points = location + np.exp(log_scale) * points
    values = np.concatenate([y, points])
    share = np.concatenate([np.full(len(y), (1 - weight) / max(len(y), 1)), weight * mass])
    bins = None if width is None else np.concatenate([width, np.zeros(len(points))])
    if family.name == prior.family:
        start = family.unconstrain(_moved(prior.params, location, log_scale))
    else:  # 2,000 ranks of the FTOs and the points, as many of either as they weigh
        rows = np.argsort(values)
        start = family.start(np.interp((np.arange(2000) + 0.5) / 2000, np.cumsum(share[rows]), values[rows]))
    return maximum_likelihood(family, values, start, width=bins, share=share)


def _move(
    prior: TimingModel, y: np.ndarray, width: np.ndarray | None, conversation: np.ndarray, scale: float
) -> tuple[float, float]:
    """Finds how far the preset is moved, seconds, and stretched, the logarithm of a factor; arguments as above."""
    import scipy.optimize  # only for fits

    effective = effective_offsets(conversation, LOCATION_ICC)
    size = pad_size(len(y))
    with fixed_numerics(x64=True):
        data = [
            jnp.asarray(pad(one, size)) for one in (y, np.ones(len(y)), *([] if width is None else [width]))
        ]
        params = {name: jnp.asarray(value) for name, value in prior.params.items()}
        value_and_grad = _move_loss(prior.family)

        def objective(move: np.ndarray) -> tuple[float, np.ndarray]:
            value, gradient = value_and_grad(jnp.asarray(move), params, effective, scale, *data)
            return float(value), np.asarray(gradient)

        best = scipy.optimize.minimize(objective, np.zeros(2), jac=True, method="L-BFGS-B").x
    return float(best[0]), float(best[1])


@functools.cache
def _move_loss(name: str) -> Callable[..., tuple[jax.Array, jax.Array]]:
    """Returns the negative log posterior of a move of the family's distribution, and its gradient."""
    family = FAMILIES[name]

    def loss(
        move: jax.Array,
        params: Params,
        effective: float,
        scale: float,
        y: jax.Array,
        present: jax.Array,
        width: jax.Array | None = None,
    ) -> jax.Array:
        factor = jnp.exp(-move[1])
        standard = (y - move[0]) * factor
        if width is None:
            nats = family.log_prob(params, standard)
        else:
            nats = log_mass(family, params, standard, width * factor)
        mean = jnp.sum(present * nats) / jnp.sum(present) - move[1]
        penalty = (move[0] / LOCATION_SPREAD) ** 2 + (move[1] / LOG_SCALE_SPREAD) ** 2
        return penalty / (2 * scale**2) - effective * mean

    return jax.jit(jax.value_and_grad(loss))


def _moved(params: Params, location: float, log_scale: float) -> Params:
    """Moves and stretches parameters where their names say how; the search for a family's parameters begins there."""
    factor = np.exp(log_scale)
    moved = dict(params)
    for name in params:
        if name == "loc":
            moved[name] = location + factor * params[name]
        elif name in ("scale", "left", "right", "tau"):
            moved[name] = factor * params[name]
    return moved


def _discretize(prior: TimingModel) -> tuple[np.ndarray, np.ndarray]:
    """Returns points, [Q] seconds, dense near 0, and the probability of each under the preset, [Q]; their sum is 1."""
    points = np.sinh(np.linspace(-np.arcsinh(_FARTHEST), np.arcsinh(_FARTHEST), _POINTS))
    with fixed_numerics(x64=True):
        edges = np.concatenate([[-1e4], (points[1:] + points[:-1]) / 2, [1e4]])
        cdf = np.asarray(prior.cdf(edges))
    mass = np.maximum(np.diff(cdf), 0)
    return points, mass / mass.sum()
