"""How fast a run trains: the operations of an update, the peak of the machine, and the pace of the updates.

The yardstick is the share of peak: floating-point operations per second of the updates over those of a large matrix
product on the same device, measured when the run has begun.
"""

import collections
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.train.task import Batch, Params, Task

_SIZE = 1536  # of the square matrices; three of them are 28 MB
_ROUNDS = 20  # the fastest counts: other work on the machine slows some of them
_RECENT = 50  # updates over which the pace is a mean


def matrix_peak() -> float:
    """Measures FLOP/s of float32 matrix products, on all threads of a CPU or on one other device; takes a second."""
    a = jnp.asarray(np.random.default_rng(0).normal(size=(_SIZE, _SIZE)), jnp.float32)
    product = jax.jit(lambda a: a @ a)
    product(a).block_until_ready()
    seconds = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        product(a).block_until_ready()
        seconds.append(time.perf_counter() - start)
    return 2 * _SIZE**3 / min(seconds)


def count_flops(function: Callable[..., Any], *arguments: Any) -> float:
    """Counts the floating-point operations of the matrix products and convolutions of a function; runs nothing.

    The body of a loop counts as often as it runs, which the estimates of XLA leave out. Of the branches of a condition
    the largest counts. A `while` loop, whose number of rounds is not known, counts once.

    Args:
      function: of arrays.
      arguments: arrays, or their shapes.

    Examples:
      >>> count_flops(lambda a: a @ a, jnp.zeros((8, 8)))
      1024.0
    """
    return _count(jax.make_jaxpr(function)(*arguments).jaxpr)


def _count(jaxpr: Any) -> float:
    total = 0.0
    for equation in jaxpr.eqns:
        name, parameters = equation.primitive.name, equation.params
        if name == "dot_general":
            (contracted, _), _ = parameters["dimension_numbers"]
            shape = equation.invars[0].aval.shape
            total += 2.0 * math.prod(equation.outvars[0].aval.shape) * math.prod(shape[i] for i in contracted)
        elif name == "conv_general_dilated":
            kernel, numbers = equation.invars[1].aval.shape, parameters["dimension_numbers"]
            per_output = math.prod(kernel) / kernel[numbers.rhs_spec[0]]
            total += 2.0 * math.prod(equation.outvars[0].aval.shape) * per_output
        else:
            inner = [_count(one) for one in _inner(parameters)]
            rounds = parameters["length"] if name == "scan" else 1
            total += rounds * (max(inner, default=0.0) if name == "cond" else sum(inner))
    return total


def _inner(parameters: dict[str, Any]) -> Iterator[Any]:
    """Yields the programs within an operation."""
    for value in parameters.values():
        for one in value if isinstance(value, tuple | list) else (value,):
            if hasattr(one, "jaxpr"):  # closed over constants
                yield one.jaxpr
            elif hasattr(one, "eqns"):
                yield one


def update_flops(task: Task, params: Params, batch: Batch) -> float:
    """Counts the operations of an update: those of the loss, and twice as many of its gradient.

    Args:
      task: the task.
      params: parameters, or their shapes.
      batch: arrays of B streams.
    """
    count = len(jax.tree.leaves(batch)[0])
    params, arrays = jax.tree.map(lambda x: jax.ShapeDtypeStruct(np.shape(x), x.dtype), (params, dict(batch)))
    carry = jax.eval_shape(lambda params: task.initial_carry(params, count), params)
    keys = jax.random.split(jax.random.key(0), count)
    return 3 * count_flops(
        lambda params, carry, batch: task.loss(params, carry, batch, keys).total, params, carry, arrays
    )


class Pace:
    """Measures the seconds of the latest updates, without what a run does between them.

    Args:
      clock: seconds.

    Attributes:
      total: seconds of all updates.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock, self._last = clock, clock()
        self.total = 0.0
        self._seconds: collections.deque[float] = collections.deque(maxlen=_RECENT)

    def restart(self) -> None:
        """Begins an update now; the time since the last one does not count."""
        self._last = self._clock()

    def update(self) -> None:
        """Ends an update, and begins the next one."""
        now = self._clock()
        self._seconds.append(now - self._last)
        self.total += now - self._last
        self._last = now

    @property
    def count(self) -> int:
        """Number of updates that the pace is measured from."""
        return len(self._seconds)

    @property
    def seconds(self) -> float:
        """Mean seconds of an update."""
        return sum(self._seconds) / max(1, len(self._seconds))
