"""The folder of a pretrained model: names of its files, and where the voice of a training run lies; loads no model."""

import os
from pathlib import Path

from babble_jax.input_files import is_file

WEIGHTS = "weights.safetensors"
DIGESTS = "sha256"
"""Name in a description of the digests of the other files."""
VOICE = "voice.json"
"""Description of a voice of either kind."""
UNITS = "units.safetensors"
PHONES = "tacotron"
"""Kind, in its description, of a voice that speaks phones."""
SYNTHESIZER, VOCODER, PHONOTACTICS = "synthesizer", "vocoder", "phonotactics"
"""Folders of the parts of a voice that speaks phones."""


def find_voice_folder(folder: str | os.PathLike) -> Path:
    """Returns the folder of a voice: of the folder of a training run, the one within it."""
    folder = Path(folder)
    within = folder / "voice"
    return within if not is_file(folder / VOICE) and is_file(within / VOICE) else folder


def name_voice(folder: Path) -> str:
    """Names the voice in a folder after it, and that of a training run after the run."""
    resolved = folder.resolve()
    return resolved.parent.name if resolved.name == "voice" else resolved.name
