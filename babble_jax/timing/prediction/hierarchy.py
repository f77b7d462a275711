"""The hierarchical model in NumPyro, by SVI on a whole corpus or by NUTS on a part of one.

Axes: N offsets, C conversations, K speakers of the one that has most, R corpora. Offsets are seconds.

The dyad's own deviations are integrated out by hand: given the population, the deviations of the K sides of a
conversation are normal with covariance dyad^2 1 1' + side^2 I (`population`), so that one normal vector
per conversation, of 2 K numbers, is all that is latent. A conversation with fewer speakers has sides without
offsets, whose deviations keep their prior and weigh nothing.

The guide of SVI is a full normal for the population and, in each conversation, a full normal of the 2 K
deviations: a diagonal one would leave out how location and log scale go together under a skewed law, and
would make the spreads too small.
"""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
import optax
from numpyro import handlers
from numpyro.infer import MCMC, NUTS, SVI, Trace_ELBO
from numpyro.infer.autoguide import AutoGuideList, AutoMultivariateNormal
from numpyro.infer.initialization import init_to_value
from numpyro.infer.svi import SVIState

from babble_jax.errors import BabbleError
from babble_jax.progress import Progress
from babble_jax.timing.distributions.families import JOHNSON_SU
from babble_jax.timing.prediction.population import SPREADS, Corpus, Population

POPULATION = ("loc", "log_scale", "shift", "log_tail", *SPREADS)
"""The sites of the population; the first two have one value per corpus."""


@dataclasses.dataclass(frozen=True, eq=False)
class Grouped:
    """Offsets and whose they are.

    Attributes:
      value: [N] seconds.
      conversation: [N] int32 in [0, C).
      side: [N] int32 in [0, K), the incoming speaker.
      corpus: [C] int32 in [0, R).
      corpora: R names.
    """

    value: np.ndarray
    conversation: np.ndarray
    side: np.ndarray
    corpus: np.ndarray
    corpora: tuple[str, ...]

    @property
    def sides(self) -> int:
        """K."""
        return int(self.side.max()) + 1


def model(data: Grouped) -> None:
    """The joint law of population, deviations and offsets.

    The priors are wide beside what any corpus says: seconds for locations, a half-normal of 0.5 for spreads.
    """
    corpora, conversations, sides = len(data.corpora), len(data.corpus), data.sides
    loc = _draw("loc", dist.Normal(0, 1).expand([corpora]).to_event(1))
    log_scale = _draw("log_scale", dist.Normal(-1, 1).expand([corpora]).to_event(1))
    shift = _draw("shift", dist.Normal(0, 1))
    tail = jnp.exp(_draw("log_tail", dist.Normal(0, 1)))
    spread = {name: _draw(name, dist.HalfNormal(0.5)) for name in SPREADS}
    covariance = jax.scipy.linalg.block_diag(
        *(
            spread[f"dyad_{what}"] ** 2 * jnp.ones((sides, sides))
            + spread[f"side_{what}"] ** 2 * jnp.eye(sides)
            for what in ("loc", "log_scale")
        )
    )
    with numpyro.plate("conversations", conversations):
        deviation = _draw("deviation", dist.MultivariateNormal(jnp.zeros(2 * sides), covariance))
    params = {
        "loc": loc[data.corpus][data.conversation] + deviation[data.conversation, data.side],
        "scale": jnp.exp(
            log_scale[data.corpus][data.conversation] + deviation[data.conversation, sides + data.side]
        ),
        "shift": shift,
        "tail": tail,
    }
    numpyro.factor("offsets", jnp.sum(JOHNSON_SU.log_prob(params, jnp.asarray(data.value, jnp.float32))))


def _draw(name: str, law: dist.Distribution) -> jax.Array:
    return jnp.asarray(numpyro.sample(name, law))


def _start(data: Grouped) -> dict[str, Any]:
    """Where both searches begin: the unconditional law for every corpus, small deviations."""
    params = JOHNSON_SU.fit(data.value)
    corpora = len(data.corpora)
    return {
        "loc": np.full(corpora, params["loc"]),
        "log_scale": np.full(corpora, np.log(params["scale"])),
        "shift": params["shift"],
        "log_tail": np.log(params["tail"]),
        **dict.fromkeys(SPREADS, 0.1),
        "deviation": np.zeros((len(data.corpus), 2 * data.sides)),
    }


def _guide(start: dict[str, Any]) -> tuple[AutoGuideList, AutoMultivariateNormal]:
    """The guide of the module's docstring, and its part for the population."""
    conversations, size = start["deviation"].shape

    def deviations(data: Grouped) -> dict[str, jax.Array]:
        loc = numpyro.param("deviation_loc", jnp.zeros((conversations, size)))
        tril = numpyro.param(
            "deviation_tril",
            jnp.tile(0.05 * jnp.eye(size), (conversations, 1, 1)),
            constraint=dist.constraints.scaled_unit_lower_cholesky,
        )
        with numpyro.plate("conversations", conversations):
            return {"deviation": _draw("deviation", dist.MultivariateNormal(loc, scale_tril=tril))}

    guide = AutoGuideList(model)
    population = handlers.block(model, hide=["deviation", "conversations", "offsets"])
    shared = AutoMultivariateNormal(population, init_loc_fn=init_to_value(values=start), init_scale=0.01)
    guide.append(shared)
    guide.append(deviations)
    return guide, shared


def fit_svi(data: Grouped, seed: int = 0, steps: int = 1000) -> dict[str, np.ndarray]:
    """Draws from the guide's law of the population after SVI on all of `data`.

    All offsets are in each step: 1,000 steps over 140,000 of them take half a minute on two cores. The step
    size falls to a hundredth of its start along a cosine; from a third of that start, the spread of the sides'
    log scales, about which each conversation says least, would still be far off after as many steps.

    Args:
      data: of one or several corpora.
      seed: of the guide's draws.
      steps: updates.

    Returns:
      By name of `POPULATION`, 1,000 draws: [1000] or, for one per corpus, [1000, R].

    Raises:
      BabbleError: too few offsets, or a fit that diverges.
    """
    start = _start(data)
    guide, shared = _guide(start)
    optimizer = optax.adam(optax.cosine_decay_schedule(0.03, steps, 0.01))
    svi = SVI(model, guide, optimizer, Trace_ELBO())
    state = svi.init(jax.random.key(seed), data)
    some = max(1, steps // 20)

    @jax.jit
    def go_on(state: SVIState) -> tuple[SVIState, jax.Array]:
        return jax.lax.scan(lambda state, _: svi.update(state, data), state, length=some)

    with Progress("pooling dyads and sides", total=steps, unit="steps") as progress:
        for _ in range(0, steps, some):
            state, losses = go_on(state)
            bound = -float(losses[-1]) / len(data.value)
            progress.update(some, nats=bound)
            if not np.isfinite(bound):
                raise BabbleError("The hierarchical fit diverged; look for offsets that are out of range.")
    draws = shared.sample_posterior(jax.random.key(seed + 1), svi.get_params(state), sample_shape=(1000,))
    return {name: np.asarray(draws[name], np.float64) for name in POPULATION}


def fit_nuts(data: Grouped, seed: int = 0, warmup: int = 300, draws: int = 500) -> dict[str, np.ndarray]:
    """The same from the No-U-Turn sampler: exact but for chance, for a hundred conversations in minutes."""
    kernel = NUTS(model, init_strategy=init_to_value(values=_start(data)))
    sampler = MCMC(kernel, num_warmup=warmup, num_samples=draws, progress_bar=False)
    sampler.run(jax.random.key(seed), data)
    found = sampler.get_samples()
    return {name: np.asarray(found[name], np.float64) for name in POPULATION}


def population(data: Grouped, draws: dict[str, np.ndarray]) -> Population:
    """The population at the posterior means of its parameters, scales and tails by their logarithms."""
    mean = {name: np.mean(value, axis=0) for name, value in draws.items()}
    corpora = {
        name: Corpus(float(loc), float(np.exp(log_scale)))
        for name, loc, log_scale in zip(data.corpora, mean["loc"], mean["log_scale"], strict=True)
    }
    spreads = {name: float(mean[name]) for name in SPREADS}
    return Population(corpora, float(mean["shift"]), float(np.exp(mean["log_tail"])), **spreads)
