"""Demonstration: a dialogue in a minute or, with the training of a small voice, in a few minutes."""

import os
import shlex
from pathlib import Path

from babble_jax import files
from babble_jax.audio import wave
from babble_jax.audio.quantize import Quantizer
from babble_jax.dataset.building import build_dataset
from babble_jax.dialogue.duet import converse
from babble_jax.dialogue.plan import draw_plan
from babble_jax.errors import BabbleError, StoppedError
from babble_jax.presets import registry
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.printable import escape_unprintable
from babble_jax.timing.preset import load_timing
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.training import train_voice
from babble_jax.voice.models.samplernn import SampleRNNConfig

FOLDERS = {"dataset", "training", "dialogue"}
"""Names of the folders of a demo."""
SAMPLE_RATE = 8000
STEPS = 1000
MODEL = SampleRNNConfig(frame_sizes=(16, 4), dim=192, embedding=64, expand_top=True, hidden=1, reset="after")
OPTIMIZER = OptimizerConfig(learning_rate=3e-3, warmup_steps=20, decay_steps=STEPS)
BATCH_SIZE = 16


def training_config(dataset: Path, seed: int) -> VoiceTrainConfig:
    """Builds the config by which a small voice is trained.

    Args:
      dataset: folder of a data set of `SAMPLE_RATE`.
      seed: of the initial parameters and of the order of the recordings.
    """
    return VoiceTrainConfig(
        dataset=str(dataset),
        model=MODEL,
        quantizer=Quantizer("mu_law"),
        optimizer=OPTIMIZER,
        batch_size=BATCH_SIZE,
        seed=seed,
    )


def demo(out: Path, seconds: float, seed: int, train: bool) -> str:
    """Makes a dialogue in `out/dialogue`; an interrupted demo is resumed.

    Args:
      out: a new folder, or that of an earlier demo.
      seconds: length of the dialogue, seconds.
      seed: of the training, the dialogue's plan and its babble.
      train: train a small voice first, in `out/dataset` and `out/training`, in place of the voice that ships.

    Returns:
      The table of the dialogue's events and the paths of its sound and picture, as text.

    Raises:
      BabbleError: the folder holds something else, or such a dialogue cannot be made.
    """
    timing = load_timing("switchboard")
    wave.check_length(seconds, 16_000, channels=2)
    draw_plan(timing, seconds, seed)  # what cannot be drawn is refused before minutes of training
    dialogue = out / "dialogue"
    files.remove_partial(out)  # of a demo that was killed
    if os.path.lexists(out) and not (
        out.is_dir() and all(path.name in FOLDERS or path.name.startswith(".") for path in out.iterdir())
    ):
        raise BabbleError(f"{out}: holds other things than a demo; choose a new folder with --out.")
    voice = train_small_voice(out, seed) if train else DEFAULT_VOICE
    duet = converse(dialogue, timing=timing, voices=voice, seconds=seconds, seed=seed, overwrite=True)
    return "\n".join(
        [
            duet.text,
            escape_unprintable(f"Listen: {dialogue / 'dialogue.wav'}"),
            escape_unprintable(f"Look:   {dialogue / 'timeline.png'}"),
        ]
    )


def train_small_voice(out: Path, seed: int) -> Path:
    """Trains a small voice for two minutes on the excerpt of speech that ships; an interrupted training is resumed.

    Args:
      out: folder for the data set and the training run.
      seed: of the training.

    Returns:
      Folder of the voice.
    """
    dataset = out / "dataset"
    if not dataset.exists():
        build_dataset(registry.path("speech", "festvox-ru"), dataset, sample_rate=SAMPLE_RATE)
    log = LogConfig(evaluate_every=0, evaluate_recordings=2, save_every=200, audio_seconds=2)
    try:
        return train_voice(training_config(dataset, seed), out / "training", STEPS, log=log).voice
    except StoppedError as stop:
        text = f"{str(stop).split(';')[0]}; go on with: babble demo --train --out {shlex.quote(str(out))}"
        raise StoppedError(text, stop.signal) from None
