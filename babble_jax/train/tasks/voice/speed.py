"""Measures how fast a voice trains on this machine: whole updates alone, and with all that brings them their data."""

import contextlib
import dataclasses
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np

from babble_jax.numerics import fixed_numerics
from babble_jax.train.config import LogConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.memory import keep_freed_memory
from babble_jax.train.state import init_train_state
from babble_jax.train.step import train_step
from babble_jax.train.task import Batch
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.throughput import update_flops

_ROUNDS = 5  # turns of the two kinds; the medians count


@fixed_numerics(any_precision=True)
def measure_training(config: VoiceTrainConfig, peak: float, seconds: float = 10.0) -> dict[str, Any]:
    """Measures how fast a voice trains, as `train` does it, from new parameters; nothing is saved.

    Updates that repeat one batch are the step alone. Beside them, in turn, each update takes the next batch of the data
    set: reading, features, noise and shuffling come on top.

    Args:
      config: values of the training, with a data set.
      peak: floating-point operations per second of large matrix products, `throughput.matrix_peak`, of all devices.
      seconds: how long it is measured, about.

    Returns:
      By name: `samples_per_second` of whole updates on the data set, `step_samples_per_second` of the step alone,
      `end_to_end_share`, the one over the other, `flops_per_sample`, `peak` and `peak_share` of the step alone.

    Raises:
      BabbleError: there is no such data set.
    """
    config = dataclasses.replace(config, init_from=None)
    with tempfile.TemporaryDirectory(prefix="babble-bench-") as scratch, contextlib.ExitStack() as stack:
        if jax.default_backend() == "cpu":  # as `train` does
            stack.enter_context(keep_freed_memory())
        task = VoiceTask(config)
        task.open(False)
        task.prepare(Path(scratch), LogConfig())
        mesh = device_mesh(config.parallel, config.batch_size)
        update = mesh.compile(train_step(task))
        data = stack.enter_context(contextlib.closing(task.batches()))
        state = init_train_state(task)
        batch = next(data)
        flops = update_flops(task, state.params, batch) / task.samples_per_update
        state = mesh.shard(state)

        def run(following: Callable[[], Batch], length: float) -> float:
            """Makes updates for so many seconds, and returns how long one takes; the loss is fetched a step late."""
            nonlocal state
            count, pending, start = 0, None, time.perf_counter()
            while count < 2 or time.perf_counter() - start < length:
                state, metrics = update(state, following())
                if pending is not None:
                    jax.block_until_ready(pending)
                pending, count = metrics, count + 1
            jax.block_until_ready(pending)
            return (time.perf_counter() - start) / count

        kinds: dict[str, Callable[[], Batch]] = {"step": lambda: batch, "all": lambda: next(data)}
        for following in kinds.values():
            run(following, 0.0)  # compiles
        times: dict[str, list[float]] = {name: [] for name in kinds}
        for _ in range(_ROUNDS):
            for name, following in kinds.items():
                times[name].append(run(following, seconds / len(kinds) / _ROUNDS))
    rate = {name: task.samples_per_update / float(np.median(values)) for name, values in times.items()}
    return {
        "samples_per_second": rate["all"],
        "step_samples_per_second": rate["step"],
        "end_to_end_share": float(np.median(np.array(times["step"]) / np.array(times["all"]))),
        "flops_per_sample": flops,
        "peak": peak,
        "peak_share": rate["step"] * flops / peak,
    }
