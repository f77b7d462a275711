"""How long the fit of every family takes, and that the time grows no worse than linearly.

    BABBLE_CORPORA=CORPORA python -m experiments.bench_fit

Fits each family to a quarter, a half and all of Switchboard's 176,000 offsets, in a fixed random order; compilation
is included. Takes three minutes on two cores. Expected: twice the offsets take less than twice the time for all
families together, and each family no more than 15 s.
"""

import dataclasses
import itertools
import json
import time
from pathlib import Path

import numpy as np
import tyro

from babble_jax import files
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.events import Definitions, Level, offsets
from experiments.kinds import corpus


@dataclasses.dataclass(frozen=True)
class Bench:
    """Times the fits.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      level: of the offsets.
      results: the JSON file to write.
    """

    corpus: str = "switchboard-ms98"
    level: Level = "ipu"
    results: Path = Path("experiments/results/bench_fit.json")

    def run(self) -> None:
        """Reads, fits, measures."""
        y = offsets(corpus(self.corpus), self.level, Definitions()).value
        y = np.random.default_rng(0).permutation(y)
        sizes = [len(y) // 4, len(y) // 2, len(y)]
        FAMILIES["logistic"].fit(y[:1000])  # what JAX loads at its first use
        rows, total = [], np.zeros(len(sizes))
        for name, family in FAMILIES.items():
            seconds = []
            for size in sizes:
                start = time.process_time()
                family.fit(y[:size])
                seconds.append(time.process_time() - start)
            rows.append({"family": name, "processor_seconds": seconds, "ratios": _ratios(seconds)})
            total += seconds
            print(json.dumps(rows[-1]), flush=True)
        everything = {"processor_seconds": total.tolist(), "ratios": _ratios(total.tolist())}
        files.write_json(self.results, {"offsets": sizes, "rows": rows, "all_families": everything})


def _ratios(seconds: list[float]) -> list[float]:
    """Time with twice the offsets over time with them; 2 where the time grows linearly."""
    return [after / before for before, after in itertools.pairwise(seconds)]


if __name__ == "__main__":
    tyro.cli(Bench).run()
