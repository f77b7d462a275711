"""A command line of the launcher that names an experiment: one run, a sweep, or rounds of successive halving."""

import dataclasses
import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babble_jax.cli.launch_experiments import Catalogue
from babble_jax.cli.launch_runs import report_ends, run_here
from babble_jax.cli.messages import print_line
from babble_jax.cli.usage import parse_options
from babble_jax.errors import BabbleError
from babble_jax.launch.experiment import load_experiment
from babble_jax.launch.run_folder import UNFINISHED
from babble_jax.plural import plural

if TYPE_CHECKING:
    from babble_jax.launch.run_folder import Run
    from babble_jax.launch.sweep import Point


@dataclasses.dataclass(frozen=True)
class Start:
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
        from babble_jax.launch.sweep import parse_sweep, read_sweep

        options = self.options
        sweep = [*options.sweep, *(read_sweep(options.sweep_file) if options.sweep_file else ())]
        if not sweep and options.halve:
            raise BabbleError("--halve: chooses among the runs of a sweep; add --sweep or --sweep-file.")
        if not sweep and options.cluster == "local":
            self._run_one()
            return
        points = parse_sweep(sweep, options.samples)
        if options.halve:
            self._run_halving(points)
            return
        every = [self._values_at(point) for point in points]
        if options.dry_run:
            self._print_plan(every)
            return
        runs = [self._create(values) for values in every]
        self._report(runs, self._run_all(runs))
        self._write_spread(runs)

    def _values_at(self, point: "Point") -> Any:
        """Returns the experiment at a point of a sweep."""
        from babble_jax.launch.sweep import options_of

        verb = f"{self.catalogue.program.removeprefix('babble ')} {self.words[0]}"
        return parse_options(verb, self.cls, [*self.words, *options_of(point)]).values

    def _run_halving(self, points: "list[Point]") -> None:
        """Runs rounds of successive halving over points, and prints the best of the last."""
        from babble_jax.launch.halving import best_points, describe_round, parse_halving
        from babble_jax.launch.rows import best_value

        options, halving = self.options, parse_halving(self.options.halve)
        if options.cluster == "slurm" and not options.follow:
            raise BabbleError("--halve: waits for each round; add --follow.")
        if any(halving.field in point for point in points):
            raise BabbleError(f"--halve: {halving.field} is swept, too; leave it out of --sweep.")
        for number, budget in enumerate(halving.budgets):
            head = f"round {number + 1} of {len(halving.budgets)}, {halving.field} {budget}"
            print_line(f"{head}: {plural(len(points), 'run')}", sys.stdout if options.dry_run else sys.stderr)
            every = [self._values_at(point | {halving.field: str(budget)}) for point in points]
            if options.dry_run:
                if number == 0:
                    self._print_plan(every)
                points = best_points(points, dict.fromkeys(range(len(points)), 0.0), halving)
                continue
            runs = [self._create(values) for values in every]
            self._run_all(runs)
            scores = {
                index: score
                for index, run in enumerate(runs)
                if run.read_state().state == "done"
                and (score := best_value(run, options.metric, options.highest)[1]) is not None
            }
            if budget < halving.budgets[-1]:
                metric = best_value(runs[min(scores, default=0)], options.metric, options.highest)[0]
                line = describe_round(points, scores, halving, metric, options.highest)
                print_line(f"round {number + 1}, {line}")
                points = best_points(points, scores, halving, options.highest)
            else:
                self._report(runs, {run: run.read_state().state for run in runs})
                self._print_best(points, runs, scores)

    def _print_best(self, points: "list[Point]", runs: "list[Run]", scores: dict[int, float]) -> None:
        from babble_jax.launch.halving import best_point, without_seed
        from babble_jax.launch.rows import best_value

        options = self.options
        best, mean = best_point(points, scores, options.highest)
        metric = best_value(runs[min(scores, default=0)], options.metric, options.highest)[0]
        words = " ".join(f"{name}={text}" for name, text in without_seed(best).items())
        print_line(f"best: {words}, {metric} {mean:.5g}")

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

    def _run_all(self, runs: "list[Run]") -> "dict[Run, str]":
        """Runs those that are not done; returns the state in which each ended, none of jobs that are not waited for."""
        left = [run for run in runs if self.options.again or run.read_state().state in UNFINISHED]
        for run in runs:
            if run not in left:
                print_line(f"{run.label}: {run.read_state().state} already", sys.stderr)
        if self.options.cluster == "slurm":
            return run_on_slurm(left, self.options)
        return run_here(left, self.options.parallel, self.options.retries, self.options.follow)

    def _report(self, runs: "list[Run]", ends: "dict[Run, str]") -> None:
        if ends:
            report_ends([run for run in runs if run in ends], ends)

    def _write_spread(self, runs: "list[Run]") -> None:
        """Writes the result of the experiment's own values with the spread over seeds, after a sweep of seeds alone."""
        from babble_jax.files import atomic_write, write_json
        from babble_jax.launch.spread import differ_in_seed_alone, spread_over_seeds
        from babble_jax.launch.values import flatten, values_of

        results, own = self.options.results, values_of(load_experiment(self.source), self.source)
        every = [result for run in runs if (result := run.result) is not None]
        if results is None or len(runs) < 2 or len(every) < len(runs):
            return
        main = next((run for run in runs if run.values == own), None)
        if main is None or not all(differ_in_seed_alone(flatten(run.values), flatten(own)) for run in runs):
            return
        path = results / f"{self.name}.json"
        for picture in sorted((main.folder / "results").iterdir()):
            with atomic_write(results / picture.name) as copy:
                shutil.copyfile(picture, copy)
        write_json(path, (main.result or {}) | {"spread": spread_over_seeds(every)})
        print_line(f"{path}: with the spread over {len(runs)} seeds", sys.stderr)

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


def run_on_slurm(runs: "list[Run]", options: Any) -> "dict[Run, str]":
    """Submits runs as jobs; with `--follow` waits until all have ended.

    Args:
      runs: their folders.
      options: of the command line, as `babble_jax.cli.launch.Launch` has them.

    Returns:
      The state in which each ended; none without `--follow`.

    Raises:
      BabbleError: the cluster takes no jobs.
    """
    from babble_jax.launch.slurm import SlurmExecutor

    if not runs:
        print_line("no run is left to be run", sys.stderr)
        return {}
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
    return executor.wait(runs, options.retries) if options.follow else {}
