"""The configuration that every training run has, whatever it trains, and the settings of its log."""

import dataclasses
from collections.abc import Sequence
from typing import Literal

import optax
import optax.contrib

from babble_jax.config import check_seed

MOST_STEPS = 2**31 - 1
"""Updates of a run; the optimizer counts them in 32 bits."""


@dataclasses.dataclass(frozen=True)
class OptimizerConfig:
    """Adam or Muon with clipped gradients; the defaults are the SampleRNN authors' code.

    Attributes:
      kind: "muon" makes the momentum of every matrix orthogonal (Jordan et al. 2024,
        kellerjordan.github.io/posts/muon) at the size of Adam's updates (Liu et al. 2025, arXiv 2502.16982, section
        2.2), so that both take the same learning rates; what is no matrix goes by Adam with Nesterov's momentum.
      learning_rate: highest learning rate of the schedule.
      warmup_steps: steps of linear rise from 0.
      decay_steps: the step at which a cosine has brought the rate to 2 % of its highest, where it stays; 0 for a
        constant rate. A schedule counts steps, never minutes.
      clip: each gradient is clipped to [-clip, clip], after the reduction over devices; 0 for no clipping.

    Examples:
      >>> schedule = OptimizerConfig(learning_rate=2e-3, warmup_steps=10, decay_steps=100).schedule()
      >>> round(float(schedule(10)), 6)
      0.002
    """

    kind: Literal["adam", "muon"] = "adam"
    learning_rate: float = 1e-3
    warmup_steps: int = 0
    decay_steps: int = 0
    clip: float = 1.0

    def __post_init__(self):
        if not 0 < self.learning_rate < float("inf"):
            raise ValueError(f"learning_rate is {self.learning_rate}; it must be positive and finite")
        if not 0 <= self.clip < float("inf"):
            raise ValueError(f"clip is {self.clip}; it must be 0 or more, and finite")
        if not (0 <= self.warmup_steps <= MOST_STEPS and 0 <= self.decay_steps <= MOST_STEPS):
            raise ValueError(f"warmup_steps and decay_steps must be from 0 to {MOST_STEPS}")
        if self.decay_steps and self.decay_steps <= self.warmup_steps:
            raise ValueError("decay_steps counts from step 0 and must exceed warmup_steps")

    def schedule(self) -> optax.Schedule:
        """Makes the schedule: from the number of earlier updates to the learning rate."""
        high, warm = self.learning_rate, self.warmup_steps
        if self.decay_steps:
            start = 0.0 if warm else high
            return optax.warmup_cosine_decay_schedule(start, high, warm, self.decay_steps, 0.02 * high)
        return optax.linear_schedule(0.0, high, warm) if warm else optax.constant_schedule(high)

    def build(self, schedule: optax.Schedule | None = None) -> optax.GradientTransformation:
        """Builds the transformation of reduced gradients into updates.

        Args:
          schedule: learning rate by the number of earlier updates; the config's own where None.
        """
        clip = optax.clip(self.clip) if self.clip else optax.identity()
        rate = self.schedule() if schedule is None else schedule
        rule = optax.adam(rate) if self.kind == "adam" else optax.contrib.muon(rate, consistent_rms=0.2)
        return optax.chain(clip, rule)


def join_schedules(parts: Sequence[tuple[int, OptimizerConfig]]) -> optax.Schedule:
    """Joins the schedules of a run whose learning rate was changed.

    Args:
      parts: the number of updates after which each schedule begins, from 0 on, and its config.
    """
    schedules = [optimizer.schedule() for _, optimizer in parts]
    if len(parts) == 1:
        return schedules[0]
    return optax.join_schedules(schedules, [step for step, _ in parts[1:]])


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Values that every run has; the config of a task extends it by its own fields.

    Parameters at a step depend on nothing else, so that a run goes on only under the same config, but for the values
    in `babble_jax.train.record.MAY_CHANGE`.

    Attributes:
      optimizer: Optimizer and its learning rate schedule.
      batch_size: Number of streams that are read side by side, over all devices and processes.
      seed: Random seed of the initial parameters and of the order of the data.
      parallel: How the step is mapped over devices: "pmap", or "jit" over a mesh.
    """

    optimizer: OptimizerConfig = OptimizerConfig()
    batch_size: int = 128
    seed: int = 0
    parallel: Literal["pmap", "jit"] = "pmap"

    def __post_init__(self):
        check_seed(self.seed)
        if not 1 <= self.batch_size <= 10**9:
            raise ValueError(f"batch_size is {str(self.batch_size)[:30]}; it must be from 1 to 1000000000")


@dataclasses.dataclass(frozen=True)
class LogConfig:
    """Settings of the log of a run, which may change when the run goes on.

    Attributes:
      every: steps between lines of training metrics.
      evaluate_every: steps between evaluations; 0 for one at the end only.
      evaluate_recordings: validation recordings that an evaluation reads; 0 for all.
      save_every: steps between checkpoints.
      keep: number of latest checkpoints to retain.
      audio_seconds: seconds of babble that an evaluation logs.
      wandb: mode of Weights & Biases: "online", "offline" or "off".
      project: project of Weights & Biases.
    """

    every: int = 10
    evaluate_every: int = 1000
    evaluate_recordings: int = 8
    save_every: int = 500
    keep: int = 3
    audio_seconds: float = 3.0
    wandb: Literal["online", "offline", "off"] = "off"
    project: str = "babble_jax"

    def __post_init__(self):
        least = {"every": 1, "evaluate_every": 0, "evaluate_recordings": 0, "save_every": 1, "keep": 1}
        for name, lowest in least.items():
            if getattr(self, name) < lowest:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be at least {lowest}")
        if not 0 <= self.audio_seconds <= 3600:
            raise ValueError(f"audio_seconds is {self.audio_seconds}; choose from 0 (none) to 3600")
