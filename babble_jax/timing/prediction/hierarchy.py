"""Fits the hierarchical model in NumPyro, by SVI on a full corpus or by NUTS on a part of one.

Axes: N FTOs, C conversations, K speakers of the one that has most, R corpora. FTOs are seconds.

The dyad's own deviations are integrated out by hand: given the population, the deviations of the K speakers of a
conversation are normal with covariance dyad^2 1 1' + speaker^2 I (`population`), so that one normal vector
per conversation, of 2 K numbers, is all that is latent. A conversation with fewer speakers has speakers without
FTOs, whose deviations keep their prior and weigh nothing.

The guide of SVI is a full normal for the population and, in each conversation, a full normal of the 2 K
deviations: a diagonal one would leave out how location and log scale go together under a skewed distribution, and
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
from babble_jax.numerics import fixed_numerics
from babble_jax.progress import Progress
from babble_jax.timing.distributions.families import JOHNSON_SU
from babble_jax.timing.prediction.population import SPREADS, Corpus, Population

POPULATION_SITES = ("loc", "log_scale", "shift", "log_tail", *SPREADS)
"""The NumPyro sites of the population; the first two have one value per corpus."""


@dataclasses.dataclass(frozen=True, eq=False)
class GroupedOffsets:
    """FTOs with their conversation, speaker and corpus.

    Attributes:
      fto: [N] seconds.
      conversation: [N] int32 in [0, C).
      speaker: [N] int32 in [0, K), the incoming speaker.
      corpus: [C] int32 in [0, R).
      corpora: R names.
    """

    fto: np.ndarray
    conversation: np.ndarray
    speaker: np.ndarray
    corpus: np.ndarray
    corpora: tuple[str, ...]

    @property
    def speakers(self) -> int:
        """K."""
        return int(self.speaker.max()) + 1


def joint_model(data: GroupedOffsets) -> None:
    """Declares the joint distribution of population, deviations and FTOs.

    The priors are wide beside what any corpus says: seconds for locations, a half-normal of 0.5 for spreads.
    """
    corpora, conversations, speakers = len(data.corpora), len(data.corpus), data.speakers
    loc = _sample_site("loc", dist.Normal(0, 1).expand([corpora]).to_event(1))
    log_scale = _sample_site("log_scale", dist.Normal(-1, 1).expand([corpora]).to_event(1))
    shift = _sample_site("shift", dist.Normal(0, 1))
    tail = jnp.exp(_sample_site("log_tail", dist.Normal(0, 1)))
    spread = {name: _sample_site(name, dist.HalfNormal(0.5)) for name in SPREADS}
    covariance = jax.scipy.linalg.block_diag(
        *(
            spread[f"dyad_{what}"] ** 2 * jnp.ones((speakers, speakers))
            + spread[f"speaker_{what}"] ** 2 * jnp.eye(speakers)
            for what in ("loc", "log_scale")
        )
    )
    with numpyro.plate("conversations", conversations):
        deviation = _sample_site("deviation", dist.MultivariateNormal(jnp.zeros(2 * speakers), covariance))
    params = {
        "loc": loc[data.corpus][data.conversation] + deviation[data.conversation, data.speaker],
        "scale": jnp.exp(
            log_scale[data.corpus][data.conversation] + deviation[data.conversation, speakers + data.speaker]
        ),
        "shift": shift,
        "tail": tail,
    }
    numpyro.factor("offsets", jnp.sum(JOHNSON_SU.log_prob(params, jnp.asarray(data.fto, jnp.float32))))


def _sample_site(name: str, distribution: dist.Distribution) -> jax.Array:
    return jnp.asarray(numpyro.sample(name, distribution))


def _initial_values(data: GroupedOffsets) -> dict[str, Any]:
    """Returns the values from which both methods start: one distribution for every corpus, small deviations."""
    params = JOHNSON_SU.fit(data.fto)
    corpora = len(data.corpora)
    return {
        "loc": np.full(corpora, params["loc"]),
        "log_scale": np.full(corpora, np.log(params["scale"])),
        "shift": params["shift"],
        "log_tail": np.log(params["tail"]),
        **dict.fromkeys(SPREADS, 0.1),
        "deviation": np.zeros((len(data.corpus), 2 * data.speakers)),
    }


def _guide(start: dict[str, Any]) -> tuple[AutoGuideList, AutoMultivariateNormal]:
    """Builds the guide of the module's docstring, and its part for the population."""
    conversations, size = start["deviation"].shape

    def deviations(data: GroupedOffsets) -> dict[str, jax.Array]:
        loc = numpyro.param("deviation_loc", jnp.zeros((conversations, size)))
        tril = numpyro.param(
            "deviation_tril",
            jnp.tile(0.05 * jnp.eye(size), (conversations, 1, 1)),
            constraint=dist.constraints.scaled_unit_lower_cholesky,
        )
        with numpyro.plate("conversations", conversations):
            return {"deviation": _sample_site("deviation", dist.MultivariateNormal(loc, scale_tril=tril))}

    guide = AutoGuideList(joint_model)
    population = handlers.block(joint_model, hide=["deviation", "conversations", "offsets"])
    shared = AutoMultivariateNormal(population, init_loc_fn=init_to_value(values=start), init_scale=0.01)
    guide.append(shared)
    guide.append(deviations)
    return guide, shared


@fixed_numerics()
def fit_svi(data: GroupedOffsets, seed: int = 0, steps: int = 1000) -> dict[str, np.ndarray]:
    """Draws from the guide's distribution of the population after SVI on all of `data`.

    All FTOs are in each step: 1,000 steps over 140,000 of them take half a minute on two cores. The step
    size falls to a hundredth of its start along a cosine; from a third of that start, the spread of the speakers'
    log scales, about which each conversation says least, would still be far off after as many steps.

    Args:
      data: of one or several corpora.
      seed: of the guide's draws.
      steps: updates.

    Returns:
      By name of `POPULATION_SITES`, 1,000 draws: [1000] or, for one per corpus, [1000, R].

    Raises:
      BabbleError: too few FTOs, or a fit that diverges.
    """
    start = _initial_values(data)
    guide, shared = _guide(start)
    optimizer = optax.adam(optax.cosine_decay_schedule(0.03, steps, 0.01))
    svi = SVI(joint_model, guide, optimizer, Trace_ELBO())
    state = svi.init(jax.random.key(seed), data)
    chunk = max(1, steps // 20)

    @jax.jit
    def run_chunk(state: SVIState) -> tuple[SVIState, jax.Array]:
        return jax.lax.scan(lambda state, _: svi.update(state, data), state, length=chunk)

    with Progress("pooling dyads and speakers", total=steps, unit="steps") as progress:
        for _ in range(0, steps, chunk):
            state, losses = run_chunk(state)
            bound = -float(losses[-1]) / len(data.fto)
            progress.update(chunk, nats=bound)
            if not np.isfinite(bound):
                raise BabbleError("The hierarchical fit diverged; look for offsets that are out of range.")
    draws = shared.sample_posterior(jax.random.key(seed + 1), svi.get_params(state), sample_shape=(1000,))
    return {name: np.asarray(draws[name], np.float64) for name in POPULATION_SITES}


@fixed_numerics()
def fit_nuts(
    data: GroupedOffsets, seed: int = 0, warmup: int = 300, draws: int = 500
) -> dict[str, np.ndarray]:
    """Draws from the posterior of the population by the No-U-Turn sampler, for a hundred conversations in minutes.

    Args:
      data: of one or several corpora.
      seed: of the sampler.
      warmup: draws that adapt the sampler and are left out.
      draws: their number D.

    Returns:
      By name of `POPULATION_SITES`, the draws: [D] or, for one per corpus, [D, R].
    """
    kernel = NUTS(joint_model, init_strategy=init_to_value(values=_initial_values(data)))
    sampler = MCMC(kernel, num_warmup=warmup, num_samples=draws, progress_bar=False)
    sampler.run(jax.random.key(seed), data)
    samples = sampler.get_samples()
    return {name: np.asarray(samples[name], np.float64) for name in POPULATION_SITES}


def posterior_mean(data: GroupedOffsets, draws: dict[str, np.ndarray]) -> Population:
    """Returns the population at the posterior means of its parameters, scales and tails by their logarithms."""
    mean = {name: np.mean(value, axis=0) for name, value in draws.items()}
    corpora = {
        name: Corpus(float(loc), float(np.exp(log_scale)))
        for name, loc, log_scale in zip(data.corpora, mean["loc"], mean["log_scale"], strict=True)
    }
    spreads = {name: float(mean[name]) for name in SPREADS}
    return Population(corpora, float(mean["shift"]), float(np.exp(mean["log_tail"])), **spreads)
