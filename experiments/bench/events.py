"""Reading Switchboard and counting its events, against plain pandas, in turn in one run.

    BABBLE_CORPORA=CORPORA python -m experiments.bench_events

Needs the extra `test`. Takes five minutes on two cores. Both sides read the same word files, find IPUs, runs,
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

from babble_jax import files
from babble_jax.conversation.reading import read
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, events
from experiments.bench import pandas_events


def count(folder: Path) -> dict[str, float]:
    """What `pandas_events.count` gives, by the package."""
    conversations, definitions = read([folder]).conversations, Definitions()
    found = events(conversations, definitions)
    minutes = found["hours"] * 60
    numbers = {name: round(rate * minutes) for name, rate in found["per_minute"].items()}
    result: dict[str, float] = {"conversations": len(conversations), **numbers}
    for fto_level in ("ipu", "turn"):
        fto = events(conversations, definitions, fto_level)["fto"] if fto_level == "turn" else found["fto"]
        result |= {f"offsets_{fto_level}": fto["n"], f"median_{fto_level}": fto["median"]}
    return result


@dataclasses.dataclass(frozen=True)
class Bench:
    """Times both.

    Attributes:
      calls: numbers of calls to read, in order; 0 for all.
      results: the JSON file to write.
    """

    calls: tuple[int, ...] = (250, 500, 1000, 0)
    results: Path = Path("experiments/results/bench_events.json")

    def run(self) -> None:
        """Reads, counts, compares."""
        corpus = Path(os.environ.get("BABBLE_CORPORA", "corpora")) / "switchboard-ms98"
        sides = sorted(corpus.rglob("sw*-ms98-a-word.text"))
        if not sides:
            raise BabbleError(
                f"{corpus}: holds no word files; set BABBLE_CORPORA to the folder of the corpora."
            )
        rows = []
        for calls in self.calls:
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch) / "switchboard-ms98"
                folder.mkdir()
                for path in sides[: 2 * calls or None]:
                    (folder / path.name).symlink_to(path)
                rows.append(self._row(folder))
            print(json.dumps(rows[-1]), flush=True)
        files.write_json(self.results, {"rows": rows})

    def _row(self, folder: Path) -> dict[str, Any]:
        seconds, processor, found = {}, {}, {}
        for name, counting in (("ours", count), ("pandas", pandas_events.count)):
            start, spent = time.monotonic(), time.process_time()
            found[name] = counting(folder)
            seconds[name], processor[name] = time.monotonic() - start, time.process_time() - spent
        for name, value in found["ours"].items():
            if abs(found["pandas"][name] - value) > 1e-9:
                raise BabbleError(f"{name}: {value} by the package, {found['pandas'][name]} by pandas.")
        calls = found["ours"]["conversations"]
        return {
            "calls": calls,
            "seconds": seconds,
            "processor_milliseconds_per_call": {name: 1000 * s / calls for name, s in processor.items()},
            "ratio": seconds["pandas"] / seconds["ours"],
            "counts": found["ours"],
        }


if __name__ == "__main__":
    tyro.cli(Bench).run()
