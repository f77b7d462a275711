"""Data sets of recordings that are fetched or synthesized."""

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from babble_jax.dataset import recipes, recordings
from babble_jax.errors import BabbleError
from babble_jax.synthesis.kinds import MINUTES


@dataclasses.dataclass(frozen=True)
class NoteFiles:
    """Sound files of an instrument, a note in each, among others.

    Attributes:
      folder: in which they lie, below that of all collections.
      patterns: of their names.
    """

    folder: str
    patterns: tuple[str, ...]

    def copy(self, collections: str | os.PathLike, target: Path) -> Path:
        """Copies the files into a folder.

        Args:
          collections: folder of all collections.
          target: folder to create.

        Returns:
          target.

        Raises:
          BabbleError: a pattern fits no file.
        """
        source = Path(collections) / self.folder
        target.mkdir(parents=True)
        for pattern in self.patterns:
            paths = sorted(source.glob(pattern))
            if not paths:
                raise BabbleError(
                    f"{source}: holds no {pattern}; name the folder in which the collections of notes lie by --notes."
                )
            for path in paths:
                shutil.copyfile(path, target / path.name)
        return target


def build_from_recipes(
    sources: Sequence[str],
    dataset: Path,
    sample_rate: int,
    pad: float,
    minutes: float = MINUTES,
    instruments: Mapping[str, NoteFiles] | None = None,
    collections: str | os.PathLike = "",
) -> None:
    """Builds a data set unless it is there; the recordings are fetched or synthesized, and removed again.

    Args:
      sources: names of `babble_jax.dataset.recipes`, each one speaker: packages, and sound that is synthesized.
      dataset: folder.
      sample_rate: Hz.
      pad: seconds of silence around each recording.
      minutes: of sound that is synthesized, of each such source.
      instruments: of sound files, by name, each one speaker after those of the sources.
      collections: folder of all collections of such files.

    Raises:
      BabbleError: an instrument lacks its files.
    """
    if dataset.exists():
        return
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        notes = {
            instrument: files.copy(collections, scratch / "notes" / instrument)
            for instrument, files in (instruments or {}).items()
        }
        folders = [recipes.fetch_recipe(source, scratch, minutes) for source in sources]
        folders += [
            recipes.fetch_recipe(one, scratch, minutes, notes=folder) for one, folder in notes.items()
        ]
        recordings.build_from_folders(folders, dataset, sample_rate, pad=pad)
