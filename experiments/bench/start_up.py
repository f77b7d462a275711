"""Times how long the verbs of `babble` take to start, beside `python -c "import numpy"`, in turn in one run.

    python -m experiments.bench.start_up

Ten minutes on two cores. Every command is a process of its own; of each the fastest of the rounds counts, by processor
time and by the clock. With `--before FOLDER`, another copy of the repository, every command is timed in that copy, too.
The first start after an installation, which also writes Python's compiled files, is timed in a copy of the package
without them, and once more without those of all libraries (as some installers leave it).
"""

import dataclasses
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import tyro

import babble_jax
from babble_jax.cli.verbs import VERBS
from babble_jax.errors import BabbleError
from experiments.pipelines.results import write_results

_MAIN = "from babble_jax.cli import main; main()"
_ANNOTATION = """conversation,speaker,start,end
talk,A,0.5,2.0
talk,B,2.2,3.0
talk,A,2.9,4.5
talk,B,4.8,6.0
"""
"""A small conversation in a table."""
_FIRST = ("babble --help", "events, one small file", "timings")


@dataclasses.dataclass(frozen=True)
class Times:
    """Seconds of one process.

    Attributes:
      wall: by the clock.
      processor: of all threads, in the user's code and in the system's.
    """

    wall: float
    processor: float


def time_process(command: list[str], environment: dict[str, str]) -> Times:
    """Runs a command and measures its time.

    Args:
      command: program and words; its output is thrown away.
      environment: variables of the process.

    Raises:
      BabbleError: it fails.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=environment["SCRATCH"],
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BabbleError(f"{' '.join(command)}: ends with code {process.returncode}.")
    return Times(time.perf_counter() - start, usage.ru_utime + usage.ru_stime)


def commands() -> dict[str, list[str]]:
    """Lists the words of each command line that is timed, by the name of its row."""
    rows = {"babble --help": ["--help"]} | {f"{verb} --help": [*verb.split(), "--help"] for verb in VERBS}
    rows["events, one small file"] = ["events", "talk.csv"]
    rows["timings"] = ["timings"]
    rows["compare, two small files"] = ["compare", "talk.csv", "talk.csv"]
    rows["converse, 10 s"] = ["converse", "--out", "duet", "--seconds", "10", "--overwrite"]
    return rows


@dataclasses.dataclass(frozen=True)
class Bench:
    """Times the start of every verb.

    Attributes:
      rounds: Number of times that each command runs.
      slow_rounds: The same for commands that make sound.
      before: Another copy of the repository, timed beside this one.
      only: Rows to time; all by default.
      results: JSON file to write.
    """

    rounds: int = 5
    slow_rounds: int = 3
    before: Path | None = None
    only: tuple[str, ...] = ()
    results: Path = Path("experiments/results/bench_start_up.json")

    def run(self) -> None:
        """Times all rows and writes them."""
        copies = {"now": Path(babble_jax.__file__).parents[1]}
        if self.before is not None:
            copies = {"before": self.before.resolve(), **copies}
        rows = []
        with tempfile.TemporaryDirectory() as scratch:
            Path(scratch, "talk.csv").write_text(_ANNOTATION, encoding="utf-8")
            for name, words in commands().items():
                if self.only and name not in self.only:
                    continue
                rows.append({"command": name, **self._row(copies, words, scratch)})
                print(json.dumps(rows[-1]), flush=True)
            first = self._first_start(copies["now"], scratch)
            print(json.dumps({"first start": first}), flush=True)
        write_results(self.results, {"rows": rows, "first_start": first})

    def _row(self, copies: dict[str, Path], words: list[str], scratch: str) -> dict[str, dict[str, float]]:
        """Times one command line in each copy, and numpy's import, in turn; the fastest of each."""
        runs: dict[str, list[Times]] = {"numpy": [], **{name: [] for name in copies}}
        rounds = self.slow_rounds if words[0] in ("converse", "speak") else self.rounds
        for _ in range(rounds):
            runs["numpy"].append(time_process([sys.executable, "-c", "import numpy"], _environment(scratch)))
            for name, copy in copies.items():
                command = [sys.executable, "-c", _MAIN, *words]
                runs[name].append(time_process(command, _environment(scratch, copy)))
        return {
            name: {key: min(getattr(one, key) for one in times) for key in ("wall", "processor")}
            for name, times in runs.items()
        }

    def _first_start(self, copy: Path, scratch: str) -> list[dict[str, Any]]:
        """Times `babble --help`, events and timings in a copy of the package without compiled files."""
        rows = []
        names = [name for name in _FIRST if not self.only or name in self.only]
        for name, libraries in itertools.product(names, (False, True)):
            fresh = Path(scratch, "fresh")
            shutil.rmtree(fresh, ignore_errors=True)
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(copy / "babble_jax", fresh / "babble_jax", ignore=ignored)
            command = [sys.executable, "-c", _MAIN, *commands()[name]]
            environment = _environment(scratch, fresh)
            if libraries:
                environment |= {"PYTHONPYCACHEPREFIX": str(fresh / "compiled")}
            times = dataclasses.asdict(time_process(command, environment))
            rows.append({"command": name, "libraries_compiled": not libraries, **times})
        return rows


def _environment(scratch: str, copy: Path | None = None) -> dict[str, str]:
    paths = {} if copy is None else {"PYTHONPATH": str(copy)}
    return {**os.environ, "SCRATCH": scratch, **paths}


if __name__ == "__main__":
    tyro.cli(Bench).run()
