"""Demonstration: a dialogue in a minute or, with the training of a small voice, in a few minutes."""

import dataclasses
import os
import shlex
from pathlib import Path

from babble_jax import files
from babble_jax.audio import wave
from babble_jax.dataset.building import build_dataset
from babble_jax.dialogue.browse import PAGE, check_length
from babble_jax.dialogue.duet import converse
from babble_jax.dialogue.plan import draw_plan
from babble_jax.errors import BabbleError, StoppedError
from babble_jax.presets import registry
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.printable import escape_unprintable
from babble_jax.timing.preset import load_timing
from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.presets import SMALL_PRESET
from babble_jax.train.training import train_voice

FOLDERS = {"dataset", "training", "dialogue"}
"""Names of the folders of a demo."""
SAMPLE_RATE, STEPS, BATCH_SIZE = SMALL_PRESET.sample_rate, SMALL_PRESET.steps, SMALL_PRESET.config.batch_size
POOLED_HOURS = 100.0
"""Hours of dialogue that are drawn without sound: in their pooled figures chance is gone."""


def training_config(dataset: Path, seed: int) -> VoiceTrainConfig:
    """Builds the config by which a small voice is trained.

    Args:
      dataset: folder of a data set of `SAMPLE_RATE`.
      seed: of the initial parameters and of the order of the recordings.
    """
    return dataclasses.replace(SMALL_PRESET.config, dataset=str(dataset), batch_size=BATCH_SIZE, seed=seed)


def demo(out: Path, seconds: float, seed: int, train: bool, browse: bool = False) -> str:
    """Makes a dialogue in `out/dialogue`; an interrupted demo is resumed.

    Args:
      out: a new folder, or that of an earlier demo.
      seconds: length of the dialogue, seconds.
      seed: of the training, the dialogue's plan and its babble.
      train: train a small voice first, in `out/dataset` and `out/training`, in place of the default voice.
      browse: write a page for a browser, too.

    Returns:
      The table of the dialogue's events, the paths of its sound and picture, and what to do next, as text.

    Raises:
      BabbleError: the folder holds something else, or such a dialogue cannot be made.
    """
    timing = load_timing("switchboard")
    wave.check_length(seconds, 16_000, channels=2)
    draw_plan(timing, seconds, seed)  # what cannot be drawn is refused before minutes of training
    if browse:
        check_length(seconds)
    dialogue = out / "dialogue"
    files.remove_partial(out)  # of a demo that was killed
    if os.path.lexists(out) and not (
        out.is_dir() and all(path.name in FOLDERS or path.name.startswith(".") for path in out.iterdir())
    ):
        raise BabbleError(f"{out}: holds other things than a demo; choose a new folder with --out.")
    voice = train_small_voice(out, seed) if train else DEFAULT_VOICE
    duet = converse(
        dialogue,
        timing=timing,
        voices=voice,
        seconds=seconds,
        seed=seed,
        pooled_hours=POOLED_HOURS,
        browse=browse,
        overwrite=True,
    )
    look = [dialogue / PAGE] if browse else [dialogue / "timeline.png", dialogue / "ftos.png"]
    return "\n".join(
        [
            duet.text,
            escape_unprintable(f"Listen: {dialogue / 'dialogue.wav'}"),
            escape_unprintable(f"Look:   {', '.join(map(str, look))}"),
            *next_steps(browse),
        ]
    )


def next_steps(browse: bool) -> list[str]:
    """Says what to do after a demo, in three lines.

    Args:
      browse: a page was made already.
    """
    first = (
        "babble converse --timing callhome-german --seconds 60 --browse --out german  # other people's timing"
        if browse
        else "babble demo --browse  # the same as one page for the browser, with a player"
    )
    return [
        f"Next:   {first}",
        "        babble compare RECORDING --against switchboard  # how human is the timing of a recording?",
        "        babble live  # talk to it in the browser; babble --help lists the rest",
    ]


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
