"""Ends a run before its last step, by the clock or where its evaluations gain no more, and keeps the best parameters.

What was evaluated, and how long the updates of earlier starts took, stands in the log of the run.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from babble_jax.notes import print_note
from babble_jax.plural import plural
from babble_jax.progress import format_time_left
from babble_jax.track.jsonl import MACHINE, METRICS, read_metrics
from babble_jax.track.tracker import Tracker
from babble_jax.train.hooks import Moment
from babble_jax.train.task import Evaluation, Task

BEST = "best"
"""Folder, in that of a run, of the model with the best evaluation."""
_VALIDATION, _SECONDS = "validation/", "machine/seconds_of_updates"


class Budget(NamedTuple):
    """How long a run lasts, in parts of equal length; it is evaluated before its first update and after each part.

    Attributes:
      seconds: of updates, those of earlier starts included, without compiling, evaluations and checkpoints; None where
        the number of steps ends the run.
      parts: their number.
      patience: evaluations in a row without gain after which the run ends.
    """

    seconds: float | None = None
    parts: int = 10
    patience: int = 3


def list_evaluations(lines: Sequence[dict[str, float]]) -> list[tuple[int, dict[str, float]]]:
    """Lists the evaluations in the metrics of a run: of each the step and its metrics by name."""
    evaluations = []
    for line in lines:
        values = {
            name.removeprefix(_VALIDATION): x for name, x in line.items() if name.startswith(_VALIDATION)
        }
        if values:
            evaluations.append((int(line["step"]), values))
    return evaluations


class EndingHook:
    """Keeps the best parameters of a run in its folder, `BEST`, and says when the run is over.

    The lowest value of the first metric is the best one. It acts after the checkpoint of its step: what is best there
    is written again when the run goes on, so that a kill between the two loses nothing.

    Args:
      every: steps between checkpoints.
      budget: how long the run lasts.
      task: the task.
      workdir: folder of the run.
      steps: updates in all, at most.
      done: updates of earlier starts.
      tracker: where the seconds go.
      clock: gives the seconds of the updates of this start.
    """

    def __init__(
        self,
        every: int,
        budget: Budget,
        task: Task,
        workdir: Path,
        steps: int,
        done: int,
        tracker: Tracker,
        clock: Callable[[], float],
    ):
        self.every, self._budget, self._task, self._steps = every, budget, task, steps
        self._folder, self._tracker, self._clock = workdir / BEST, tracker, clock
        machine = [line[_SECONDS] for line in read_metrics(workdir / MACHINE) if _SECONDS in line]
        self._before = machine[-1] if machine else 0.0  # seconds
        self._evaluations = list_evaluations(read_metrics(workdir / METRICS))
        self._part = self._parts_done(done)

    @property
    def is_new(self) -> bool:
        """Tells whether nothing has been evaluated yet."""
        return not self._evaluations

    @property
    def gains_nothing(self) -> bool:
        """Tells whether the latest evaluations, as many as the budget has patience for, have gained nothing."""
        return len(self._evaluations) - 1 - self._best >= self._budget.patience

    @property
    def _best(self) -> int:
        """Index of the best evaluation, the first of equal ones."""
        values = [next(iter(metrics.values())) for _, metrics in self._evaluations]
        return int(np.argmin(values)) if values else 0

    @property
    def _elapsed(self) -> float:
        return self._before + self._clock()

    @property
    def is_late(self) -> bool:
        """Tells whether the seconds of the budget are over."""
        return self._budget.seconds is not None and self._elapsed >= self._budget.seconds

    def _parts_done(self, step: int) -> int:
        seconds, parts = self._budget.seconds, self._budget.parts
        share = step / self._steps if seconds is None else self._elapsed / seconds
        return math.floor(min(share, 1) * parts)

    def resume(self, moment: Moment) -> None:
        """Writes the best parameters again where they are those of the step from which the run goes on."""
        if not self.is_new:
            step, metrics = self._evaluations[self._best]
            if step == moment.step:
                self._task.export(moment.state.params, self._folder, step, Evaluation(metrics, 0.0))

    def ends_at(self, step: int) -> bool:
        """Tells whether a step is the last one, by the clock."""
        return step == self._steps or self.is_late

    def evaluates_at(self, step: int) -> bool:
        """Tells whether a part of the run has ended with a step; each is told once."""
        before, self._part = self._part, max(self._part, self._parts_done(step))
        return self._part > before

    def time_left(self) -> dict[str, str]:
        """Gives the time left for the line of progress, where the clock ends the run."""
        if self._budget.seconds is None:
            return {}
        return {"time left": format_time_left(max(0.0, self._budget.seconds - self._elapsed))}

    def __call__(self, moment: Moment) -> None:
        """Logs the seconds; keeps the parameters if they were evaluated and are the best."""
        self._tracker.log_machine(moment.step, {_SECONDS: self._elapsed})
        if moment.evaluation is None:
            return
        self._evaluations.append((moment.step, moment.evaluation.metrics))
        name, value = next(iter(moment.evaluation.metrics.items()))
        print_note(f"evaluated after {plural(moment.step, 'update')}: {name} {value:.4f}")
        if self._best == len(self._evaluations) - 1:
            self._task.export(moment.state.params, self._folder, moment.step, moment.evaluation)
