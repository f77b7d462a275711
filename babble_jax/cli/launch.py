"""Experiments of one's own: run, swept, listed and compared by `babble launch`.

What `python -m experiments.launch` does is the same, over the experiments of this repository (`Launcher`).
"""

import dataclasses
import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro
from tyro.conf import Positional, arg

from babble_jax.cli.launch_experiments import Catalogue, List, Show, Verify
from babble_jax.cli.launch_runs import Compare, Logs, Prune, Retry, Runs, Stop
from babble_jax.cli.launch_start import Start
from babble_jax.cli.marks import NO_HINT
from babble_jax.cli.usage import parse_options
from babble_jax.errors import BabbleError
from babble_jax.launch.experiment import describe, load_experiment, load_module

ACTIONS = {
    "list": List,
    "show": Show,
    "runs": Runs,
    "compare": Compare,
    "logs": Logs,
    "stop": Stop,
    "retry": Retry,
    "prune": Prune,
    "verify": Verify,
}
"""What is done with experiments and runs, by the word that stands in place of an experiment."""


@dataclasses.dataclass(frozen=True)
class Slurm:
    """Jobs of a SLURM cluster.

    Attributes:
      partition: Partition of the cluster; its default one where empty.
      minutes: Time limit of a job; a run that needs more goes on in the next.
      gpus: GPUs of a run.
      cores: Cores of a run.
      signal_seconds: Seconds before its end at which a job is told to save.
    """

    partition: str = ""
    minutes: int = 60
    gpus: int = 0
    cores: int = 2
    signal_seconds: int = 90

    def __post_init__(self):
        values = (self.minutes, self.cores, self.signal_seconds)
        if not (min(values) >= 1 and max(values) <= 10**6 and 0 <= self.gpus <= 1000):
            raise ValueError(
                "minutes, cores and signal_seconds must be from 1 to a million, gpus from 0 to a thousand"
            )


@dataclasses.dataclass(frozen=True)
class Launch:
    """Runs experiments of your own, and compares their runs.

    An experiment is a Python file with an EXPERIMENT, an instance of a frozen dataclass with a method run(work,
    results) that returns numbers. Its fields are options: `babble launch FILE.py --help` lists them. A run lies in
    runs/NAME/DIGEST, named by its values: the same values go on, others are a new run.

    In place of a file: list, show, runs, compare, logs, stop, retry, prune or verify (`babble launch runs --help`).

    Attributes:
      experiment: Python file, or the name of one in this folder; or one of the words above.
      work: Folder of all runs.
      results: Folder for NAME.json and the pictures of a run with the experiment's own values.
      sweep: Fields and their values, crossed: seed=0:5 model.dim=64,128 optimizer.learning-rate=log:1e-4:1e-2.
      sweep_file: TOML file of fields and their values.
      samples: Number of draws of fields that are drawn (log:, uniform:).
      halve: Budget of successive halving, steps=300:2700:3, say: all points of the sweep with 300 steps, the best third
        of them with 900, the best third of those with 2700.
      metric: Metric that says which are the best, by step or of the result; validation/bits, say.
      highest: Take the highest value for the best.
      parallel: Runs at once; the cores are shared out among them.
      retries: Times that a run which was killed begins again.
      cluster: Where the runs of a sweep run; local is this machine.
      slurm: Jobs of a SLURM cluster.
      follow: Print the output of the runs of a sweep as it comes.
      again: Run what is done once more.
      dry_run: Print the runs and their values, and run nothing.
    """

    experiment: Positional[str]
    work: Path = Path("runs")
    results: Annotated[Path | None, NO_HINT] = None
    sweep: Annotated[tuple[str, ...], arg(help_behavior_hint="", metavar="FIELD=VALUES ...")] = ()
    sweep_file: Annotated[Path | None, NO_HINT] = None
    samples: int = 1
    halve: Annotated[str, arg(help_behavior_hint="", metavar="FIELD=LOW:HIGH:FACTOR")] = ""
    metric: Annotated[str, NO_HINT] = ""
    highest: bool = False
    parallel: int = 1
    retries: int = 3
    cluster: Literal["local", "slurm"] = "local"
    slurm: Slurm = Slurm()
    follow: bool = False
    again: bool = False
    dry_run: bool = False

    def __post_init__(self):
        if not (min(self.samples, self.parallel) >= 1 and max(self.samples, self.parallel) <= 10_000):
            raise ValueError("samples and parallel must be positive, and 10000 at most")
        if not 0 <= self.retries <= 1000:
            raise ValueError("retries must be from 0 to 1000")

    @classmethod
    def parse(cls, arguments: Sequence[str]) -> Any:
        """Reads the words after `babble launch`, whose options are those of the experiment that they name.

        Args:
          arguments: the words.
        """
        return parse_launch(arguments, Catalogue("babble launch", Path(), None))


def parse_launch(arguments: Sequence[str], catalogue: Catalogue, results: Path | None = None) -> Any:
    """Reads the words of a command line of the launcher.

    Args:
      arguments: words after the name of the program.
      catalogue: experiments that may be named.
      results: default of `--results`.

    Returns:
      A value with a method `run`.

    Raises:
      BabbleError: the command line cannot be understood.
    """
    first = arguments[0] if arguments else ""
    verb = catalogue.program.removeprefix("babble ")
    if first in ACTIONS:
        action = parse_options(f"{verb} {first}", ACTIONS[first], arguments[1:])
        return _Bound(action, catalogue)
    if not first or first.startswith("-"):
        return parse_options(verb, Launch, arguments)
    name, source = catalogue.find(first)
    cls = experiment_options(source, results)
    options = parse_options(f"{verb} {first}", cls, arguments)
    return Start(name, source, catalogue, options, list(arguments), cls)


def experiment_options(source: str, results: Path | None) -> type:
    """Makes the dataclass of the launcher's options and the fields of an experiment.

    Args:
      source: module or file of the experiment.
      results: default of `--results`.

    Raises:
      BabbleError: the experiment cannot be loaded, or a field has the name of an option of the launcher.
    """
    experiment = load_experiment(source)
    options = {field.name for field in dataclasses.fields(Launch)}
    if both := sorted(options & {field.name for field in dataclasses.fields(experiment)}):  # pyright: ignore[reportArgumentType]
        raise BabbleError(f"{source}: its field {both[0]} is an option of the launcher, too; rename it.")
    kind = tyro.conf.AvoidSubcommands[type(experiment)]  # pyright: ignore[reportInvalidTypeForm]
    return dataclasses.make_dataclass(
        "Launch",
        [
            ("results", Annotated[Path | None, NO_HINT], results),
            ("values", Annotated[kind, arg(name="")], experiment),
        ],
        bases=(Launch,),
        frozen=True,
        namespace={"__doc__": f"{_head_of(source)}\n\nAttributes:{_ATTRIBUTES}"},
    )


def _head_of(source: str) -> str:
    """Returns what the docstring of the module of an experiment says: what it is, how long it takes, what to expect."""
    description = describe(inspect.getdoc(load_module(source)) or "")
    parts = {"Time": description.time, "Expected": description.expected}
    return "\n\n".join([description.summary, *(f"{name}: {text}." for name, text in parts.items() if text)])


_ATTRIBUTES = (Launch.__doc__ or "").partition("Attributes:")[2]


@dataclasses.dataclass(frozen=True)
class _Bound:
    options: Any
    catalogue: Catalogue

    def run(self) -> None:
        self.options.run(self.catalogue)
