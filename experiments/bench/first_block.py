"""Times `babble speak --raw` from its start to its first bytes: processor time and time by the clock.

    python -m experiments.bench.first_block

Two minutes on two cores. Warm: the folder for compiled code has what an earlier run left there; of several rounds the
fastest counts. Cold: the folder is empty, so that the sampler and the filters are compiled. With `--before FOLDER`,
another copy of the repository, that is timed, too, in turn.
"""

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tyro

import babble_jax
from babble_jax.errors import BabbleError
from experiments.pipelines.results import write_results

_COMMAND = ["from babble_jax.cli import main; main()", "speak", "--raw", "--seconds", "60"]


@dataclasses.dataclass(frozen=True)
class Bench:
    """Times the first block.

    Attributes:
      rounds: Number of warm runs of each copy.
      before: Another copy of the repository, timed beside this one.
      results: JSON file to write.
    """

    rounds: int = 5
    before: Path | None = None
    results: Path = Path("experiments/results/bench_first_block.json")

    def run(self) -> None:
        """Times, prints and writes a row for each copy."""
        copies = {"now": Path(babble_jax.__file__).parents[1]}
        if self.before is not None:
            copies = {"before": self.before.resolve(), **copies}
        with tempfile.TemporaryDirectory() as scratch:
            caches = {name: Path(scratch, name) for name in copies}
            cold = {name: time_first_bytes(copy, caches[name]) for name, copy in copies.items()}
            warm: dict[str, list[dict[str, float]]] = {name: [] for name in copies}
            for _ in range(self.rounds):
                for name, copy in copies.items():
                    warm[name].append(time_first_bytes(copy, caches[name]))
        rows = []
        for name, times in warm.items():
            fastest = {key: min(one[key] for one in times) for key in ("processor", "wall")}
            rows.append({"copy": name, "cold": cold[name], "warm": fastest})
            print(json.dumps(rows[-1]))
        write_results(self.results, {"rows": rows, "rounds": self.rounds})


def time_first_bytes(copy: Path, cache: Path) -> dict[str, float]:
    """Runs the command until it has written its first bytes, and ends it: seconds, "processor" and "wall".

    Args:
      copy: of the repository.
      cache: folder for compiled code.

    Raises:
      BabbleError: it writes nothing.
    """
    environment = os.environ | {"PYTHONPATH": str(copy), "NUMBA_CACHE_DIR": str(cache)}
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", *_COMMAND],
        env=environment,
        cwd=cache.parent,  # python -c looks for modules in the working folder first
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    first = process.stdout.read(1)
    wall = time.perf_counter() - start
    process.kill()
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    process.stdout.close()
    if not first:
        raise BabbleError(f"{copy}: the command wrote nothing.")
    return {"processor": round(usage.ru_utime + usage.ru_stime, 3), "wall": round(wall, 3)}


if __name__ == "__main__":
    tyro.cli(Bench).run()
