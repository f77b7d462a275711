"""Hooks of a run: what happens between its updates, every so many steps and at the end.

A hook looks at a `Moment`, which the hooks of a step share, in the order of their list.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import jax
import jax.numpy as jnp
import numpy as np
import optax

from babble_jax.errors import BabbleError
from babble_jax.track.jsonl import METRICS, read_metrics
from babble_jax.track.tracker import Cell, Tracker
from babble_jax.train.checkpoint import Checkpoints
from babble_jax.train.norms import module_norms
from babble_jax.train.state import TrainState
from babble_jax.train.step import Metrics
from babble_jax.train.task import BatchIterator, Evaluation, Task


@dataclasses.dataclass
class Moment:
    """A run after an update.

    Attributes:
      step: updates made.
      state: host state.
      data: the iterator over batches.
      evaluation: evaluation of this step, once there is one.
      complete: whether no hook of this step was left out.
      saved: whether this step has a checkpoint.
    """

    step: int
    state: TrainState
    data: BatchIterator
    evaluation: Evaluation | None = None
    complete: bool = True
    saved: bool = False


class Hook(Protocol):
    """Acts on a run every `every` steps, and at its last one; at the last one only where `every` is 0."""

    every: int

    def __call__(self, moment: Moment) -> None:
        """Acts on a moment; all processes call it together."""
        ...


def is_due(hook: Hook, step: int, last: int) -> bool:
    """Tells whether a hook acts at a step.

    Args:
      hook: the hook.
      step: updates made.
      last: step at which the run ends.
    """
    return step == last or bool(hook.every and step % hook.every == 0)


@dataclasses.dataclass
class EvaluateHook:
    """Evaluates the parameters and logs the metrics."""

    every: int
    task: Task
    tracker: Tracker

    def __call__(self, moment: Moment) -> None:
        """Evaluates; all processes call it."""
        moment.evaluation = self.task.evaluate(moment.state.params)
        values = {f"validation/{name}": value for name, value in moment.evaluation.metrics.items()}
        self.tracker.log_metrics(moment.step, values)


@dataclasses.dataclass
class SamplesHook:
    """Logs samples of the model: what the task shows at an evaluation."""

    every: int
    task: Task
    tracker: Tracker

    def __call__(self, moment: Moment) -> None:
        """Logs samples, in the first process."""
        if jax.process_index() == 0:
            key = jax.random.wrap_key_data(jnp.asarray(moment.state.key))
            key = jax.random.fold_in(key, moment.step)
            self.task.show(moment.state.params, moment.step, key, self.tracker)


@dataclasses.dataclass
class SaveHook:
    """Exports the model, and then saves a checkpoint.

    The export comes first: a run that is killed between the two writes an export that is ahead of its checkpoint
    again, whereas an export behind the last checkpoint of a finished run would remain.
    """

    every: int
    task: Task
    workdir: Path
    checkpoints: Checkpoints

    def __call__(self, moment: Moment) -> None:
        """Exports in the first process; saves in all of them, unless the step has its checkpoint."""
        if jax.process_index() == 0:
            folder = self.workdir / self.task.export_folder
            self.task.export(moment.state.params, folder, moment.step, moment.evaluation)
        if not moment.saved:
            self.checkpoints.save(moment.step, moment.state, moment.data, moment.complete)
            moment.saved = True


@dataclasses.dataclass
class MetricsHook:
    """Checks and logs the metrics of updates. It takes no moment: metrics are fetched a step late.

    Attributes:
      every: steps between lines of metrics.
      task: the task.
      tracker: where metrics go.
      schedule: learning rate by the number of earlier updates.
      workdir: folder of the run, for messages.
      checkpoints: its checkpoints, for messages.
      speed: measures how fast the run is, by name.
    """

    every: int
    task: Task
    tracker: Tracker
    schedule: optax.Schedule
    workdir: Path
    checkpoints: Checkpoints
    speed: Callable[[], dict[str, float]] = dict

    def __call__(self, step: int, metrics: Metrics) -> dict[str, float]:
        """Fetches the metrics of a step, logs them when due, and returns the first of them by its name.

        Args:
          step: updates made.
          metrics: sums over all streams.

        Raises:
          BabbleError: the loss or the gradient is not finite; the message names the step and the last good
            checkpoint.
        """
        total, weight, norm = (float(x) for x in (metrics.total, metrics.weight, metrics.gradient_norm))
        if not (math.isfinite(total) and math.isfinite(norm)):
            latest = self.checkpoints.latest
            good = "no checkpoint was saved"
            if latest is not None:
                good = f"the last good checkpoint is step {latest}"
            raise BabbleError(
                f"{self.workdir}: the loss is not finite at step {step}; {good}. "
                "Lower the learning rate and train into another folder."
            )
        values = self.task.metrics(total, weight, {name: float(x) for name, x in metrics.sums.items()})
        if step % self.every == 0:
            rate = float(np.asarray(self.schedule(step - 1)))
            line = values | {"gradient_norm": norm, "learning_rate": rate} | self.task.data_read(step)
            for name, squares in (
                ("gradient_norm", metrics.gradient_squares),
                ("update_norm", metrics.update_squares),
            ):
                own = module_norms(squares)
                if own:
                    line[name] = line.get(name, math.hypot(*own.values()))
                line |= {f"{name}/{module}": value for module, value in own.items()}
            self.tracker.log_metrics(step, {f"train/{name}": value for name, value in line.items()})
            if machine := self.speed() | device_memory():
                self.tracker.log_machine(step, {f"machine/{name}": value for name, value in machine.items()})
        return dict([next(iter(values.items()))])


def device_memory() -> dict[str, float]:
    """Asks the first device of this process for the bytes in use and their peak; nothing where it does not say."""
    statistics = jax.local_devices()[0].memory_stats() or {}
    names = {"bytes_in_use": "device_bytes", "peak_bytes_in_use": "device_peak_bytes"}
    return {ours: float(statistics[theirs]) for theirs, ours in names.items() if theirs in statistics}


@dataclasses.dataclass
class FinishHook:
    """Logs at the end of a run its best and its last evaluation, and the exported model with its card.

    Attributes:
      every: 0, for the last step alone.
      task: the task.
      tracker: where they go.
      workdir: folder of the run, whose log holds the evaluations of all its starts.
    """

    every: int
    task: Task
    tracker: Tracker
    workdir: Path

    def __call__(self, moment: Moment) -> None:
        """Logs, in the first process."""
        if jax.process_index() != 0:
            return
        self.tracker.log_summary(best_and_last(read_metrics(self.workdir / METRICS)))
        folder = self.workdir / self.task.export_folder
        if folder.exists():
            self.tracker.log_artifact(folder.name, folder.name, folder, self.task.card)


def best_and_last(lines: Sequence[dict[str, float]]) -> dict[str, Cell]:
    """Finds the best and the last evaluation of a log, by the lowest value of its first metric.

    Args:
      lines: of the metrics.

    Returns:
      `best/step`, `last/step` and the metrics of both by their names; empty without an evaluation.
    """
    start = "validation/"
    evaluations = [line for line in lines if any(name.startswith(start) for name in line)]
    if not evaluations:
        return {}
    first = next(name for name in evaluations[0] if name.startswith(start))
    best = min(evaluations, key=lambda line: line.get(first, math.inf))
    values: dict[str, Cell] = {}
    for place, line in (("best", best), ("last", evaluations[-1])):
        values[f"{place}/step"] = int(line["step"])
        values |= {
            f"{place}/{name.removeprefix(start)}": value
            for name, value in line.items()
            if name.startswith(start)
        }
    return values
