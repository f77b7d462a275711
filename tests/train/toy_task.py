"""A whole task in under 40 lines, a linear model: `python toy_task.py WORKDIR STEPS` trains it."""

import dataclasses
import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from babble_jax.train.config import LogConfig, OptimizerConfig, TrainConfig
from babble_jax.train.task import Evaluation, Loss, NumberedBatches, Task
from babble_jax.train.trainer import train


@dataclasses.dataclass(frozen=True, kw_only=True)
class LineConfig(TrainConfig):
    slope: float = 2.0


class LineTask(Task):
    def __init__(self, config):
        self.config = config

    def init(self, key):
        return {"slope": jnp.zeros(()), "intercept": jnp.zeros(())}

    def loss(self, params, carry, batch, keys=None):
        error = params["slope"] * batch["x"] + params["intercept"] - batch["y"]
        return Loss(jnp.sum(error**2), jnp.sum(jnp.ones_like(error)), {"error": jnp.sum(jnp.abs(error))})

    def batches(self):
        x = [
            np.random.default_rng(i).normal(size=self.config.batch_size).astype(np.float32) for i in range(9)
        ]
        return NumberedBatches(
            lambda number: {"x": x[number % 9], "y": self.config.slope * x[number % 9] + 1}
        )

    def evaluate(self, params):
        return Evaluation({"slope_error": abs(float(params["slope"]) - self.config.slope)}, 1.0)

    def export(self, params, folder, step, evaluation):
        folder.mkdir(exist_ok=True)
        np.savez(folder / "line.npz", **params)


if __name__ == "__main__":
    log = LogConfig(every=1, evaluate_every=500, save_every=50)
    config = LineConfig(batch_size=8, optimizer=OptimizerConfig(learning_rate=1e-2))
    print(train(LineTask(config), Path(sys.argv[1]), int(sys.argv[2]), log))
