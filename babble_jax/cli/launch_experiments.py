"""The experiments that the launcher may be asked for, and what it does with them: lists, shows, verifies."""

import dataclasses
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from babble_jax.cli.marks import NO_HINT
from babble_jax.cli.messages import print_json, print_line
from babble_jax.errors import BabbleError
from babble_jax.plural import plural


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """The experiments that a command line may name.

    Attributes:
      program: words that begin the command line.
      folder: in which they lie.
      package: the package of the folder; None for files of one's own, in this folder alone.
      results: folder of the committed results; None where there is none.
    """

    program: str
    folder: Path
    package: str | None
    results: Path | None = None

    def paths(self) -> dict[str, Path]:
        """Finds the files of all experiments, by name."""
        from babble_jax.launch.experiment import find_experiments

        return find_experiments(self.folder, recursive=self.package is not None)

    def find(self, word: str) -> tuple[str, str]:
        """Finds an experiment by its name, or by its file; returns its name and its source.

        Raises:
          BabbleError: there is none.
        """
        paths = self.paths()
        if word in paths:
            return word, self.source_of(paths[word])
        if word.endswith(".py") and Path(word).is_file():
            return Path(word).stem, word
        if word.endswith(".py"):
            raise BabbleError(f"{word}: there is no such file; name a Python file with an EXPERIMENT.")
        remedy = f"choose from {', '.join(paths)}" if paths else "name a Python file with an EXPERIMENT"
        raise BabbleError(f"There is no experiment {word!r}; {remedy}.")

    def source_of(self, path: Path) -> str:
        """Returns the module, or the path, of the file of an experiment."""
        if self.package is None:
            return str(path)
        return ".".join((self.package, *path.relative_to(self.folder).with_suffix("").parts))


@dataclasses.dataclass(frozen=True)
class List:
    """Lists the experiments: what each is, its time, what to expect, and from which commit its result is.

    Attributes:
      json: Print one JSON object on standard output, and nothing else.
    """

    json: bool = False

    def run(self, catalogue: Catalogue) -> None:
        """Prints the list."""
        from babble_jax.launch.experiment import read_description

        rows = []
        for name, path in catalogue.paths().items():
            description = read_description(path)
            row = {"name": name, "summary": description.summary, "time": description.time}
            rows.append(row | {"expected": description.expected, "result": _result(catalogue, name)})
        if self.json:
            print_json({"experiments": rows})
            return
        if not rows:
            raise BabbleError(
                f"{catalogue.folder.resolve()}: holds no Python file with an EXPERIMENT; write one."
            )
        for row in rows:
            print_line(f"{row['name']}: {row['summary']}")
            for key in ("time", "expected", "result"):
                if row[key]:
                    print_line(f"    {key}: {row[key]}")


def _result(catalogue: Catalogue, name: str) -> str:
    """Says whether a result is committed, and from which commit it is."""
    from babble_jax.input_files import read_json

    if catalogue.results is None:
        return ""
    path = catalogue.results / f"{name}.json"
    if not path.exists():
        return "none is committed"
    values = read_json(path)
    if "commit" in values:
        return f"commit {values['commit'][:12]}" + (", with changes" if "-dirty" in values["commit"] else "")
    return (
        f"commit not recorded, file of {values['file_commit'][:12]}"
        if "file_commit" in values
        else "commit not recorded"
    )


@dataclasses.dataclass(frozen=True)
class Show:
    """Shows the values of an experiment, or of a run, as TOML.

    Attributes:
      experiment: Name or file of an experiment, or NAME/DIGEST of a run.
      work: Folder of all runs.
    """

    experiment: Positional[str]
    work: Path = Path("runs")

    def run(self, catalogue: Catalogue) -> None:
        """Prints the values; of a run also what it needs to be begun again."""
        from babble_jax.launch.experiment import load_experiment
        from babble_jax.launch.select import select_runs
        from babble_jax.launch.values import to_toml, values_of

        if "/" in self.experiment and not self.experiment.endswith(".py"):
            for run in select_runs(self.work, [self.experiment]):
                record = run.record
                print_line(
                    f"# {run.label}: {run.read_state().state}, commit {record['commit'] or 'not recorded'}"
                )
                print_line(f"# {record['command']}")
                print(to_toml(record["values"]), end="")
            return
        _, source = catalogue.find(self.experiment)
        print(to_toml(values_of(load_experiment(source), source)), end="")


@dataclasses.dataclass(frozen=True)
class Verify:
    """Runs experiments again that take minutes, and says which numbers of their results have moved.

    Attributes:
      experiments: Names of experiments; all that have a result and take minutes where there is none.
      work: Folder of these runs.
      results: Folder with the results to compare with.
      tolerance: Relative difference up to which a number has not moved.
      hours: Run those that take hours, too.
    """

    experiments: Annotated[Positional[tuple[str, ...]], arg(help_behavior_hint="", metavar="[NAME ...]")] = ()
    work: Path = Path("runs/verify")
    results: Annotated[Path | None, NO_HINT] = None
    tolerance: float = 1e-6
    hours: bool = False

    def __post_init__(self):
        if not 0 <= self.tolerance < 1:
            raise ValueError("tolerance must be from 0 to below 1")

    def run(self, catalogue: Catalogue) -> None:
        """Runs and compares."""
        from babble_jax.launch.experiment import read_description

        results = self.results or catalogue.results
        if results is None:
            raise BabbleError("launch verify: name the folder of the results to compare with by --results.")
        paths, count = catalogue.paths(), 0
        for name in self.experiments or paths:
            catalogue.find(name)
            if not self.experiments and not (results / f"{name}.json").exists():
                continue
            reason = ""
            if paths[name].parent.name == "release":
                reason = "it writes into the package"
            elif not (self.hours or read_description(paths[name]).is_cheap):
                reason = "it takes hours; run it with --hours"
            elif not (results / f"{name}.json").exists():
                reason = f"{results} has no result of it"
            if reason:
                print_line(f"{name}: not run, since {reason}")
                continue
            count += self._verify(catalogue, name, results / f"{name}.json")
        if count:
            raise BabbleError(
                f"launch verify: {plural(count, 'result')} moved; the lines above say by how much."
            )

    def _verify(self, catalogue: Catalogue, name: str, path: Path) -> bool:
        """Runs an experiment in a new folder, prints what has moved, and returns whether anything has."""
        from babble_jax.input_files import read_json
        from babble_jax.launch.execute import copy_output, execute
        from babble_jax.launch.experiment import load_experiment
        from babble_jax.launch.run_folder import Run, create_run, remove_run
        from babble_jax.launch.values import values_digest, values_of
        from babble_jax.launch.verify import moved

        _, source = catalogue.find(name)
        experiment = load_experiment(source)
        values = values_of(experiment, source)
        earlier = Run(self.work / name / values_digest(values))
        if earlier.read_state().state == "done":
            remove_run(earlier)
        run = create_run(self.work, name, source, values, [*catalogue.program.split(), "verify", name])
        try:
            with copy_output(run.log):
                result = execute(run, experiment)
        except BabbleError as error:
            print_line(f"{name}: not run: {error}")
            return False
        changes = moved(read_json(path), result, self.tolerance)
        summary = f"{plural(len(changes), 'number')} moved" if changes else "is the same"
        print_line(f"{name}: {summary}")
        for change in changes[:20]:
            print_line(f"    {change}")
        if len(changes) > 20:
            print_line(f"    and {len(changes) - 20} more; see {run.folder / 'result.json'}")
        return bool(changes)
