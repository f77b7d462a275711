"""A training to be killed: `python kill_run.py DATASET WORKDIR STEPS`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from babble_jax.train.config import LogConfig
from babble_jax.train.trainer import train
from tests.small_run import small

LOG = LogConfig(every=1, evaluate_every=40, evaluate_recordings=2, save_every=10, audio_seconds=0)

if __name__ == "__main__":
    train(small(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), LOG)
