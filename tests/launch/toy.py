"""An experiment of seconds without JAX: it counts steps, writes a metric of each, and goes on where it was."""

import os
import signal
import textwrap
from pathlib import Path

TOY = '''
"""Counts steps; the metric falls by the rate.

    babble launch toy.py

Takes a second. Expected: bits of 8 less steps times rate.
"""
import dataclasses
import json
import os
import signal
import time


@dataclasses.dataclass(frozen=True)
class Optimizer:
    """Falls.

    Attributes:
      rate: By step.
    """

    rate: float = 0.5


@dataclasses.dataclass(frozen=True)
class Count:
    """Counts.

    Attributes:
      optimizer: How fast.
      steps: Number of steps.
      shape: Two numbers.
      loud: Print each step.
      seed: Added to the metric, a hundredth.
      killed: Step at which its first start kills itself.
      pause: Seconds of a step.
    """

    optimizer: Optimizer = Optimizer()
    steps: int = 3
    shape: tuple[int, ...] = (1, 2)
    loud: bool = False
    seed: int = 0
    killed: int = 0
    pause: float = 0.0

    def run(self, work, results):
        if self.steps < 0:
            raise ArithmeticError("steps are below zero")
        log = work / "metrics.jsonl"
        done = len(log.read_text().splitlines()) if log.exists() else 0
        for step in range(done + 1, self.steps + 1):
            if self.loud:
                print("step", step, flush=True)
            with log.open("a") as file:
                print(json.dumps({"step": step, "validation/bits": self._bits(step)}), file=file)
            if step == self.killed:
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(self.pause)
        return {"bits": self._bits(self.steps), "cores": len(os.sched_getaffinity(0)), "seconds": time.time()}

    def _bits(self, step):
        return 8 - self.optimizer.rate * step + self.seed / 100


EXPERIMENT = Count()
'''


def write_toy(folder: Path) -> Path:
    """Writes the experiment into a folder as `toy.py`."""
    path = folder / "toy.py"
    path.write_text(textwrap.dedent(TOY), encoding="utf-8")
    return path


def signal_run(run, number: signal.Signals) -> None:
    """Sends a signal to the process of a run."""
    os.kill(run.read_state().pid, number)
