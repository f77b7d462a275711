"""Runs an experiment and writes its figures: `python -m experiments.launch NAME`.

Work goes to `runs/NAME`, where an interrupted experiment goes on; figures and pictures to `experiments/results`.
"""

import dataclasses
import importlib
import json
import sys
from pathlib import Path

import tyro

from babble_jax import files
from babble_jax.errors import BabbleError


@dataclasses.dataclass(frozen=True)
class Launch:
    """Runs one experiment.

    Attributes:
      name: of a module in `experiments` that has an `EXPERIMENT`.
      work: folder for data sets, checkpoints and audio.
      results: folder for NAME.json and NAME-*.png.
    """

    name: tyro.conf.Positional[str]
    work: Path = Path("runs")
    results: Path = Path("experiments/results")


def modules() -> dict[str, str]:
    """Modules that are experiments, by the name of each: that of its file."""
    folder = Path(__file__).parent
    return {
        path.stem: ".".join(("experiments", *path.relative_to(folder).with_suffix("").parts))
        for path in sorted(folder.rglob("*.py"))
        if "\nEXPERIMENT = " in path.read_text("utf-8")
    }


def main() -> None:
    """Runs the experiment that the command line names."""
    options = tyro.cli(Launch)
    try:
        known = modules()
        if options.name not in known:
            raise BabbleError(f"There is no experiment {options.name!r}; choose from {', '.join(known)}.")
        module = importlib.import_module(known[options.name])
        figures = module.EXPERIMENT.run(options.work / options.name, options.results / options.name)
    except BabbleError as error:
        print(f"launch: {error}", file=sys.stderr)
        sys.exit(2)
    files.write_json(options.results / f"{options.name}.json", figures)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
