"""Log-hazards of the events of a speaker, as a small network over the discrete states of a dialogue.

Axes: C discrete states, F features, W units of the last hidden layer. A hazard is per frame: the probability of no
event in a frame is exp(-hazard), and where two events compete (to begin a turn, to begin a backchannel) each has its
share.

The covariates are piecewise constant, so that the likelihood of a corpus is that of a table of events and exposures by
state, and a table of hazards by state is all that drawing a dialogue needs.
"""

import itertools
import math
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.floor.state import BINS, EDGES, FRAME, NUM_STATES, STATE_SHAPE

Params = dict[str, Any]
"""Flax parameters of `HazardNetwork`."""

WIDTHS = (48, 32)
RIDGE = 2.0
IMPOSSIBLE = -30.0
"""Log-hazard of an event that cannot take place: once in a hundred thousand years."""


FEATURES = sum(STATE_SHAPE) + 2
"""Features of a state: an indicator for each value of each part, and both elapsed times."""

_OWN, _OTHERS = (*STATE_SHAPE[:3], BINS), (*STATE_SHAPE[:2], STATE_SHAPE[4], BINS)
CROSSED = math.prod(_OWN) + math.prod(_OTHERS)
"""Pairs of a bin of an elapsed time and the situation that it is in, see `crossing_indices`."""

_MIDDLE = np.log((EDGES + np.append(EDGES[1:], 2 * EDGES[-1])) / 2 * FRAME).astype(np.float32)
"""[E] logarithm of the seconds in the middle of each bin."""

ALL_PARTS = (True,) * len(STATE_SHAPE)
"""The hazards depend on all parts of the state."""


def state_parts(states: np.ndarray, part_mask: tuple[bool, ...] = ALL_PARTS) -> tuple[np.ndarray, ...]:
    """Returns the parts of `state.STATE_SHAPE`, each [C], of states [C]; 0 for those that are masked out."""
    parts = np.unravel_index(states, STATE_SHAPE)
    return tuple(part if use else np.zeros_like(part) for part, use in zip(parts, part_mask, strict=True))


def features(states: np.ndarray, part_mask: tuple[bool, ...] = ALL_PARTS) -> np.ndarray:
    """Encodes each part of a state as an indicator, and both elapsed times as logarithms too, [C, F] float32.

    Args:
      states: [C] int32.
      part_mask: the parts on which the hazards may depend; the others are held at 0.
    """
    parts = state_parts(states, part_mask)
    columns = [np.eye(size, dtype=np.float32)[part] for size, part in zip(STATE_SHAPE, parts, strict=True)]
    columns += [_MIDDLE[part][:, None] for part in parts[-2:]]
    return np.concatenate(columns, axis=1)


def crossing_indices(states: np.ndarray, part_mask: tuple[bool, ...] = ALL_PARTS) -> np.ndarray:
    """Numbers the bin of each elapsed time within its situation, [C, 2] int32, below CROSSED.

    The situation of the own elapsed time is who is on and the kind of the own IPU; that of the others' is who is on and
    who has the floor. Arguments as of `features`.
    """
    on, other_on, kind, _, floor, *_, own, others = state_parts(states, part_mask)
    first = np.ravel_multi_index((on, other_on, kind, own), _OWN)
    second = math.prod(_OWN) + np.ravel_multi_index((on, other_on, floor, others), _OTHERS)
    return np.stack([first, second], axis=1)


class HazardNetwork(nn.Module):
    """Gives log-hazards per frame, [C, 2]: to begin a turn (while on: to end the IPU), and to begin a backchannel.

    The output is the sum of a linear layer on the hidden units and of one embedding for each crossing: by the
    embeddings the events expected in each bin are those of the corpus, where the hidden layers alone are smooth.

    Attributes:
      widths: units of the hidden layers.
    """

    widths: tuple[int, ...] = WIDTHS

    def setup(self):
        """Creates the layers."""
        self.hidden = [nn.Dense(width) for width in self.widths]
        self.output = nn.Dense(2)
        self.crossing = nn.Embed(CROSSED, 2)

    def hidden_units(self, x: jax.Array) -> jax.Array:
        """Returns the last hidden layer, [C, W], of features [C, F]."""
        for layer in self.hidden:
            x = jax.nn.gelu(layer(x))
        return x

    def __call__(self, x: jax.Array, crossings: jax.Array) -> jax.Array:
        """Returns the log-hazards of features [C, F] and `crossing_indices` [C, 2]."""
        return self.output(self.hidden_units(x)) + self.crossing(crossings).sum(axis=1)


def initial_params(seed: int, widths: tuple[int, ...] = WIDTHS) -> Params:
    """Draws the kernels of a `HazardNetwork`; biases and embeddings are 0, but hazards begin low."""
    rng = np.random.default_rng(seed)
    params: Params = {"crossing": {"embedding": np.zeros((CROSSED, 2), np.float32)}}
    for i, (a, b) in enumerate(itertools.pairwise((FEATURES, *widths, 2))):
        last = i == len(widths)
        params["output" if last else f"hidden_{i}"] = {
            "kernel": rng.normal(0, np.sqrt(1 / a), (a, b)).astype(np.float32),
            "bias": np.full(b, -3.0 if last else 0.0, np.float32),
        }
    return params


def network_of(params: Params) -> HazardNetwork:
    """Returns the network whose parameters these are."""
    return HazardNetwork(tuple(len(params[f"hidden_{i}"]["bias"]) for i in range(len(params) - 2)))


def possible_events(states: np.ndarray) -> np.ndarray:
    """Tells whether each event can take place at all in a state, [C, 2] bool.

    A backchannel begins after such silence as makes it one, which the bin of the own elapsed time tells.
    """
    on, *_, own, _ = state_parts(states)
    isolated = EDGES[own] >= 100
    return np.stack([np.ones(len(states), bool), (on == 0) & isolated], axis=1)


@fixed_numerics()
def fit_network(
    states: np.ndarray,
    events: np.ndarray,
    exposed: np.ndarray,
    params: Params,
    *,
    steps: int,
    rate: float = 5e-3,
    ridge: float = RIDGE,
    part_mask: tuple[bool, ...] = ALL_PARTS,
) -> Params:
    """Maximises the Poisson likelihood of the states, events log(hazard) - exposed hazard.

    Adam over all layers, then `fit_output_layer`.

    Args:
      states: [C] int32.
      events: [C, 2] counts.
      exposed: [C, 2] frames, weighted by the speakers' effects. With half a frame less for every event the
        likelihood is that of the discrete hazards up to the square of a hazard, since log(1 - exp(-x)) =
        log(x) - x / 2 + O(x^2).
      params: to begin from.
      steps: of the optimizer, each over the states that matter most and a sample of the rest.
      rate: peak learning rate.
      ridge: precision of the normal prior of kernels and embeddings, whose mean is 0.
      part_mask: see `features`.
    """
    import optax  # only for fits

    mask, network = possible_events(states), network_of(params)
    order = np.argsort(-(events.sum(axis=1) + 1e-3 * exposed[:, 0]), kind="stable")
    x, e, n = (
        jnp.asarray(a[order], jnp.float32)
        for a in (features(states, part_mask), events * mask, exposed * mask)
    )
    crossings = jnp.asarray(crossing_indices(states, part_mask)[order])
    total, heavy = float(np.sum(events)), min(_HEAVY, len(states))
    light = len(states) - heavy
    optimizer = optax.adam(
        optax.warmup_cosine_decay_schedule(0.0, rate, min(100, steps // 10 + 1), steps, rate / 100)
    )

    def loss(params: Params, rows: jax.Array, weight: jax.Array) -> jax.Array:
        log_hazard = network.apply({"params": params}, x[rows], crossings[rows])
        assert isinstance(log_hazard, jax.Array)
        nats = jnp.sum(weight[:, None] * (e[rows] * log_hazard - n[rows] * jnp.exp(log_hazard)))
        weights = [w for layer in params.values() for name, w in layer.items() if name != "bias"]
        return (ridge / 2 * sum(jnp.sum(w**2) for w in weights) - nats) / total

    @jax.jit
    def run(params: Params, state: Any) -> tuple[Params, Any]:
        def step(carry: Any, key: jax.Array) -> tuple[Any, None]:
            params, state = carry
            some = jax.random.randint(key, (_LIGHT if light else 0,), heavy, max(len(states), heavy + 1))
            rows = jnp.concatenate([jnp.arange(heavy), some])
            weight = jnp.concatenate([jnp.ones(heavy), jnp.full(some.shape, light / _LIGHT)])
            gradient = jax.grad(loss)(params, rows, weight)
            updates, state = optimizer.update(gradient, state, params)
            return (optax.apply_updates(params, updates), state), None

        return jax.lax.scan(step, (params, state), jax.random.split(jax.random.key(0), steps))[0]

    params = jax.tree.map(jnp.asarray, params)
    params = jax.tree.map(np.asarray, run(params, optimizer.init(params))[0])
    return fit_output_layer(states, events, exposed, params, ridge=ridge, part_mask=part_mask)


_HEAVY, _LIGHT = 3000, 1500
"""States with the most events, which every step sees, and how many of the others it draws."""


@fixed_numerics()
def fit_output_layer(
    states: np.ndarray,
    events: np.ndarray,
    exposed: np.ndarray,
    params: Params,
    *,
    ridge: float = RIDGE,
    part_mask: tuple[bool, ...] = ALL_PARTS,
    center: Params | None = None,
) -> Params:
    """Maximises the likelihood over output layer and embeddings alone, a log-linear model, by Newton's method.

    What an optimizer leaves of a bias goes.

    Args:
      states: [C] int32.
      events: [C, 2] counts.
      exposed: [C, 2] frames, see `fit_network`.
      params: whose hidden layers stay as they are.
      ridge: precision of the normal prior of kernel and embeddings.
      part_mask: see `features`.
      center: whose output layer and embeddings are the mean of that prior, which then holds for the bias, too; 0 where
        absent.
    """
    import scipy.sparse  # only for fits

    from babble_jax.timing.floor.loglinear import fit_loglinear

    mask, network = possible_events(states), network_of(params)
    x = jnp.asarray(features(states, part_mask))
    dense = np.asarray(network.apply({"params": params}, x, method="hidden_units"), np.float64)
    dense = np.concatenate([dense, np.ones((len(dense), 1))], axis=1)
    indices = (np.repeat(np.arange(len(states)), 2), crossing_indices(states, part_mask).ravel())
    sparse = scipy.sparse.csr_array((np.ones(2 * len(states)), indices), shape=(len(states), CROSSED))
    weights = _output_weights(params)
    precision = np.full(len(weights), ridge)
    bias = len(params["output"]["kernel"])  # the row of the bias among the weights
    if center is None:
        means = np.zeros_like(weights)
        precision[bias] = 1e-6
    else:
        means = _output_weights(center)
    for i in (0, 1):
        rows = mask[:, i]
        weights[:, i] = fit_loglinear(
            dense[rows],
            sparse[rows],
            events[rows, i],
            exposed[rows, i],
            precision,
            weights[:, i],
            means[:, i],
        )
    weights = weights.astype(np.float32)
    output = {"kernel": weights[:bias], "bias": weights[bias]}
    return params | {"output": output, "crossing": {"embedding": weights[bias + 1 :]}}


def _output_weights(params: Params) -> np.ndarray:
    """Returns kernel, bias and embeddings as the rows of one float64 array."""
    output = params["output"]
    weights = np.concatenate([output["kernel"], output["bias"][None], params["crossing"]["embedding"]])
    return weights.astype(np.float64)


@fixed_numerics()
def log_hazards(params: Params, states: np.ndarray, part_mask: tuple[bool, ...] = ALL_PARTS) -> np.ndarray:
    """Returns log-hazards per frame, [C, 2] float32; `IMPOSSIBLE` for an event that cannot take place.

    Args:
      params: of the network.
      states: [C] int32.
      part_mask: see `features`.
    """
    network, values = network_of(params), []
    for part in np.array_split(states, max(1, len(states) // 50000)):
        x, crossings = (jnp.asarray(f(part, part_mask)) for f in (features, crossing_indices))
        values.append(np.asarray(network.apply({"params": params}, x, crossings)))
    return np.where(possible_events(states), np.concatenate(values), IMPOSSIBLE).astype(np.float32)


@jax.jit
def hazard_table(params: Params) -> jax.Array:
    """Returns `log_hazards` of all states, [NUM_STATES, 2].

    It sums over the parts of the state, in place of products with their indicators.
    """
    first, *deeper = [*(params[f"hidden_{i}"] for i in range(len(params) - 2)), params["output"]]
    *parts, own, others, logs = jnp.split(first["kernel"], np.cumsum(STATE_SHAPE))
    early = first["bias"][None]
    for part in parts:
        early = (early[:, None] + part[None]).reshape(-1, early.shape[-1])
    own += _MIDDLE[:, None] * logs[:1]
    others += _MIDDLE[:, None] * logs[1:]
    late = (own[:, None] + others[None]).reshape(-1, early.shape[-1])

    def deep(early: jax.Array) -> jax.Array:
        y = early[None] + late
        for layer in deeper:
            y = jax.nn.gelu(y) @ layer["kernel"] + layer["bias"][None]
        return y

    values = jax.lax.map(deep, early, batch_size=36).reshape(*STATE_SHAPE, 2)
    own_bins, other_bins = jnp.split(params["crossing"]["embedding"], [math.prod(_OWN)])
    values += jnp.expand_dims(own_bins.reshape(*_OWN, 2), (3, 4, 5, 6, 7, 9))
    values += jnp.expand_dims(other_bins.reshape(*_OTHERS, 2), (2, 3, 5, 6, 7, 8))
    return jnp.where(possible_events(np.arange(NUM_STATES)), values.reshape(NUM_STATES, 2), IMPOSSIBLE)
