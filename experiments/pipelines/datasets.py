"""Data sets of recordings that are fetched or synthesized."""

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from babble_jax.audio import sound_file
from babble_jax.dataset import recipes, recordings
from babble_jax.errors import BabbleError
from babble_jax.synthesis.kinds import MINUTES


@dataclasses.dataclass(frozen=True)
class FolderFiles:
    """Sound files of a speaker, or notes of an instrument, among others.

    Attributes:
      folder: in which they lie, below that of all collections.
      patterns: of their names.
    """

    folder: str
    patterns: tuple[str, ...]

    def find(self, collections: str | os.PathLike) -> list[Path]:
        """Finds the files, by pattern and name.

        Args:
          collections: folder of all collections.

        Raises:
          BabbleError: a pattern fits no file.
        """
        source, files = Path(collections) / self.folder, []
        for pattern in self.patterns:
            paths = sorted(source.glob(pattern))
            if not paths:
                raise BabbleError(
                    f"{source}: holds no {pattern}; name the folder in which the collections lie by --collections."
                )
            files += paths
        return files

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
        target.mkdir(parents=True)
        for path in self.find(collections):
            shutil.copyfile(path, target / path.name)
        return target


@dataclasses.dataclass(frozen=True)
class SpeechFiles(FolderFiles):
    """Recordings of a speaker, some of them.

    Attributes:
      minutes: of them that are taken at most, evenly from all.
      take_mark: stands before the take in the name of a file; of several takes of a text the last is one of them. Empty
        where each file has a text of its own.
    """

    minutes: float
    take_mark: str = ""

    def find(self, collections: str | os.PathLike) -> list[Path]:
        """Finds the recordings that are taken, by pattern and name.

        Args:
          collections: folder of all collections.

        Raises:
          BabbleError: a pattern fits no file, or a file is no sound.
        """
        paths = super().find(collections)
        if self.take_mark:
            paths = [*{path.stem.rpartition(self.take_mark)[0]: path for path in paths}.values()]
        seconds = [sound_file.header_seconds(path) for path in paths]
        return [paths[i] for i in choose_evenly(seconds, 60 * self.minutes)]


def choose_evenly(seconds: Sequence[float], limit: float) -> list[int]:
    """Chooses recordings evenly from a list, so that they last no longer than `limit`.

    Args:
      seconds: length of each.
      limit: seconds.

    Returns:
      Indices, ascending: all where they are not too long together.
    """
    share = min(1.0, limit / max(sum(seconds), 1e-9))
    index, taken, passed = [], 0.0, 0.0
    for i, length in enumerate(seconds):
        passed += length
        if taken + length <= share * passed + 1e-6:
            index.append(i)
            taken += length
    return index


def build_from_recipes(
    sources: Sequence[str],
    dataset: Path,
    sample_rate: int,
    pad: float,
    minutes: float = MINUTES,
    instruments: Mapping[str, FolderFiles] | None = None,
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
