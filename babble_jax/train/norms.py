"""L2 norms of gradients and updates by module of the parameters.

The gradient's sums of squares are by-products of its norm, which every update computes. The change of the parameters is
measured outside of the compiled update, at logged steps alone, so that the update itself remains the same program.
"""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp

from babble_jax.train.state import TrainState
from babble_jax.train.step import Metrics
from babble_jax.train.task import Batch, Params

UpdateFn = Callable[[TrainState, Batch], tuple[TrainState, Metrics]]


def sum_squares(tree: Params) -> Params:
    """Sums the squares of each array of a tree, [] float32 each."""
    return jax.tree.map(lambda x: jnp.sum(jnp.square(x)), tree)


def module_norms(squares: Params) -> dict[str, float]:
    """Computes the L2 norm of each module from the sums of squares of its arrays.

    A module is the first key of a path in the tree, `tier_0` say; the first two where all paths begin alike.
    """
    leaves = [
        (jax.tree_util.keystr(path, simple=True, separator="/").split("/"), float(value))
        for path, value in jax.tree_util.tree_leaves_with_path(jax.device_get(squares))
    ]
    depth = 2 if len({path[0] for path, _ in leaves}) == 1 and len(leaves) > 1 else 1
    sums: dict[str, list[float]] = {}
    for path, value in leaves:
        sums.setdefault("/".join(path[:depth]), []).append(value)
    return {name: math.sqrt(math.fsum(values)) for name, values in sums.items()}


def _on_one_device(params: Params) -> Params:
    return jax.tree.map(lambda x: x.addressable_data(0), params)


class MeasuredUpdate:
    """Makes updates and measures the change of the parameters at logged steps.

    Args:
      update: the compiled update, which consumes its state.
      every: steps between logged steps.
      done: updates of earlier starts.
    """

    def __init__(self, update: UpdateFn, every: int, done: int):
        self._update, self._every, self._number = update, every, done
        self._copy = jax.jit(lambda params: jax.tree.map(jnp.copy, params))
        self._change = jax.jit(lambda old, new: sum_squares(jax.tree.map(jnp.subtract, new, old)))

    def __call__(self, state: TrainState, batch: Batch) -> tuple[TrainState, Metrics]:
        """Makes the next update; nothing waits for the devices."""
        self._number += 1
        if self._number % self._every:
            return self._update(state, batch)
        before = self._copy(_on_one_device(state.params))
        state, metrics = self._update(state, batch)
        return state, metrics._replace(update_squares=self._change(before, _on_one_device(state.params)))
