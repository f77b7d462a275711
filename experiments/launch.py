"""Runs an experiment and writes its metrics: `python -m experiments.launch NAME`.

Work goes to `runs/NAME`, where an interrupted experiment is resumed; metrics and pictures to `experiments/results`.
"""

import dataclasses
import importlib
import json
import sys
from pathlib import Path

import tyro

from babble_jax.errors import BabbleError
from experiments.pipelines.results import write_results


@dataclasses.dataclass(frozen=True)
class Launch:
    """Runs one experiment.

    Attributes:
      name: Name of a module in a folder of `experiments` that has an `EXPERIMENT`.
      work: Folder for data sets, checkpoints and audio.
      results: Folder for NAME.json and NAME-*.png.
    """

    name: tyro.conf.Positional[str]
    work: Path = Path("runs")
    results: Path = Path("experiments/results")


def modules() -> dict[str, str]:
    """Lists the modules that are experiments, by the name of their file."""
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
        by_name = modules()
        if options.name not in by_name:
            raise BabbleError(f"There is no experiment {options.name!r}; choose from {', '.join(by_name)}.")
        module = importlib.import_module(by_name[options.name])
        metrics = module.EXPERIMENT.run(options.work / options.name, options.results / options.name)
    except BabbleError as error:
        print(f"launch: {error}", file=sys.stderr)
        sys.exit(2)
    print(json.dumps(write_results(options.results / f"{options.name}.json", metrics), indent=2))


if __name__ == "__main__":
    main()
