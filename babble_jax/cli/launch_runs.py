"""What the launcher does with the runs that there are: lists, compares, stops, resumes and removes them."""

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from babble_jax.cli.launch_experiments import Catalogue
from babble_jax.cli.marks import NO_HINT
from babble_jax.cli.messages import print_json, print_line
from babble_jax.errors import BabbleError

if TYPE_CHECKING:
    from babble_jax.launch.run_folder import Run

_FILTER = arg(help_behavior_hint="", metavar="[FILTER ...]")


def _check_filter(words: tuple[str, ...]) -> None:
    if not words:
        raise ValueError("FILTER must be given: NAME, NAME/DIGEST, a state, FIELD=VALUE, or * for all runs")


@dataclasses.dataclass(frozen=True)
class Runs:
    """Lists runs: state, step, best value of a metric, time, starts, host, and the values in which they differ.

    Attributes:
      filter: NAME, NAME/DIGEST, a state or FIELD=VALUE; all runs without any.
      work: Folder of all runs.
      metric: Metric of which the best value is shown, by step or of the result; validation/bits, say.
      highest: Take the highest value for the best.
      json: Print one JSON object on standard output, and nothing else.
    """

    filter: Annotated[Positional[tuple[str, ...]], _FILTER] = ()
    work: Path = Path("runs")
    metric: Annotated[str, NO_HINT] = ""
    highest: bool = False
    json: bool = False

    def run(self, catalogue: Catalogue) -> None:
        """Prints the table."""
        from babble_jax.launch.rows import differences, read_rows
        from babble_jax.launch.select import describe_no_match, runs_table, select_runs

        rows = read_rows(select_runs(self.work, self.filter), self.metric, self.highest)
        if self.json:
            print_json(
                {
                    "runs": [
                        {
                            "run": row.run.label,
                            "folder": str(row.run.folder),
                            "step": row.step,
                            "metric": row.metric,
                        }
                        | {"best": row.best, "differs": values, **dataclasses.asdict(row.state)}
                        for row, values in zip(rows, differences(rows), strict=True)
                    ]
                }
            )
        elif rows:
            print(runs_table(rows))
        else:
            print_line(describe_no_match(self.work, self.filter), sys.stderr)


@dataclasses.dataclass(frozen=True)
class Compare:
    """Compares runs: a metric by the values in which they differ, over seeds, with paired differences and curves.

    Runs that differ in their seed alone are one line. A difference is to the first line, paired by the seeds that both
    have.

    Attributes:
      filter: NAME, NAME/DIGEST, a state or FIELD=VALUE; all runs without any.
      work: Folder of all runs.
      metric: Metric to compare, by step or of the result; validation/bits, say.
      highest: Take the highest value for the best.
      plot: PNG file for the curves, seeds as bands.
      json: Print one JSON object on standard output, and nothing else.
    """

    filter: Annotated[Positional[tuple[str, ...]], _FILTER] = ()
    work: Path = Path("runs")
    metric: Annotated[str, NO_HINT] = ""
    highest: bool = False
    plot: Path | None = None
    json: bool = False

    def run(self, catalogue: Catalogue) -> None:
        """Prints the table and draws the curves."""
        from babble_jax.cli.outputs import check_output
        from babble_jax.launch.compare import compare_runs, comparison_table
        from babble_jax.launch.select import describe_no_match, select_runs

        if self.plot is not None:
            check_output(self.plot, ".png")
        runs = select_runs(self.work, self.filter)
        if self.filter and not runs:
            raise BabbleError(f"{describe_no_match(self.work, self.filter)}; see `babble launch runs`.")
        comparison = compare_runs(runs, self.metric, self.highest)
        if self.plot is not None:
            from babble_jax.launch.curves import plot_comparison

            plot_comparison(self.plot, comparison)
        if self.json:
            print_json(comparison.to_json())
            return
        print(comparison_table(comparison))
        if self.plot is not None:
            print_line(self.plot)


@dataclasses.dataclass(frozen=True)
class Logs:
    """Prints the output of runs.

    Attributes:
      filter: NAME, NAME/DIGEST, a state or FIELD=VALUE; all runs without any.
      work: Folder of all runs.
      lines: Number of last lines of each; 0 for all.
      follow: Go on printing what is added, until the runs have ended.
    """

    filter: Annotated[Positional[tuple[str, ...]], _FILTER] = ()
    work: Path = Path("runs")
    lines: int = 20
    follow: bool = False

    def __post_init__(self):
        if self.lines < 0:
            raise ValueError("lines must not be negative")

    def run(self, catalogue: Catalogue) -> None:
        """Prints the logs."""
        from babble_jax.launch.logs import follow_logs, last_lines
        from babble_jax.launch.select import select_runs

        runs = select_runs(self.work, self.filter)
        for run in runs:
            print_line(f"{run.label}: {run.read_state().state}, {run.log}")
            for line in last_lines(run.log, self.lines):
                print_line(f"  {line}")
        if self.follow:
            follow_logs(runs, print_line)


@dataclasses.dataclass(frozen=True)
class Stop:
    """Tells runs on this machine, or their jobs on a cluster, to save and end.

    Attributes:
      filter: NAME, NAME/DIGEST, a state or FIELD=VALUE.
      work: Folder of all runs.
    """

    filter: Annotated[Positional[tuple[str, ...]], arg(help_behavior_hint="(required)", metavar="FILTER ...")]
    work: Path = Path("runs")

    def __post_init__(self):
        _check_filter(self.filter)

    def run(self, catalogue: Catalogue) -> None:
        """Stops the runs that are running."""
        from babble_jax.launch.local import stop_run
        from babble_jax.launch.select import select_runs
        from babble_jax.launch.slurm import cancel_job

        runs = [run for run in select_runs(self.work, self.filter) if cancel_job(run) or stop_run(run)]
        for run in runs:
            print_line(f"{run.label}: told to stop")
        if not runs:
            print_line("none of these runs is running", sys.stderr)


@dataclasses.dataclass(frozen=True)
class Retry:
    """Goes on with runs that have not ended: waiting, stopped, preempted or killed ones, and with --failed failed ones.

    Attributes:
      filter: NAME, NAME/DIGEST, a state or FIELD=VALUE; all runs without any.
      work: Folder of all runs.
      failed: Go on with failed runs, too.
      parallel: Runs at once; the cores are shared out among them.
      retries: Times that a run which was killed begins again.
      follow: Print the output of the runs as it comes.
    """

    filter: Annotated[Positional[tuple[str, ...]], _FILTER] = ()
    work: Path = Path("runs")
    failed: bool = False
    parallel: int = 1
    retries: int = 3
    follow: bool = False

    def __post_init__(self):
        if not (1 <= self.parallel <= 10_000 and 0 <= self.retries <= 1000):
            raise ValueError("parallel must be from 1 to 10000, retries from 0 to 1000")

    def run(self, catalogue: Catalogue) -> None:
        """Runs them on this machine."""
        from babble_jax.launch.run_folder import UNFINISHED
        from babble_jax.launch.select import select_runs

        states = {*UNFINISHED} - (set() if self.failed else {"failed"})
        runs = [run for run in select_runs(self.work, self.filter) if run.read_state().state in states]
        if ends := run_here(runs, self.parallel, self.retries, self.follow):
            report_ends(runs, ends)


def run_here(runs: "list[Run]", parallel: int, retries: int, follow: bool) -> "dict[Run, str]":
    """Runs runs on this machine.

    Args:
      runs: their folders.
      parallel: runs at once.
      retries: times that a run which was killed begins again.
      follow: print their output.

    Returns:
      The state in which each ended.
    """
    from babble_jax.launch.local import LocalExecutor

    if not runs:
        print_line("no run is left to be run", sys.stderr)
        return {}
    executor = LocalExecutor(parallel, retries, lambda line: print_line(line, sys.stderr), follow)
    return executor.run(runs)


def report_ends(runs: "Sequence[Run]", ends: "dict[Run, str]") -> None:
    """Prints the table of runs that have ended.

    Args:
      runs: their folders.
      ends: the state in which each ended.

    Raises:
      BabbleError: a run has not ended well.
    """
    from babble_jax.launch.rows import read_rows
    from babble_jax.launch.select import runs_table

    print(runs_table(read_rows(runs)))
    bad = [run for run, state in ends.items() if state not in ("done", "stopped")]
    if bad:
        raise BabbleError(
            f"{len(bad)} of {len(runs)} runs have not ended well: {', '.join(run.label for run in bad[:5])}; see "
            "`babble launch logs failed`, and go on with them by `babble launch retry --failed`."
        )


@dataclasses.dataclass(frozen=True)
class Prune:
    """Removes runs, with their checkpoints; without --yes it lists what it would remove.

    Attributes:
      filter: NAME, NAME/DIGEST, a state or FIELD=VALUE.
      work: Folder of all runs.
      yes: Remove them.
    """

    filter: Annotated[Positional[tuple[str, ...]], arg(help_behavior_hint="(required)", metavar="FILTER ...")]
    work: Path = Path("runs")
    yes: bool = False

    def __post_init__(self):
        _check_filter(self.filter)

    def run(self, catalogue: Catalogue) -> None:
        """Removes or lists the runs that are not running."""
        from babble_jax.launch.run_folder import remove_run
        from babble_jax.launch.select import select_runs

        runs = select_runs(self.work, self.filter)
        if not runs:
            print_line("there is no such run", sys.stderr)
        for run in runs:
            state = run.read_state().state
            size = sum(path.stat().st_size for path in run.folder.rglob("*") if path.is_file())
            text = f"{run.label}: {state}, {size / 1e6:.1f} MB"
            if state == "running":
                print_line(f"{text}, stays since it is running")
            elif self.yes:
                remove_run(run)
                print_line(f"{text}, removed")
            else:
                print_line(f"{text}; remove it with --yes")
