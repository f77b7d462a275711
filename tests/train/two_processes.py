"""One of two processes of a run: `python two_processes.py INDEX PORT WORKDIR KIND STEP`; the second gets SIGTERM."""

import os
import signal
import sys
from pathlib import Path

import jax
import numpy as np

from babble_jax.errors import StoppedError
from babble_jax.train.config import LogConfig
from babble_jax.train.task import NumberedBatches
from babble_jax.train.trainer import train
from tests.train.toy_task import LineConfig, LineTask

LOG = LogConfig(every=1, evaluate_every=20, save_every=25)
STEPS = 60


class SharedTask(LineTask):
    """Gives each process its share of the streams, and a signal to the second one at a batch."""

    def __init__(self, config, index, step):
        super().__init__(config)
        self.index, self.step = index, step

    def batches(self):
        inner = super().batches()

        def make(number):
            if number == self.step and self.index == 1:
                os.kill(os.getpid(), signal.SIGTERM)
            return {name: np.split(np.asarray(x), 2)[self.index] for name, x in next(inner).items()}

        return NumberedBatches(make)


if __name__ == "__main__":
    index, port, workdir, kind, step = sys.argv[1:]
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(f"localhost:{port}", 2, int(index))
    task = SharedTask(LineConfig(batch_size=8, parallel=kind), int(index), int(step))
    try:
        train(task, Path(workdir), STEPS, LOG)
    except StoppedError as stop:
        print(stop)
        os._exit(128 + stop.signal)
