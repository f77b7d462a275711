"""Runs the experiments of this repository: `python -m experiments.launch NAME`, as `babble launch` does one's own.

A run lies in `runs/NAME/DIGEST`, where an interrupted one goes on; metrics and pictures go to `experiments/results`
where the values are the experiment's own. `list`, `show`, `runs`, `compare`, `logs`, `stop`, `retry`, `prune` and
`verify` stand in place of NAME.
"""

import sys
from pathlib import Path

from babble_jax.cli.command import run_parsed
from babble_jax.cli.launch import parse_launch
from babble_jax.cli.launch_experiments import Catalogue
from babble_jax.errors import BabbleError, StoppedError

FOLDER = Path(__file__).parent
RESULTS = Path("experiments/results")
CATALOGUE = Catalogue("python -m experiments.launch", FOLDER, "experiments", RESULTS)


def modules() -> dict[str, str]:
    """Lists the modules that are experiments, by the name of their file."""
    return {name: CATALOGUE.source_of(path) for name, path in CATALOGUE.paths().items()}


def main() -> None:
    """Does what the command line says."""
    try:
        run_parsed(parse_launch(sys.argv[1:], CATALOGUE, RESULTS), sys.argv[1:])
    except BabbleError as error:
        print(f"launch: {error}", file=sys.stderr)
        sys.exit(2)
    except StoppedError as stop:
        print(f"launch: {stop}", file=sys.stderr)
        sys.exit(128 + stop.signal)


if __name__ == "__main__":
    main()
