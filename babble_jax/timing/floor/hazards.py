"""Log-hazards of what a speaker can do, as a small network over the cells of the state.

Axes: C cells, F features, W widths of layers. A hazard is per frame: the probability of no event in a frame is
exp(-hazard), and where two compete (to begin a turn, to begin a backchannel) each takes its share.

The covariates are piecewise constant, so that the likelihood of a whole corpus is that of a table of events
and exposures by cell, and a table of hazards by cell is all that the sampler needs.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from babble_jax.timing.floor.state import BACKCHANNEL, BINS, EDGES, FRAME, LONE, SHAPE

Params = dict[str, Any]

WIDTHS = (64, 64)
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
        for i, (a, b) in enumerate(zip(sizes[:-1], sizes[1:], strict=True))
    }


def network(params: Params, x: jax.Array) -> jax.Array:
    """[C, 2] log-hazards per frame of features [C, F]: to begin a turn (or, where on, to end the IPU), and to
    begin a backchannel."""
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
    rate: float = 1e-2,
    decay: float = 1e-4,
    used: tuple[bool, ...] = (True,) * len(SHAPE),
) -> Params:
    """Maximises the Poisson likelihood of the cells, events log(hazard) - exposed hazard, by AdamW.

    Args:
      cells: [C] int32.
      events: [C, 2] counts.
      exposed: [C, 2] frames, weighted by the speakers' effects. With half a frame less for every event the
        likelihood is that of the discrete hazards up to the square of a hazard, since log(1 - exp(-x)) =
        log(x) - x / 2 + O(x^2).
      params: to begin from.
      steps: of the optimizer, each over all cells.
      rate: of learning, at its height.
      decay: of the weights.
      used: see `features`.
    """
    x, mask = jnp.asarray(features(cells, used)), jnp.asarray(possible(cells), jnp.float32)
    e, n = jnp.asarray(events, jnp.float32), jnp.asarray(exposed, jnp.float32)
    total = float(np.sum(events))
    optimizer = optax.adamw(
        optax.warmup_cosine_decay_schedule(0.0, rate, min(50, steps // 10 + 1), steps, rate / 100), weight_decay=decay
    )

    def loss(params: Params) -> jax.Array:
        log_hazard = network(params, x)
        return -jnp.sum(mask * (e * log_hazard - n * jnp.exp(log_hazard))) / total

    @jax.jit
    def run(params: Params, state: Any) -> tuple[Params, jax.Array]:
        def step(carry: Any, _: None) -> tuple[Any, jax.Array]:
            params, state = carry
            value, gradient = jax.value_and_grad(loss)(params)
            updates, state = optimizer.update(gradient, state, params)
            return (optax.apply_updates(params, updates), state), value

        (params, _), values = jax.lax.scan(step, (params, state), length=steps)
        return params, values

    params = jax.tree.map(jnp.asarray, params)
    params, values = run(params, optimizer.init(params))
    return jax.tree.map(np.asarray, params)


def log_hazards(
    params: Params, cells: np.ndarray, used: tuple[bool, ...] = (True,) * len(SHAPE)
) -> np.ndarray:
    """[C, 2] float32 log-hazards per frame, `IMPOSSIBLE` where the event cannot be."""
    parts = np.array_split(cells, max(1, len(cells) // 50000))
    values = np.concatenate([np.asarray(network(params, jnp.asarray(features(p, used)))) for p in parts])
    return np.where(possible(cells), values, IMPOSSIBLE).astype(np.float32)
