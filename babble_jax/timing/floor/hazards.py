"""Log-hazards of what a speaker can do, as a small network over the cells of the state.

Axes: C cells, F features, W widths of layers. A hazard is per frame: the probability of no event in a frame is
exp(-hazard), and where two compete (to begin a turn, to begin a backchannel) each takes its share.

The covariates are piecewise constant, so that the likelihood of a whole corpus is that of a table of events
and exposures by cell, and a table of hazards by cell is all that the sampler needs.
"""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from babble_jax.timing.floor.state import EDGES, FRAME, SHAPE

Params = dict[str, Any]

WIDTHS = (48, 32)
RIDGE = 2.0
IMPOSSIBLE = -30.0
"""Log-hazard of what cannot be: once in a hundred thousand years."""


def coordinates(cells: np.ndarray) -> tuple[np.ndarray, ...]:
    """The parts of `state.SHAPE` for each of `cells`."""
    return np.unravel_index(cells, SHAPE)


def features(cells: np.ndarray, used: tuple[bool, ...] = (True,) * len(SHAPE)) -> np.ndarray:
    """[C, F] float32: each part of the cell as an indicator, and both elapsed times as logarithms.

    Args:
      cells: [C] int32.
      used: which parts the hazards may depend on; the others are held at 0.
    """
    parts = [np.where(u, part, 0) for part, u in zip(coordinates(cells), used, strict=True)]
    middle = np.log((EDGES + np.append(EDGES[1:], 2 * EDGES[-1])) / 2 * FRAME)
    columns = [np.eye(size, dtype=np.float32)[part] for size, part in zip(SHAPE, parts, strict=True)]
    columns += [middle[part].astype(np.float32)[:, None] for part in parts[-2:]]
    return np.concatenate(columns, axis=1)


def initial(seed: int, widths: tuple[int, ...] = WIDTHS) -> Params:
    """Layers of the network: kernels drawn, biases 0."""
    rng = np.random.default_rng(seed)
    sizes = (sum(SHAPE) + 2, *widths, 2)
    return {
        f"layer_{i}": {
            "kernel": rng.normal(0, np.sqrt(1 / a), (a, b)).astype(np.float32),
            "bias": np.full(b, -3.0 if i == len(widths) else 0.0, np.float32),
        }
        for i, (a, b) in enumerate(itertools.pairwise(sizes))
    }


def network(params: Params, x: jax.Array) -> jax.Array:
    """[C, 2] log-hazards per frame of features [C, F]: to begin a turn (or, where on, to end the IPU), and to
    begin a backchannel.
    """
    for i in range(len(params)):
        layer = params[f"layer_{i}"]
        x = x @ layer["kernel"] + layer["bias"][None]
        if i < len(params) - 1:
            x = jax.nn.gelu(x)
    return x


def possible(cells: np.ndarray) -> np.ndarray:
    """[C, 2] bool: whether the event can take place at all in the cell.

    A backchannel begins after such silence as makes it one, which is told by the bin of the own elapsed time.
    """
    on, _, _, _, _, _, own, _ = coordinates(cells)
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
    used: tuple[bool, ...] = (True,) * len(SHAPE),
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
    total, heavy = float(np.sum(events)), min(_HEAVY, len(cells))
    light = len(cells) - heavy
    optimizer = optax.adam(
        optax.warmup_cosine_decay_schedule(0.0, rate, min(100, steps // 10 + 1), steps, rate / 100)
    )

    def loss(params: Params, rows: jax.Array, weight: jax.Array) -> jax.Array:
        log_hazard = network(params, x[rows])
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
    used: tuple[bool, ...] = (True,) * len(SHAPE),
) -> Params:
    """The maximum over the last layer alone, which is a log-linear model, by Newton's method: what an optimizer
    leaves of a bias goes. The arguments are those of `fit_network`.
    """
    mask = possible(cells)
    e, n = events * mask, exposed * mask
    last = f"layer_{len(params) - 1}"
    below = {name: layer for name, layer in params.items() if name != last}
    x = jnp.asarray(features(cells, used))
    hidden = np.asarray(jax.nn.gelu(network(below, x)) if below else x, np.float64)
    hidden = np.concatenate([hidden, np.ones((len(hidden), 1))], axis=1)
    start = np.concatenate([params[last]["kernel"], params[last]["bias"][None]]).astype(np.float64)
    prior = np.append(np.full(len(start) - 1, ridge), 1e-6)
    weights = start.copy()
    for i in (0, 1):

        def objective(w: np.ndarray, i: int = i) -> float:
            value = hidden @ w
            return float(e[:, i] @ value - n[:, i] @ np.exp(np.minimum(value, 20)) - prior @ w**2 / 2)

        w = start[:, i]
        for _ in range(8):
            expected = n[:, i] * np.exp(np.minimum(hidden @ w, 20))
            gradient = hidden.T @ (e[:, i] - expected) - prior * w
            step = np.linalg.solve((hidden * expected[:, None]).T @ hidden + np.diag(prior), gradient)
            size = next((s for s in 0.5 ** np.arange(12) if objective(w + s * step) > objective(w)), 0.0)
            w = w + size * step
            if size == 0.0:
                break
        weights[:, i] = w
    return below | {last: {"kernel": weights[:-1].astype(np.float32), "bias": weights[-1].astype(np.float32)}}


def log_hazards(
    params: Params, cells: np.ndarray, used: tuple[bool, ...] = (True,) * len(SHAPE)
) -> np.ndarray:
    """[C, 2] float32 log-hazards per frame, `IMPOSSIBLE` where the event cannot be."""
    parts = np.array_split(cells, max(1, len(cells) // 50000))
    values = np.concatenate([np.asarray(network(params, jnp.asarray(features(p, used)))) for p in parts])
    return np.where(possible(cells), values, IMPOSSIBLE).astype(np.float32)
