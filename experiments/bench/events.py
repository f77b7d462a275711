"""Times reading Switchboard and counting its events, beside plain pandas, in turn in one run.

    BABBLE_CORPORA=CORPORA python -m experiments.bench.events

Needs the extra `test`. Takes five minutes on two cores. Both read the same word files, find IPUs, runs,
backchannels and offsets at both levels, and must agree on all numbers. Growing shares of the calls show that the time
grows linearly.
"""

import dataclasses
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import tyro

from babble_jax.conversation.reading import read
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, events
from experiments.bench import pandas_events
from experiments.pipelines.results import write_results


def count(folder: Path) -> dict[str, float]:
    """Counts by the package what `pandas_events.count` counts."""
    conversations, definitions = read([folder]).conversations, Definitions()
    values = events(conversations, definitions)
    minutes = values["hours"] * 60
    numbers = {name: round(rate * minutes) for name, rate in values["per_minute"].items()}
    result: dict[str, float] = {"conversations": len(conversations), **numbers}
    for fto_level in ("ipu", "turn"):
        fto = events(conversations, definitions, fto_level)["fto"] if fto_level == "turn" else values["fto"]
        result |= {f"offsets_{fto_level}": fto["n"], f"median_{fto_level}": fto["median"]}
    return result


@dataclasses.dataclass(frozen=True)
class Bench:
    """Times the package and pandas.

    Attributes:
      calls: Numbers of calls to read, in order; 0 for all.
      results: JSON file to write.
    """

    calls: tuple[int, ...] = (250, 500, 1000, 0)
    results: Path = Path("experiments/results/bench_events.json")

    def run(self) -> None:
        """Reads, counts, compares and writes the times."""
        corpus = Path(os.environ.get("BABBLE_CORPORA", "corpora")) / "switchboard-ms98"
        paths = sorted(corpus.rglob("sw*-ms98-a-word.text"))
        if not paths:
            raise BabbleError(
                f"{corpus}: holds no word files; set BABBLE_CORPORA to the folder of the corpora."
            )
        rows = []
        for calls in self.calls:
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch) / "switchboard-ms98"
                folder.mkdir()
                for path in paths[: 2 * calls or None]:
                    (folder / path.name).symlink_to(path)
                rows.append(self._row(folder))
            print(json.dumps(rows[-1]), flush=True)
        write_results(self.results, {"rows": rows})

    def _row(self, folder: Path) -> dict[str, Any]:
        seconds, processor, counts = {}, {}, {}
        for name, counting in (("ours", count), ("pandas", pandas_events.count)):
            start, spent = time.monotonic(), time.process_time()
            counts[name] = counting(folder)
            seconds[name], processor[name] = time.monotonic() - start, time.process_time() - spent
        for name, value in counts["ours"].items():
            if abs(counts["pandas"][name] - value) > 1e-9:
                raise BabbleError(f"{name}: {value} by the package, {counts['pandas'][name]} by pandas.")
        calls = counts["ours"]["conversations"]
        return {
            "calls": calls,
            "seconds": seconds,
            "processor_milliseconds_per_call": {name: 1000 * s / calls for name, s in processor.items()},
            "ratio": seconds["pandas"] / seconds["ours"],
            "counts": counts["ours"],
        }


if __name__ == "__main__":
    tyro.cli(Bench).run()
