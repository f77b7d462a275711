"""Times the fit of every family of distributions, and shows that the time grows no worse than linearly.

    BABBLE_CORPORA=CORPORA python -m experiments.bench.fit

Fits each family to 1,000 offsets of Switchboard and to a quarter, a half and all of its 176,000, in a fixed random
order. A fit compiles its likelihood, which takes most of its time and does not grow; so each is timed a second time,
with the program from JAX's cache on disk; `growing` is that time less the time with 1,000 offsets. Ratios are
of `growing`: 2 where the time grows linearly. Below 0.1 s, where they would be noise, they are left out.
"""

import dataclasses
import itertools
import json
import shutil
import tempfile
import time
from pathlib import Path

import jax
import numpy as np
import tyro

from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.family import Family
from babble_jax.timing.events import Definitions, FtoLevel, pool_ftos
from experiments.pipelines.corpora import read_corpus
from experiments.pipelines.results import write_results


@dataclasses.dataclass(frozen=True)
class Bench:
    """Times the fits.

    Attributes:
      corpus: Folder in `BABBLE_CORPORA`.
      fto_level: Level of the floor-transfer offsets.
      results: JSON file to write.
    """

    corpus: str = "switchboard-ms98"
    fto_level: FtoLevel = "ipu"
    results: Path = Path("experiments/results/bench_fit.json")

    def run(self) -> None:
        """Reads the corpus, fits and writes the times."""
        y = pool_ftos(read_corpus(self.corpus), self.fto_level, Definitions()).fto
        y = np.random.default_rng(0).permutation(y)
        sizes = [len(y) // 4, len(y) // 2, len(y)]
        rows, total = [], np.zeros(len(sizes))
        cache = tempfile.mkdtemp()
        jax.config.update("jax_compilation_cache_dir", cache)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
        _seconds(FAMILIES["logistic"], y[:1000])  # what JAX loads at its first use
        for name, family in FAMILIES.items():
            few = _seconds(family, y[:1000])[1]
            first, again = zip(*(_seconds(family, y[:size]) for size in sizes), strict=True)
            growing = np.subtract(again, few)
            times = {"first": first, "again": again, "with_1000": few, "growing": growing.tolist()}
            rows.append({"family": name, "processor_seconds": times, "ratios": _ratios(growing)})
            total += growing
            print(json.dumps(rows[-1]), flush=True)
        shutil.rmtree(cache)
        everything = {"growing": total.tolist(), "ratios": _ratios(total)}
        write_results(self.results, {"offsets": sizes, "rows": rows, "all_families": everything})


def _seconds(family: Family, y: np.ndarray) -> tuple[float, float]:
    """Measures the processor seconds of a fit that compiles, and of the same fit again."""
    times = []
    for _ in range(2):
        start = time.process_time()
        family.fit(y)
        times.append(time.process_time() - start)
    return times[0], times[1]


def _ratios(growing: np.ndarray) -> list[float | None]:
    """Divides each growing time by the one with half as many offsets."""
    pairs = itertools.pairwise(growing.tolist())
    return [after / before if before > 0.1 else None for before, after in pairs]


if __name__ == "__main__":
    tyro.cli(Bench).run()
