"""Times 1,000 hours of simulated dialogue timing, and shows that the time grows linearly.

    python -m experiments.bench.simulate

Draws 10, 100 and 1,000 hours (Switchboard's preset, dialogues of ten minutes) and writes them as RTTM, everything but
the start of Python included. Takes a minute on two cores. Expected: 1,000 hours in about 35 s, and no more time per
hour than for 100.
"""

import dataclasses
import json
import shutil
import tempfile
import time
from pathlib import Path

import tyro

from babble_jax.dialogue.corpus import simulate
from babble_jax.timing.preset import load_timing
from experiments.pipelines.results import write_results


@dataclasses.dataclass(frozen=True)
class Bench:
    """Times `babble simulate`.

    Attributes:
      timing: Name of a timing preset with a floor simulator.
      hours: Hours to simulate, in order.
      results: JSON file to write.
    """

    timing: str = "switchboard"
    hours: tuple[float, ...] = (10.0, 100.0, 1000.0)
    results: Path = Path("experiments/results/bench_simulate.json")

    def run(self) -> None:
        """Simulates, and writes the times."""
        preset = load_timing(self.timing)
        rows = []
        for hours in self.hours:
            folder = Path(tempfile.mkdtemp())
            wall, processor = time.monotonic(), time.process_time()
            simulate(hours, folder / "out", timing=preset)
            wall, processor = time.monotonic() - wall, time.process_time() - processor
            rows.append(
                {
                    "hours": hours,
                    "wall_seconds": wall,
                    "processor_seconds": processor,
                    "processor_seconds_per_hour": processor / hours,
                    "bytes": sum(path.stat().st_size for path in (folder / "out").iterdir()),
                }
            )
            print(json.dumps(rows[-1]), flush=True)
            shutil.rmtree(folder)
        write_results(self.results, {"rows": rows})


if __name__ == "__main__":
    tyro.cli(Bench).run()
