"""A training to be killed, of a voice, an ear or a Tacotron 2: `python kill_run.py DATA WORKDIR STEPS KIND`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.tacotron.task import TacotronTask
from babble_jax.train.trainer import train
from babble_jax.voice.models.rnn import RNNConfig
from babble_jax.voice.models.wavenet import WaveNetConfig
from tests.small_run import small
from tests.tacotron.tiny import train_config
from tests.tiny_ear import tiny_ear

KINDS = {
    "samplernn": {},
    "wavenet": {"model": WaveNetConfig(stacks=2, layers=3, channels=8, skip=10, hop=8)},
    "rnn": {"model": RNNConfig(dim=12, embedding=6, hop=8)},
    "units": {"by_activity": True, "units": 4, "segment_shuffle": 0.5},  # of a SampleRNN
}
LOG = LogConfig(every=1, evaluate_every=40, evaluate_recordings=2, save_every=10, audio_seconds=0)

if __name__ == "__main__":
    dataset, workdir, steps, kind = sys.argv[1:]
    if kind == "tacotron":
        task = TacotronTask(train_config(dataset))
    else:
        task = tiny_ear(dataset) if kind == "ear" else small(dataset, **KINDS[kind])
    train(task, Path(workdir), int(steps), LOG)
