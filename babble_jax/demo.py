"""The whole way in seconds or, from recordings on, in a few minutes: excerpt, training, timing, dialogue."""

import os
from pathlib import Path

from babble_jax.audio import wave
from babble_jax.audio.quantize import Quantizer
from babble_jax.dataset.excerpt import build_excerpt
from babble_jax.dataset.source import open_dataset
from babble_jax.dialogue.duet import converse
from babble_jax.dialogue.event_table import table_text
from babble_jax.dialogue.plan import drawn
from babble_jax.errors import BabbleError
from babble_jax.pretrained.babbler import VoiceBabbler
from babble_jax.pretrained.pretrained import DEFAULT
from babble_jax.pretrained.pretrained import load_voice as load_voice
from babble_jax.timing.preset import load_preset as load_timing
from babble_jax.train.config import LogConfig, OptimizerConfig, TrainConfig
from babble_jax.train.loop import train as train_voice
from babble_jax.voice.babbler import Babbler, two_of_one
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig

RATE = 8000
STEPS = 1000
MODEL = SampleRNNConfig(frame_sizes=(16, 4), dim=192, embedding=64, expand_top=True, hidden=1, reset="after")
OPTIMIZER = OptimizerConfig(learning_rate=3e-3, warmup_steps=20, decay_steps=STEPS)
LANES = 16


def config_for(dataset: Path, seed: int) -> TrainConfig:
    """The training of a small voice on a data set of `RATE`."""
    return TrainConfig(
        voice=VoiceConfig(MODEL, Quantizer("mu_law"), RATE, open_dataset(dataset, "train").gain),
        dataset=str(dataset),
        optimizer=OPTIMIZER,
        batch_size=LANES,
        seed=seed,
    )


def demo(out: Path, seconds: float, seed: int, train: bool) -> str:
    """Writes `out/dialogue` and, where a voice is trained, `out/dataset` and `out/training` before; a demo that was
    interrupted goes on.

    Args:
      out: a new folder, or that of an earlier demo.
      seconds: length of the dialogue.
      seed: of everything.
      train: whether to train a small voice, in place of the one that ships.

    Returns:
      The table of the dialogue, and where to listen, as text.

    Raises:
      BabbleError: the folder holds something else, or such a dialogue cannot be.
    """
    timing = load_timing("switchboard")
    wave.check_length(seconds, 16_000, channels=2)
    drawn(timing, seconds, seed)  # before minutes of training
    dialogue = out / "dialogue"
    if os.path.lexists(out) and (
        not out.is_dir() or {p.name for p in out.iterdir()} - {"dataset", "training", "dialogue"}
    ):
        raise BabbleError(f"{out}: holds other things than a demo; choose a new folder with --out.")
    if train:
        babblers: tuple[Babbler, Babbler] = two_of_one(VoiceBabbler(load_voice(small_voice(out, seed))))
    else:
        voice = load_voice(DEFAULT)
        one, two = (VoiceBabbler(voice, speaker=name) for name in voice.config.speakers[:2])
        babblers = one, two
    duet = converse(timing, babblers, seconds, seed, dialogue, overwrite=True)
    return "\n".join(
        [
            table_text(duet.table),
            f"Listen: {dialogue / 'dialogue.wav'}",
            f"Look:   {dialogue / 'timeline.png'}",
        ]
    )


def small_voice(out: Path, seed: int) -> Path:
    """The folder of a small voice, trained for two minutes or so on the excerpt of speech that ships.

    Keeps its data set and its training in `out`, and goes on with them.
    """
    dataset = out / "dataset"
    if not dataset.exists():
        build_excerpt(dataset, RATE)
    log = LogConfig(evaluate_every=0, evaluate_recordings=2, save_every=200, audio_seconds=2)
    return train_voice(config_for(dataset, seed), out / "training", STEPS, log).voice
