"""Says what a path holds that is named as a data set and is none, and how a data set is made."""

from pathlib import Path

from babble_jax.audio.sound_types import SUFFIXES
from babble_jax.dataset.recipes import EXCERPT, RECIPES
from babble_jax.errors import BabbleError
from babble_jax.folders import walk_files

_MOST_FILES = 10_000  # that are looked through for sound


def explain_no_dataset(name: str) -> str:
    """Makes the sentence for a path or a name that is no data set; where it is a folder, it says what that holds.

    Args:
      name: as the user gave it.
    """
    path = Path(name)
    if not path.exists():
        source = name if name in (EXCERPT, *RECIPES) else "AUDIO_DIR"
        return (
            f"{name}: is neither a folder nor the name of a TFDS dataset; make a data set with `babble dataset "
            f"{source} --out FOLDER`, and name that FOLDER."
        )
    source = str(path) if path.is_dir() and _holds_sound(path) else "AUDIO_DIR"
    return (
        f"{path}: is no dataset but {_describe_path(path)}; make a data set with `babble dataset {source} --out "
        "FOLDER`, and name that FOLDER."
    )


def _describe_path(path: Path) -> str:
    """Describes a file or folder in a few words."""
    if not path.is_dir():
        return "a file"
    try:
        names = {entry.name for entry in path.iterdir()}
    except OSError:
        return "a folder that cannot be read"
    if not names:
        return "an empty folder"
    if {"config.json", "checkpoints"} <= names:
        return "the folder of a training run"
    if "voice.json" in names:
        return "the folder of a voice"
    return "a folder of sound files" if _holds_sound(path) else "a folder of other files"


def _holds_sound(folder: Path) -> bool:
    """Tells whether a sound file is among the files below a folder, as far as they are looked through."""
    try:
        return any(
            Path(name).suffix.lower() in SUFFIXES
            for _, names in walk_files(folder, _MOST_FILES)
            for name in names
        )
    except BabbleError:
        return False
