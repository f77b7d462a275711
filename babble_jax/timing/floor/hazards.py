"""Log-hazards of what a speaker can do, as a small network over the cells of the state.

Axes: C cells, F features, W widths of layers. A hazard is per frame: the probability of no event in a frame is
exp(-hazard), and where two compete (to begin a turn, to begin a backchannel) each takes its share.

The covariates are piecewise constant, so that the likelihood of a whole corpus is that of a table of events
and exposures by cell, and a table of hazards by cell is all that the sampler needs.
"""

import itertools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.sparse

from babble_jax.timing.floor.loglinear import maximum
from babble_jax.timing.floor.state import BINS, CELLS, EDGES, FRAME, SHAPE

Params = dict[str, Any]

WIDTHS = (48, 32)
RIDGE = 2.0
IMPOSSIBLE = -30.0
"""Log-hazard of what cannot be: once in a hundred thousand years."""


FEATURES = sum(SHAPE) + 2
"""Numbers that the network sees of a cell: an indicator for each value of each part, and both elapsed times."""

_OWN, _THEIR = (*SHAPE[:3], BINS), (*SHAPE[:2], SHAPE[4], BINS)
CROSSED = math.prod(_OWN) + math.prod(_THEIR)
"""Numbers that tell a bin of an elapsed time and the situation that it is in, see `crossing`."""

_MIDDLE = np.log((EDGES + np.append(EDGES[1:], 2 * EDGES[-1])) / 2 * FRAME).astype(np.float32)
"""[E] logarithm of the seconds in the middle of each bin."""

ALL = (True,) * len(SHAPE)
"""All parts of the state are used."""


def coordinates(cells: np.ndarray, used: tuple[bool, ...] = ALL) -> tuple[np.ndarray, ...]:
    """The parts of `state.SHAPE` for each of `cells`; 0 for those that are not `used`."""
    parts = np.unravel_index(cells, SHAPE)
    return tuple(part if u else np.zeros_like(part) for part, u in zip(parts, used, strict=True))


def features(cells: np.ndarray, used: tuple[bool, ...] = ALL) -> np.ndarray:
    """[C, F] float32: each part of the cell as an indicator, and both elapsed times as logarithms.

    Args:
      cells: [C] int32.
      used: which parts the hazards may depend on; the others are held at 0.
    """
    parts = coordinates(cells, used)
    columns = [np.eye(size, dtype=np.float32)[part] for size, part in zip(SHAPE, parts, strict=True)]
    columns += [_MIDDLE[part][:, None] for part in parts[-2:]]
    return np.concatenate(columns, axis=1)


def initial(seed: int, widths: tuple[int, ...] = WIDTHS) -> Params:
    """Layers of the network: kernels drawn, or 0 for what the last one sees of the features; biases 0."""
    rng = np.random.default_rng(seed)
    sizes = (FEATURES, *widths, 2)
    params = {
        f"layer_{i}": {
            "kernel": rng.normal(0, np.sqrt(1 / a), (a, b)).astype(np.float32),
            "bias": np.full(b, -3.0 if i == len(widths) else 0.0, np.float32),
        }
        for i, (a, b) in enumerate(itertools.pairwise(sizes))
    }
    last = params[f"layer_{len(widths)}"]
    last["kernel"] = np.concatenate([last["kernel"], np.zeros((CROSSED, 2), np.float32)])
    return params


def crossing(cells: np.ndarray, used: tuple[bool, ...] = ALL) -> np.ndarray:
    """[C, 2] int32, below CROSSED: the bin of the own elapsed time in its situation, by who is on and the kind of the
    own IPU, and the bin of the others' in its own, by who is on and who has the floor. Arguments as of `features`.
    """
    on, others, kind, _, floor, *_, own, their = coordinates(cells, used)
    first = np.ravel_multi_index((on, others, kind, own), _OWN)
    return np.stack(
        [first, math.prod(_OWN) + np.ravel_multi_index((on, others, floor, their), _THEIR)], axis=1
    )


def hidden(params: Params, x: jax.Array) -> jax.Array:
    """[C, W] the last hidden layer of features [C, F]."""
    for i in range(len(params) - 1):
        layer = params[f"layer_{i}"]
        x = jax.nn.gelu(x @ layer["kernel"] + layer["bias"][None])
    return x


def network(params: Params, x: jax.Array, crosses: jax.Array) -> jax.Array:
    """[C, 2] log-hazards per frame of features [C, F] and `crossing` [C, 2]: to begin a turn (or, where on, to end the
    IPU), and to begin a backchannel.

    The last layer sees the crossings beside the hidden layer: by them the events expected in each bin are those of the
    corpus, where the network alone is smooth.
    """
    last = params[f"layer_{len(params) - 1}"]
    y = hidden(params, x) @ last["kernel"][:-CROSSED] + last["bias"][None]
    return y + last["kernel"][-CROSSED:][crosses].sum(axis=1)


def possible(cells: np.ndarray) -> np.ndarray:
    """[C, 2] bool: whether the event can take place at all in the cell.

    A backchannel begins after such silence as makes it one, which is told by the bin of the own elapsed time.
    """
    on, *_, own, _ = coordinates(cells)
    isolated = EDGES[own] >= 100
    return np.stack([np.ones(len(cells), bool), (on == 0) & isolated], axis=1)


def fit_network(
    cells: np.ndarray,
    events: np.ndarray,
    exposed: np.ndarray,
    params: Params,
    *,
    steps: int,
    rate: float = 5e-3,
    ridge: float = RIDGE,
    used: tuple[bool, ...] = ALL,
) -> Params:
    """Maximises the Poisson likelihood of the cells, events log(hazard) - exposed hazard.

    Adam over all layers, then `polish`.

    Args:
      cells: [C] int32.
      events: [C, 2] counts.
      exposed: [C, 2] frames, weighted by the speakers' effects. With half a frame less for every event the
        likelihood is that of the discrete hazards up to the square of a hazard, since log(1 - exp(-x)) =
        log(x) - x / 2 + O(x^2).
      params: to begin from.
      steps: of the optimizer, each over the cells that matter most and a sample of the rest.
      rate: of learning, at its height.
      ridge: precision of the kernels' normal prior, whose mean is 0.
      used: see `features`.
    """
    mask = possible(cells)
    order = np.argsort(-(events.sum(axis=1) + 1e-3 * exposed[:, 0]), kind="stable")
    x, e, n = (
        jnp.asarray(a[order], jnp.float32) for a in (features(cells, used), events * mask, exposed * mask)
    )
    crosses = jnp.asarray(crossing(cells, used)[order])
    total, heavy = float(np.sum(events)), min(_HEAVY, len(cells))
    light = len(cells) - heavy
    optimizer = optax.adam(
        optax.warmup_cosine_decay_schedule(0.0, rate, min(100, steps // 10 + 1), steps, rate / 100)
    )

    def loss(params: Params, rows: jax.Array, weight: jax.Array) -> jax.Array:
        log_hazard = network(params, x[rows], crosses[rows])
        nats = jnp.sum(weight[:, None] * (e[rows] * log_hazard - n[rows] * jnp.exp(log_hazard)))
        squares = sum(jnp.sum(layer["kernel"] ** 2) for layer in params.values())
        return (ridge / 2 * squares - nats) / total

    @jax.jit
    def run(params: Params, state: Any) -> tuple[Params, Any]:
        def step(carry: Any, key: jax.Array) -> tuple[Any, None]:
            params, state = carry
            some = jax.random.randint(key, (_LIGHT if light else 0,), heavy, max(len(cells), heavy + 1))
            rows = jnp.concatenate([jnp.arange(heavy), some])
            weight = jnp.concatenate([jnp.ones(heavy), jnp.full(some.shape, light / _LIGHT)])
            gradient = jax.grad(loss)(params, rows, weight)
            updates, state = optimizer.update(gradient, state, params)
            return (optax.apply_updates(params, updates), state), None

        return jax.lax.scan(step, (params, state), jax.random.split(jax.random.key(0), steps))[0]

    params = jax.tree.map(jnp.asarray, params)
    params = jax.tree.map(np.asarray, run(params, optimizer.init(params))[0])
    return polish(cells, events, exposed, params, ridge=ridge, used=used)


_HEAVY, _LIGHT = 3000, 1500
"""Cells with the most events, which every step sees, and how many of the others it draws."""


def polish(
    cells: np.ndarray,
    events: np.ndarray,
    exposed: np.ndarray,
    params: Params,
    *,
    ridge: float = RIDGE,
    used: tuple[bool, ...] = ALL,
) -> Params:
    """The maximum over the last layer alone, which is a log-linear model, by Newton's method: what an optimizer
    leaves of a bias goes. The arguments are those of `fit_network`.
    """
    mask = possible(cells)
    last = f"layer_{len(params) - 1}"
    dense = np.asarray(hidden(params, jnp.asarray(features(cells, used))), np.float64)
    dense = np.concatenate([dense, np.ones((len(dense), 1))], axis=1)
    place = (np.repeat(np.arange(len(cells)), 2), crossing(cells, used).ravel())
    sparse = scipy.sparse.csr_array((np.ones(2 * len(cells)), place), shape=(len(cells), CROSSED))
    kernel, bias = params[last]["kernel"], params[last]["bias"]
    at = dense.shape[1] - 1  # where the bias is among the weights
    weights = np.insert(kernel, at, bias, axis=0).astype(np.float64)
    precision = np.full(len(weights), ridge)
    precision[at] = 1e-6
    for i in (0, 1):
        some = mask[:, i]
        weights[:, i] = maximum(
            dense[some], sparse[some], events[some, i], exposed[some, i], precision, weights[:, i]
        )
    kernel, bias = np.delete(weights, at, axis=0).astype(np.float32), weights[at].astype(np.float32)
    return params | {last: {"kernel": kernel, "bias": bias}}


def log_hazards(params: Params, cells: np.ndarray, used: tuple[bool, ...] = ALL) -> np.ndarray:
    """[C, 2] float32 log-hazards per frame, `IMPOSSIBLE` where the event cannot be."""
    parts = np.array_split(cells, max(1, len(cells) // 50000))
    seen = ((jnp.asarray(features(p, used)), jnp.asarray(crossing(p, used))) for p in parts)
    values = np.concatenate([np.asarray(network(params, x, crosses)) for x, crosses in seen])
    return np.where(possible(cells), values, IMPOSSIBLE).astype(np.float32)


@jax.jit
def table(params: Params) -> jax.Array:
    """[CELLS, 2] what `log_hazards` gives for all cells, by sums over the parts of the state in place of products with
    their indicators.
    """
    first, *deeper = (params[f"layer_{i}"] for i in range(len(params)))
    last = deeper[-1] if deeper else first
    *parts, own, their, logs = jnp.split(first["kernel"][:FEATURES], np.cumsum(SHAPE))
    early = first["bias"][None]
    for part in parts:
        early = (early[:, None] + part[None]).reshape(-1, early.shape[-1])
    own += _MIDDLE[:, None] * logs[:1]
    their += _MIDDLE[:, None] * logs[1:]
    late = (own[:, None] + their[None]).reshape(-1, early.shape[-1])

    def deep(early: jax.Array) -> jax.Array:
        y = early[None] + late
        for layer in deeper:
            y = jax.nn.gelu(y)
            y = y @ layer["kernel"][: y.shape[-1]] + layer["bias"][None]
        return y

    values = jax.lax.map(deep, early, batch_size=36).reshape(*SHAPE, 2)
    own_bins, their_bins = jnp.split(last["kernel"][-CROSSED:], [math.prod(_OWN)])
    values += jnp.expand_dims(own_bins.reshape(*_OWN, 2), (3, 4, 5, 6, 7, 9))
    values += jnp.expand_dims(their_bins.reshape(*_THEIR, 2), (2, 3, 5, 6, 7, 8))
    return jnp.where(possible(np.arange(CELLS)), values.reshape(CELLS, 2), IMPOSSIBLE)
