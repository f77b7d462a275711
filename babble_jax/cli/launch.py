"""Experiments of one's own: run, swept, listed and compared by `babble launch`.

What `python -m experiments.launch` does is the same, over the experiments of this repository (`Launcher`).
"""

import dataclasses
import inspect
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro
from tyro.conf import Positional, arg

from babble_jax.cli.launch_experiments import Catalogue, List, Show, Verify
from babble_jax.cli.launch_runs import Compare, Logs, Prune, Retry, Runs, Stop, report_ends, run_here
from babble_jax.cli.marks import NO_HINT
from babble_jax.cli.messages import print_line
from babble_jax.cli.usage import parse_options
from babble_jax.errors import BabbleError
from babble_jax.launch.experiment import describe, load_experiment, load_module
from babble_jax.launch.run_folder import UNFINISHED

if TYPE_CHECKING:
    from babble_jax.launch.run_folder import Run


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
                "minutes, cores and signal-seconds must be from 1 to a million, gpus from 0 to a thousand"
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
    return _Start(name, source, catalogue, options, list(arguments), cls)


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
    action: Any
    catalogue: Catalogue

    def run(self) -> None:
        self.action.run(self.catalogue)


@dataclasses.dataclass(frozen=True)
class _Start:
    """A command line that names an experiment.

    Attributes:
      name: of the experiment.
      source: its module or file.
      catalogue: where it is from.
      options: the values of the command line.
      words: the command line.
      cls: class of the options.
    """

    name: str
    source: str
    catalogue: Catalogue
    options: Any
    words: list[str]
    cls: type

    def run(self) -> None:
        """Runs one run in this process, or those of a sweep in others."""
        from babble_jax.launch.sweep import options_of, parse_sweep, read_sweep

        options = self.options
        sweep = [*options.sweep, *(read_sweep(options.sweep_file) if options.sweep_file else ())]
        if not sweep and options.cluster == "local":
            self._run_one()
            return
        verb = f"{self.catalogue.program.removeprefix('babble ')} {self.words[0]}"
        every = [
            parse_options(verb, self.cls, [*self.words, *options_of(point)]).values
            for point in parse_sweep(sweep, options.samples)
        ]
        if options.dry_run:
            self._print_plan(every)
            return
        self._run_all([self._create(values) for values in every])

    def _run_one(self) -> None:
        from babble_jax.launch.execute import copy_output, execute
        from babble_jax.launch.values import to_toml, values_of

        options = self.options
        if options.dry_run:
            self._print_plan([options.values])
            print(to_toml(values_of(options.values, self.source)), end="")
            return
        run = self._create(options.values)
        state = run.read_state()
        if state.state == "done" and not options.again:
            print_line(
                f"{run.folder}: is done since {state.since}; run it once more with --again", sys.stderr
            )
            print(json.dumps(run.result, indent=2, ensure_ascii=False))
            return
        results = options.results
        if results == self.catalogue.results and options.values != load_experiment(self.source):
            results = None  # committed results are those of the experiment's own values
        print_line(f"run: {run.folder}", sys.stderr)
        with copy_output(run.log):
            metrics = execute(run, options.values, None if results is None else results / self.name)
        print(json.dumps(metrics, indent=2, ensure_ascii=False))

    def _run_all(self, runs: "list[Run]") -> None:
        left = [run for run in runs if self.options.again or run.read_state().state in UNFINISHED]
        for run in runs:
            if run not in left:
                print_line(f"{run.label}: {run.read_state().state} already", sys.stderr)
        if self.options.cluster == "slurm":
            run_on_slurm(left, self.options)
        else:
            run_here(left, self.options.parallel, self.options.retries, self.options.follow)

    def _print_plan(self, every: list[Any]) -> None:
        """Prints the runs that there would be: folder, state and the options in which they differ."""
        from babble_jax.launch.run_folder import Run
        from babble_jax.launch.values import values_digest, values_of

        for values in every:
            run = Run(self.options.work / self.name / values_digest(values_of(values, self.source)))
            print_line(
                f"{run.folder}: {run.read_state().state}  {shlex.join(self._options_of(values))}".rstrip()
            )

    def _options_of(self, values: Any) -> list[str]:
        from babble_jax.launch.reproduce import options_between
        from babble_jax.launch.values import values_of

        return options_between(
            values_of(load_experiment(self.source), self.source), values_of(values, self.source)
        )

    def _create(self, values: Any) -> "Run":
        """Creates the folder of the run of some values."""
        from babble_jax.launch.run_folder import create_run
        from babble_jax.launch.values import values_of

        command = [*self.catalogue.program.split(), self.words[0], *self._options_of(values)]
        if self.options.work != Path("runs"):
            command += ["--work", str(self.options.work)]
        return create_run(self.options.work, self.name, self.source, values_of(values, self.source), command)


def run_on_slurm(runs: "list[Run]", options: Launch) -> None:
    """Submits runs as jobs; with `--follow` waits until all have ended, and prints how they stand.

    Args:
      runs: their folders.
      options: of the command line.

    Raises:
      BabbleError: the cluster takes no jobs, or a run has not ended well.
    """
    from babble_jax.launch.slurm import SlurmExecutor

    if not runs:
        print_line("no run is left to be run", sys.stderr)
        return
    slurm = options.slurm
    parameters = {
        "name": runs[0].name,
        "slurm_time": slurm.minutes,
        "slurm_cpus_per_task": slurm.cores,
        "slurm_signal_delay_s": slurm.signal_seconds,
        **({"slurm_array_parallelism": options.parallel} if options.parallel > 1 else {}),
        **({"slurm_gpus_per_node": slurm.gpus} if slurm.gpus else {}),
        **({"slurm_partition": slurm.partition} if slurm.partition else {}),
    }
    executor = SlurmExecutor(options.work / ".slurm", parameters, lambda line: print_line(line, sys.stderr))
    executor.submit(runs)
    if options.follow:
        report_ends(runs, executor.wait(runs, options.retries))
