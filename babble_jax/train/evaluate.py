"""Evaluates a task on batches: masks, sums over all of them, divides once."""

from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.progress import Progress
from babble_jax.train.devices import DeviceMesh
from babble_jax.train.interruption import check_interruption
from babble_jax.train.state import TrainState
from babble_jax.train.step import Metrics, evaluation_step
from babble_jax.train.task import Batch, Evaluation, Params, Task


class Evaluator:
    """Evaluates parameters by the loss of a task; compiles once.

    Args:
      task: the task.
      mesh: devices for `batch_size` streams.
      batches: this process's batches, iterated over in every evaluation.
      batch_size: streams of a batch, over all devices and processes.
      total: number of batches.
    """

    def __init__(
        self, task: Task, mesh: DeviceMesh, batches: Iterable[Batch], batch_size: int, total: int | None
    ):
        self._task, self._mesh, self._batches = task, mesh, batches
        self._batch_size, self._total = batch_size, total
        self._step: Callable[[TrainState, Any], tuple[TrainState, Metrics]]
        self._step = mesh.compile(evaluation_step(task))

    def __call__(self, params: Params) -> Evaluation:
        """Evaluates parameters, which stay as they are: a step gives up the memory of what it is given."""
        params = jax.tree.map(np.array, params)
        step, key = jnp.zeros((), jnp.int32), jnp.zeros(2, jnp.uint32)
        carry = self._task.initial_carry(params, self._batch_size)
        state = self._mesh.shard(TrainState(step, params, (), carry, key))
        total = weight = 0.0
        sums: dict[str, float] = {}
        with Progress("evaluation", self._total, "batches", shown=jax.process_index() == 0) as progress:
            for batch in self._batches:
                check_interruption()
                state, metrics = self._step(state, batch)
                total, weight = total + float(metrics.total), weight + float(metrics.weight)
                sums = {name: sums.get(name, 0.0) + float(x) for name, x in metrics.sums.items()}
                progress.update()
        return Evaluation(self._task.metrics(total, weight, sums), weight)
