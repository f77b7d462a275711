"""Recordings of sound that is synthesized: a folder of sound files with their labels, from a seed.

The timing, melody and level of speech come from the unit language model of a speaker of the default voice, babblers.
"""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.audio import wave
from babble_jax.audio.activity import LABEL_SUFFIX
from babble_jax.errors import BabbleError
from babble_jax.files import atomic_folder
from babble_jax.input_files import read_json
from babble_jax.presets import registry
from babble_jax.progress import Progress
from babble_jax.synthesis import chip_babble, sampled, sampled_babble, sung_babble
from babble_jax.synthesis.formants import VOICE_TYPES
from babble_jax.synthesis.kinds import (
    KINDS,
    MINUTES,
    RATE,
    check_instrument,
    check_length,
    kind_seed,
    recording_lengths,
)
from babble_jax.voice.conditioning.unit_lm import UnitLM
from babble_jax.voice.conditioning.unit_models import load_unit_models

_UNITS_FILE = "units.safetensors"
_NOTICE = """Synthesized by babble_jax ({kind}), under the licence of babble_jax.
When it sounds, for how long, its melody and its level are drawn from the unit language model of the speaker "{speaker}"
of the voice "{voice}" that ships with babble_jax; the NOTICE beside that voice names the recordings that it was fitted
to.
"""
_NOTES_NOTICE = """Its notes are those of sound files that were given by the folder {notes}, whose licence holds for it.
"""

Labels = list[tuple[float, str]]
"""The end, in seconds, and the name of each label, one after another from 0 on."""


Babble = Callable[[UnitLM, int, float, int, tuple[int, ...], int], tuple[np.ndarray, Labels]]
"""Makes ([T] float32, labels) of a unit language model, the number of its units, seconds, a rate in Hz, a seed of what
is said and one of the voice."""
_BABBLE: dict[str, Babble] = {
    "chip": chip_babble.babble,
    **{f"opera-{one}": functools.partial(sung_babble.babble, one) for one in VOICE_TYPES},
}


def write_recordings(
    kind: str,
    folder: str | os.PathLike,
    minutes: float = MINUTES,
    seed: int = 0,
    speaker: str | None = None,
    notes: str | os.PathLike | None = None,
) -> Path:
    """Makes a folder of recordings of a kind.

    Args:
      kind: one of `babble_jax.synthesis.kinds.KINDS`; with notes, the name of their instrument, any other.
      folder: in which the folder `kind` is created.
      minutes: of all recordings; those of full length are the same however many there are.
      seed: of what is said. Another kind says other things by the same seed; the voice of a kind is always the same.
      speaker: of the default voice, whose timing, melody and level it has; None for the first.
      notes: folder of the sound files of an instrument, a note in each (`sampled.read_instrument`).

    Returns:
      folder/kind: sound files, phone labels beside them that name the notes and the pauses, and COPYRIGHT.txt.

    Raises:
      BabbleError: no such kind or speaker, an impossible length or seed, no notes, or the folder is there already.
    """
    check_length(minutes, seed)
    if notes is not None:
        check_instrument(kind)
    elif kind not in KINDS:
        raise BabbleError(f"{kind}: no such sound is synthesized; choose from {', '.join(KINDS)}.")
    target = Path(folder) / kind
    if target.exists():
        raise BabbleError(f"{target}: is already there; use it, or remove it to make it anew.")
    unit_lm, units, name = load_unit_lm(speaker)
    babble = (
        _BABBLE[kind]
        if notes is None
        else functools.partial(sampled_babble.babble, sampled.read_instrument(notes, RATE))
    )
    lengths, own = recording_lengths(minutes), kind_seed(kind)
    with (
        atomic_folder(target, f"sound {kind}") as temporary,
        Progress(f"making {kind}", len(lengths), "files") as bar,
    ):
        for i, seconds in enumerate(lengths):
            audio, labels = babble(unit_lm, units, seconds, RATE, (seed, own, i), own)
            path = temporary / f"{kind}_{i + 1:05d}.wav"
            wave.write(path, audio, RATE)
            path.with_suffix(LABEL_SUFFIX).write_text(format_labels(labels), "utf-8")
            bar.update()
        notice = _NOTICE.format(kind=kind, speaker=name, voice=registry.DEFAULT_VOICE)
        if notes is not None:
            notice += _NOTES_NOTICE.format(notes=Path(notes).resolve().name)
        (temporary / "COPYRIGHT.txt").write_text(notice, "utf-8")
    return target


def format_labels(labels: Labels) -> str:
    """Formats labels as the lines of an xlabel file, as `audio.activity.read_phone_labels` reads it."""
    return "\n".join(["#", *(f"{end:.4f} 100 {name}" for end, name in labels)]) + "\n"


def load_unit_lm(speaker: str | None = None) -> tuple[UnitLM, int, str]:
    """Opens the unit language model of a speaker of the default voice; its network is not loaded.

    Args:
      speaker: name; None for the first.

    Returns:
      (model, units, name): the unit language model, the number of units, and the name of the speaker.

    Raises:
      BabbleError: no such speaker.
    """
    folder = registry.path("voices", registry.DEFAULT_VOICE)
    settings: dict[str, Any] = read_json(folder / "voice.json")["voice"]
    speakers = settings["speakers"]
    name = speakers[0] if speaker is None else speaker
    if name not in speakers:
        raise BabbleError(f"{name}: there is no such speaker; choose from {', '.join(speakers)}.")
    models = load_unit_models(folder / _UNITS_FILE, settings["units"], len(speakers))
    return models.unit_lms[speakers.index(name)], settings["units"], name
