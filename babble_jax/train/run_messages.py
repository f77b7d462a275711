"""Messages of a run on standard error: what begins, what is compiled, how long all takes, how fast it goes."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator

import jax

from babble_jax.printable import escape_unprintable
from babble_jax.progress import format_estimate
from babble_jax.train.task import Batch, Params, Task
from babble_jax.train.throughput import Pace, matrix_peak, update_flops

ESTIMATED_AFTER = 10
"""Updates after the first one, in which the program is compiled, from which the time of all is estimated."""
_LONG = 60.0  # seconds; of a shorter run the share of peak is not worth the second that measuring takes


def describe_devices() -> str:
    """Names the devices of all processes: their number, their kind and, of a CPU, its cores; and the processes."""
    kind, count, processes = jax.devices()[0], jax.device_count(), jax.process_count()
    shared = "" if processes == 1 else f" in {processes} processes"
    if kind.platform == "cpu":
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        name = f"CPU with {cores} core{'s' * (cores > 1)}"
        if shared:  # which may be on other machines
            return f"{count} devices{shared}, this one on a {name}"
        return name if count == 1 else f"{count} devices of one {name}"
    return f"{count} x {kind.device_kind}{shared}"


class RunMessages:
    """Says what a run does, in the first process.

    Args:
      task: the task.
      done: updates of earlier starts.
      steps: updates in all; None where the clock ends the run.
    """

    def __init__(self, task: Task, done: int, steps: int | None):
        self._task, self._done, self._steps = task, done, steps
        self._speaks = jax.process_index() == 0
        self._pace = Pace()
        self._start = time.monotonic()
        self._estimated = False
        self._full_speed: float | None = None  # updates in a second at the peak

    def begin(self) -> None:
        """Prints the size of the model and of its data, the devices, and what is to be done."""
        if not self._task.description or (self._steps is not None and self._done >= self._steps):
            return
        self._print(f"training: {self._task.description}, on {describe_devices()}")
        if self._done:
            of = "" if self._steps is None else f" of {self._steps}"
            self._print(f"goes on after {self._done}{of} updates")

    @contextlib.contextmanager
    def first_update(self) -> Iterator[None]:
        """Says that the first update of a start is compiled, and how long that took."""
        if self._task.description:
            self._print("compiling ...")
        start = time.monotonic()
        yield
        if self._task.description:
            self._print(f"compiled in {time.monotonic() - start:.1f} s, the first update included")
        self._pace.restart()

    def update(self, number: int, params: Params, batch: Batch) -> None:
        """Counts an update that has ended; prints an estimate after some of them.

        Args:
          number: updates made.
          params: parameters, on the devices or not.
          batch: of this process.
        """
        self._pace.update()
        if (
            self._steps is None
            or self._estimated
            or self._pace.count < ESTIMATED_AFTER
            or number >= self._steps
        ):
            return
        self._estimated = True
        if not self._task.description:
            return
        left = (self._steps - number) * self._pace.seconds
        total = time.monotonic() - self._start + left
        if left > _LONG and self._speaks:
            flops = update_flops(self._task, params, batch) * jax.process_count()
            peak = matrix_peak() * (1 if jax.devices()[0].platform == "cpu" else jax.device_count())
            self._full_speed = peak / flops
            self._print(
                f"a sample takes {flops / self._task.samples_per_update / 1e6:.2f} MFLOP; large matrix products reach "
                f"{peak / 1e9:.0f} GFLOP/s here, which is the peak that shares are of"
            )
        end = time.strftime("%H:%M", time.localtime(time.time() + left))
        self._print(
            f"estimate: about {format_estimate(total)} for {self._steps - self._done} updates, until {end}; "
            "evaluations and checkpoints come on top"
        )
        self._pace.restart()

    def end_early(self, number: int) -> None:
        """Says that a run ends before its last update, since its evaluations gain nothing.

        Args:
          number: updates made.
        """
        self._print(f"ends after {number} updates: the latest evaluations gained nothing")

    def restart(self) -> None:
        """Begins an update after other work, whose time does not count for the pace."""
        self._pace.restart()

    @property
    def seconds(self) -> float:
        """Seconds of the updates of this start, without compiling and without what a run does between updates."""
        return self._pace.total

    def metrics(self) -> dict[str, str]:
        """Gives samples per second and the share of peak for the line of progress; nothing before they are known."""
        speed = self.speed()
        values = {}
        if "samples_per_second" in speed:
            values["samples/s"] = f"{speed['samples_per_second']:,.0f}"
        if "share_of_peak" in speed:
            values["peak"] = f"{speed['share_of_peak']:.0%}"
        return values

    def speed(self) -> dict[str, float]:
        """Measures updates and samples per second and the share of peak; nothing before they are known."""
        samples = self._task.samples_per_update
        if self._pace.count <= ESTIMATED_AFTER:
            return {}
        values = {"updates_per_second": 1 / max(self._pace.seconds, 1e-9)}
        if samples:
            values["samples_per_second"] = samples / max(self._pace.seconds, 1e-9)
        share = 0.0 if self._full_speed is None else 1 / self._pace.seconds / self._full_speed
        if samples and 0 < share <= 1:  # other work has slowed the measurement of the peak where it is more
            values["share_of_peak"] = share
        return values

    def _print(self, text: str) -> None:
        if self._speaks:
            print(escape_unprintable(text), file=sys.stderr, flush=True)
