"""The kind of experiment that writes a folder of a run into the package: an ear, or phonotactics."""

import dataclasses
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from babble_jax import config
from babble_jax.errors import BabbleError
from babble_jax.launch.run_folder import find_runs, shared_folder
from babble_jax.presets import registry
from babble_jax.pretrained.ear import load_ear
from babble_jax.tacotron.phonotactics.phonotactics import load_phonotactics

_CARDS: dict[str, Callable[[Path], Any]] = {
    "ears": lambda folder: load_ear(folder).card,
    "phonotactics": lambda folder: config.to_json(load_phonotactics(folder).model.card),
}


@dataclasses.dataclass(frozen=True)
class FolderRelease:
    """Writes what the latest run of an experiment made into the package.

    Attributes:
      kind: of what ships.
      name: of what ships.
      run_name: experiment that made it.
      folder: that it made, within its run.
    """

    kind: Literal["ears", "phonotactics"]
    name: str
    run_name: str
    folder: str

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Copies the folder, opens the copy, and replaces what ships by it.

        Args:
          work: folder of this run; that of the other experiment is its latest.
          results: unused.

        Returns:
          Its size, and its card.

        Raises:
          BabbleError: there is no such run, or its folder is damaged; what ships stays as it is.
        """
        del results
        source = find_folder(work, self.run_name, self.folder)
        target = registry.folder(self.kind) / self.name
        with tempfile.TemporaryDirectory(prefix=f".{self.name}-", dir=target.parent) as beside:
            copy, earlier = Path(beside, self.name), Path(beside, "earlier")
            shutil.copytree(source, copy)
            size = sum(path.stat().st_size for path in copy.iterdir())
            card = _CARDS[self.kind](copy)
            if target.exists():
                target.rename(earlier)
            try:
                copy.rename(target)
            except OSError:
                earlier.rename(target)
                raise
        return {"megabytes": size / 1e6, "card": card}


@dataclasses.dataclass(frozen=True)
class FolderReleases:
    """Writes what the latest runs of several experiments made into the package; what has no run here stays as it is.

    Attributes:
      kind: of what ships.
      runs: experiment that made each, by its name in the package.
      folder: that they made, within their runs.
    """

    kind: Literal["ears", "phonotactics"]
    runs: dict[str, str]
    folder: str

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Copies the folders, and opens the copies.

        Args:
          work: folder of this run; those of the other experiments are their latest.
          results: unused.

        Returns:
          Size and card of each that was copied, by name.

        Raises:
          BabbleError: there is a run of none.
        """
        runs = {
            name: run_name for name, run_name in self.runs.items() if find_runs(shared_folder(work), run_name)
        }
        if not runs:
            raise BabbleError(
                f"there is no run of {', '.join(self.runs.values())}; start one with `python -m experiments.launch "
                f"{next(iter(self.runs.values()))}`."
            )
        return {
            name: FolderRelease(self.kind, name, run_name, self.folder).run(work, results)
            for name, run_name in runs.items()
        }


def find_folder(work: Path, name: str, folder: str) -> Path:
    """Finds the folder that the latest run of an experiment made.

    Args:
      work: folder of a run of any experiment.
      name: of the experiment.
      folder: its name within the run.

    Raises:
      BabbleError: there is no such run, or it has no such folder.
    """
    runs = find_runs(shared_folder(work), name)
    if not runs or not (runs[-1].work / folder).is_dir():
        raise BabbleError(
            f"there is no run of {name} that made the folder {folder}; start one with `python -m experiments.launch "
            f"{name}`."
        )
    return runs[-1].work / folder
