"""A Gaussian mixture whose components are shared across corpora: each corpus has only weights of its own.

Axes: C corpora, N floor-transfer offsets (FTOs) of one, K components. FTOs are seconds.

What differs between corpora is then a handful of weights on the same components, which can be compared and
averaged; and a corpus of a few minutes is fitted without a search for components, its weights being a concave
problem.
"""

from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.distributions.binned import aggregate, log_mass
from babble_jax.timing.distributions.family import Params, check_ftos
from babble_jax.timing.distributions.maximum_likelihood import maximum_likelihood
from babble_jax.timing.distributions.mixture import GaussianMixture

LOC = (-0.8755, -0.2257, -0.0027, 0.1955, 0.4004, 1.0197, 2.0754, 18.5029)
SCALE = (1.532, 0.7455, 0.3185, 0.1374, 0.4859, 1.1234, 4.5243, 24.331)
"""Seconds: the shared components, by loc. `experiments/timing/shared_components.py` fits them jointly on the training
groups of Switchboard, Map Task, AMI and CALLHOME, at both levels, every corpus and level counting the same."""


class SharedMixture(GaussianMixture):
    """A mixture of fixed normal distributions, of which only the weights are fitted.

    Its parameters hold the components too, so that a fitted distribution stands on its own.
    """

    name: ClassVar[str] = "shared_mixture"

    def __init__(self, loc: tuple[float, ...] = LOC, scale: tuple[float, ...] = SCALE):
        super().__init__(len(loc))
        self.loc, self.scale = np.array(loc), np.array(scale)

    def start(self, y: np.ndarray) -> Params:
        """Returns equal weights."""
        del y
        return {"logit": np.zeros(self.components)}

    def constrain(self, free: Params) -> Params:
        """Converts unconstrained parameters to parameters."""
        weight = jax.nn.softmax(free["logit"])
        return {"weight": weight, "loc": jnp.asarray(self.loc), "scale": jnp.asarray(self.scale)}

    def unconstrain(self, params: Params) -> Params:
        """Converts parameters to unconstrained ones: the inverse of `constrain`."""
        return {"logit": np.log(np.maximum(params["weight"], 1e-9))}

    def fit(self, y: np.ndarray, width: np.ndarray | None = None) -> Params:
        """Fits the weights by maximum likelihood."""
        return maximum_likelihood(self, check_ftos(y, self.name), width=width)


def fit_shared(
    fto: Mapping[str, np.ndarray], components: int, widths: Mapping[str, np.ndarray | None] | None = None
) -> tuple[SharedMixture, dict[str, Params]]:
    """Fits components to several corpora at once, and weights to each.

    The sum over corpora of the mean log density is maximised, so that a large corpus does not drown the
    others; by L-BFGS from a mixture fitted to as many evenly ranked FTOs of each.

    Args:
      fto: [N] seconds, by name of the corpus.
      components: K.
      widths: [N] seconds each, of the bins, as `binned.bin_widths` gives them; by name of the corpus.

    Returns:
      The family of these components, ordered by loc, and the parameters of each corpus in it.
    """
    import scipy.optimize  # only for fits

    pooled = GaussianMixture(components)
    values = {name: check_ftos(y, f"{SharedMixture.name} of {name}") for name, y in fto.items()}
    ranks = (np.arange(2000) + 0.5) / 2000
    first = pooled.start(np.concatenate([np.quantile(y, ranks) for y in values.values()]))
    first["logit"] = np.tile(first["logit"], (len(values), 1))  # [C, K]
    with fixed_numerics(x64=True):
        data = []
        for name, y in values.items():
            width = (widths or {}).get(name)
            bins = aggregate(y, np.zeros(y.size) if width is None else width)
            data.append((*map(jnp.asarray, bins), width is not None))
        flat, unravel = ravel_pytree(first)

        def loss(flat: jax.Array) -> jax.Array:
            free, total = unravel(flat), jnp.zeros(())
            for logit, (y, width, share, is_binned) in zip(free["logit"], data, strict=True):
                params = pooled.constrain({**free, "logit": logit})
                each = log_mass(pooled, params, y, width) if is_binned else pooled.log_prob(params, y)
                total -= jnp.sum(share * each)
            return total

        value_and_grad = jax.jit(jax.value_and_grad(loss))

        def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
            value, gradient = value_and_grad(jnp.asarray(flat))
            return float(value), np.asarray(gradient)

        options = {"maxiter": 1000, "ftol": 1e-11, "gtol": 1e-6}
        best = scipy.optimize.minimize(
            objective, np.asarray(flat), jac=True, method="L-BFGS-B", options=options
        )
        free = unravel(jnp.asarray(best.x))
        rows = [pooled.constrain({**free, "logit": logit}) for logit in free["logit"]]
        order = np.argsort(np.asarray(free["loc"]))
        loc, scale = (tuple(np.asarray(rows[0][name])[order].tolist()) for name in ("loc", "scale"))
        family = SharedMixture(loc, scale)
        return family, {
            name: {"weight": np.asarray(row["weight"])[order], "loc": family.loc, "scale": family.scale}
            for name, row in zip(values, rows, strict=True)
        }
