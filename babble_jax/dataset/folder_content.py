"""Says what a path holds that is named as a data set and is none, and how a data set is made."""

import importlib.util
import re
from pathlib import Path

from babble_jax.audio.sound_types import SUFFIXES
from babble_jax.dataset.recipes import NAMES
from babble_jax.errors import BabbleError
from babble_jax.folders import walk_files
from babble_jax.input_files import read_text

_MOST_FILES = 10_000  # that are looked through for sound


def explain_no_dataset(name: str) -> str:
    """Makes the sentence for a path or a name that is no data set; where it is a folder, it says what that holds.

    Args:
      name: as the user gave it.
    """
    path = Path(name)
    if not path.exists():
        if name in NAMES:
            return (
                f"{name}: is neither a folder nor the name of a TFDS dataset; make a data set with `babble dataset "
                f"{name} --out FOLDER`, and name that FOLDER."
            )
        return f"{name}: there is no such folder or file, and no TFDS dataset of that name; check the path."
    source = str(path) if path.is_dir() and _holds_sound(path) else "AUDIO_DIR"
    return (
        f"{path}: is no dataset but {_describe_path(path)}; make a data set with `babble dataset {source} --out "
        "FOLDER`, and name that FOLDER."
    )


def may_be_tfds_name(name: str) -> bool:
    """Tells a name that TFDS may know from one that it does not, by its files: to import it takes seconds.

    Args:
      name: `DATASET/CONFIG:VERSION`, of which the last two may be absent, or with the namespace of a community.
    """
    if not re.fullmatch(r"\w+(:\w+)?(/[\w.-]+)?(:[\w.*]+)?", name):
        return False
    spec = importlib.util.find_spec("tensorflow_datasets")
    if spec is None or not spec.submodule_search_locations:
        return False
    package, own = Path(spec.submodule_search_locations[0]), re.split("[/:]", name)[0]
    if any(package.glob(f"*/{own}")) or any(package.glob(f"*/{own}.py")):
        return True
    classes = "".join(read_text(path) for path in package.glob("audio/**/*.py"))
    return re.search(rf"^class {own.replace('_', '')}\(", classes, re.IGNORECASE | re.MULTILINE) is not None


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
