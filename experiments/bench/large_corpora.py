"""Simulates, counts and fits corpora of 1, 10 and 100 times Switchboard's size: time and peak memory of each verb.

    python -m experiments.bench.large_corpora --folder FOLDER

Each verb is a process of its own. Takes half an hour on one core, and 0.8 GB in the folder, where finished parts and
rows are kept, so that a run that was broken off goes on. Expected: the time grows linearly, but for what each process
takes to start and for the fit to 100,000 quantiles; the memory does not grow.
"""

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import tyro

from babble_jax import files
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_json
from experiments.pipelines.results import write_results

SWITCHBOARD = 230.0
"""Hours of Switchboard's recordings, rounded."""


def measure(arguments: list[str], log: Path) -> dict[str, float]:
    """Runs `babble` in a process of its own: returns its seconds, its processor's seconds, and its peak memory in MB.

    Args:
      arguments: of the command.
      log: file for what it prints.

    Raises:
      BabbleError: it failed.
    """
    start = time.monotonic()
    with log.open("wb") as stream:
        code = "from babble_jax.cli import main; main()"
        command = [sys.executable, "-c", code, *arguments]
        process = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BabbleError(f"babble {' '.join(arguments)} failed; see {log}.")
    return {
        "wall_seconds": time.monotonic() - start,
        "processor_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


@dataclasses.dataclass(frozen=True)
class Bench:
    """Times verbs on large corpora.

    Attributes:
      folder: Folder for the corpora and the rows that are finished.
      sizes: Times Switchboard's size, in order.
      families: Families that are fitted.
      results: JSON file to write.
    """

    folder: Path
    sizes: tuple[float, ...] = (1.0, 10.0, 100.0)
    families: tuple[str, ...] = ("johnson_su", "asymmetric_laplace", "two_sided_gamma", "normal")
    results: Path = Path("experiments/results/bench_large_corpora.json")

    def run(self) -> None:
        """Simulates, counts and fits, and writes the measurements."""
        rows = [self._row(size) for size in self.sizes]
        write_results(self.results, {"families": list(self.families), "rows": rows})

    def _row(self, size: float) -> dict[str, Any]:
        hours = size * SWITCHBOARD
        name = f"{hours:g}h"
        corpus, done = self.folder / name, self.folder / f"{name}.json"
        row: dict[str, Any] = read_json(done) if done.is_file() else {"size": size, "hours": hours}
        self.folder.mkdir(parents=True, exist_ok=True)
        for verb, arguments in {
            "simulate": ["--hours", f"{hours:g}", "--format", "array_record", "--out", str(corpus)],
            "events": [str(corpus)],
            "fit": [str(corpus), "--families", *self.families],
        }.items():
            if verb not in row:
                row[verb] = measure([verb, *arguments], self.folder / f"{name}-{verb}.log")
                row["bytes"] = sum(path.stat().st_size for path in corpus.iterdir())
                files.write_json(done, row)
        print(json.dumps(row), flush=True)
        return row


if __name__ == "__main__":
    tyro.cli(Bench).run()
