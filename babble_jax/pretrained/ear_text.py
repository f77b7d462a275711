"""The training text of an ear: the strings of its recordings, in `text.txt` in its folder, an utterance a line.

It tells a judge which runs of phones an ear has learned from. An ear hears without it: where the recordings are
private, delete the file before the folder is passed on.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from babble_jax import files
from babble_jax.ear.config import EarConfig
from babble_jax.ear.spelling import SPACE, hears_letters
from babble_jax.input_files import is_file, read_text
from babble_jax.presets import registry

TEXT = "text.txt"


def save_text(strings: Iterable[Sequence[str]], folder: str | os.PathLike, config: EarConfig) -> None:
    """Writes the strings of the recordings that an ear was trained on.

    Args:
      strings: of symbols, one for each recording.
      folder: of the ear.
      config: of the ear.
    """
    separator = "" if hears_letters(config) else SPACE
    files.write_text(Path(folder) / TEXT, "\n".join(separator.join(string) for string in strings))


def load_text(ear: str | os.PathLike, config: EarConfig) -> list[tuple[str, ...]] | None:
    """Reads the strings that `save_text` wrote; None where the ear has none.

    Args:
      ear: name of an ear that ships, folder of one, or folder of the training run that makes it.
      config: of the ear.

    Raises:
      BabbleError: the file cannot be read.
    """
    path = find_part(ear, TEXT)
    if path is None:
        return None
    lines = read_text(path).splitlines()
    return [tuple(line) if hears_letters(config) else tuple(line.split()) for line in lines]


def find_part(ear: str | os.PathLike, name: str) -> Path | None:
    """Finds a file in the folder of an ear; None where there is none of that name.

    Args:
      ear: name of an ear that ships, folder of one, or folder of the training run that makes it.
      name: of the file.
    """
    folder = registry.path("ears", str(ear)) if str(ear) in registry.names("ears") else Path(ear)
    return next((path for path in (folder / name, folder / "ear" / name) if is_file(path)), None)
