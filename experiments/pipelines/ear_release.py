"""The kind of experiment that writes an ear into the package."""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

from babble_jax import files
from babble_jax.launch.run_folder import find_runs, shared_folder
from babble_jax.presets import registry
from babble_jax.pretrained.ear import load_ear

SHIPPED = registry.folder("ears")


@dataclasses.dataclass(frozen=True)
class EarRelease:
    """Writes the ear of the latest run of an experiment into the package.

    Attributes:
      name: of the ear that ships.
      run_name: experiment that trained it.
    """

    name: str
    run_name: str

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Copies the ear, and opens the copy.

        Args:
          work: folder of this run; that of the training is the latest of its experiment.
          results: unused.

        Returns:
          Its size, and its card.
        """
        del results
        source, target = find_runs(shared_folder(work), self.run_name)[-1].work / "ear", SHIPPED / self.name
        shutil.rmtree(target, ignore_errors=True)
        with files.atomic_folder(target, "an ear") as temporary:
            shutil.copytree(source, temporary, dirs_exist_ok=True)
        size = sum(path.stat().st_size for path in target.iterdir())
        return {"megabytes": size / 1e6, "card": load_ear(target).card}
