"""Times training with acoustic units beside training without, and measures what the first pass costs.

    python -m experiments.bench.features --minutes 10 60 --layout many one --out bench_features.json

Data sets are made of the excerpt that ships, repeated with noise, in recordings of ten minutes ("many") or in one
recording ("one"). The updates with and without units run in turn in one process, on features that are stored already,
and count processor time, that of the thread that reads ahead included. Each peak of memory is that of a run of its own
that fits the units, stores them and makes some updates, together with the process that it starts for the first pass.
Peaks differ from run to run by some 50 MB, as the program of the update is compiled by several threads. Ten hours
(`--minutes 600`) take an hour on two cores and 8 GB of disk. A recording of more than an hour is read by one stream,
since eight hold it eight times.
"""

import contextlib
import dataclasses
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import jax
import numpy as np
import tyro

from babble_jax.audio import wave
from babble_jax.dataset.building import build_dataset
from babble_jax.dataset.splits import split_from_name
from babble_jax.presets import registry
from babble_jax.train.config import LogConfig
from babble_jax.train.state import init_train_state
from babble_jax.train.step import train_step
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.voice.models.samplernn import SampleRNNConfig
from experiments.pipelines.results import write_results

RATE = 16_000
ROUNDS, UPDATES = 6, 50  # turns of each kind, and updates in a turn
TURN = 600  # seconds of a recording in the layout "many"
LONGEST = 60  # minutes of a recording that several streams read at once
KINDS = {"plain": {}, "activity": {"by_activity": True}, "units": {"by_activity": True, "units": 64}}


@dataclasses.dataclass(frozen=True)
class BenchFeatures:
    """Times training with units.

    Attributes:
      minutes: Lengths of the training split.
      layout: Recordings of ten minutes, or one recording.
      dim: Units of each layer of the voice.
      batch: Recordings that are read side by side.
      runs: Runs of each kind of which memory and time are measured; the medians count.
      folder: Where the data sets lie and stay; a temporary folder where none is named.
      child: Kind of the run whose memory this process measures, on the data set FOLDER; for the program's own use.
      json: Print one JSON object, and nothing else.
      out: JSON file to write, too.
    """

    minutes: tuple[int, ...] = (10,)
    layout: tuple[Literal["many", "one"], ...] = ("many",)
    dim: int = 256
    batch: int = 8
    runs: int = 1
    folder: Path | None = None
    child: Literal["", "plain", "activity", "units"] = ""
    json: bool = False
    out: Path | None = None


def make_dataset(folder: Path, minutes: int, layout: str) -> Path:
    """Makes a data set of so many minutes of speech for training, if it is not there: its folder.

    Args:
      folder: where it lies.
      minutes: length of the training split.
      layout: "many" or "one".
    """
    out = folder / f"data-{layout}-{minutes}"
    if out.is_dir():
        return out
    excerpt = np.concatenate(
        [wave.read(path, RATE)[0] for path in sorted(registry.path("speech", "festvox-ru").glob("*.ogg"))]
    )
    draws = np.random.default_rng(0)

    def write(split: str, number: int, seconds: int) -> None:
        names = (f"{split}{number}-{k}" for k in range(1000))
        name = next(name for name in names if split_from_name(f"{name}.wav") == split)
        shift = int(draws.integers(len(excerpt)))
        audio = np.resize(np.roll(excerpt, shift), seconds * RATE)
        for start in range(0, len(audio), RATE * 60):
            part = audio[start : start + RATE * 60]
            part += draws.normal(0, 1e-3, len(part)).astype(np.float32)
        wave.write(sounds / f"{name}.wav", audio, RATE)

    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        sounds = Path(scratch, "speech")
        sounds.mkdir()
        lengths = [minutes * 60] if layout == "one" else [TURN] * max(1, minutes * 60 // TURN)
        for number, seconds in enumerate(lengths):
            write("train", number, seconds)
        for split in ("validation", "test"):
            write(split, 0, 20)
        build_dataset(sounds, out)
    return out


def make_task(data: Path, kind: str, dim: int, batch: int) -> VoiceTask:
    """Makes the task of a voice.

    Args:
      data: the data set.
      kind: a key of `KINDS`.
      dim: units of each layer.
      batch: recordings that are read side by side.
    """
    model = SampleRNNConfig(frame_sizes=(16, 4), dim=dim, expand_top=True)
    return VoiceTask(VoiceTrainConfig(dataset=str(data), model=model, batch_size=batch, **KINDS[kind]))


def start(task: VoiceTask) -> Callable[[int], None]:
    """Begins training, and returns a function that makes so many updates.

    Args:
      task: of the voice, open and prepared.
    """
    step, state, batches = jax.jit(train_step(task), donate_argnums=0), init_train_state(task), task.batches()

    def update(count: int) -> None:
        nonlocal state
        for _ in range(count):
            state, _ = step(state, next(batches))
        jax.block_until_ready(state)

    return update


def time_updates(data: Path, dim: int, batch: int) -> dict[str, Any]:
    """Measures the milliseconds of an update of each kind, in turn: medians over the turns.

    Args:
      data: the data set.
      dim: units of each layer.
      batch: recordings that are read side by side.
    """
    with tempfile.TemporaryDirectory() as folder:
        updates = {}
        for kind in KINDS:
            Path(folder, kind).mkdir()
            task = make_task(data, kind, dim, batch)
            task.open(resumed=False)
            task.prepare(Path(folder, kind), LogConfig())
            updates[kind] = start(task)
            updates[kind](10)  # compiles
        spent = {kind: [] for kind in KINDS}
        for _ in range(ROUNDS):
            for kind, update in updates.items():
                processor, wall = time.process_time(), time.perf_counter()
                update(UPDATES)
                spent[kind].append((time.process_time() - processor, time.perf_counter() - wall))
    result: dict[str, Any] = {}
    for kind, pairs in spent.items():
        processor, wall = 1000 * np.median(pairs, axis=0) / UPDATES
        result[kind] = {"processor_ms": float(processor), "wall_ms": float(wall)}
    for kind in ("plain", "activity"):
        ratios = np.array(spent["units"])[:, 0] / np.array(spent[kind])[:, 0]
        result[f"units_over_{kind}"] = {
            "median": float(np.median(ratios)),
            "lowest": float(ratios.min()),
            "highest": float(ratios.max()),
        }
    return result


def total_memory() -> float:
    """Sums the memory, in MB, of this process and of those that it has started; 0 where Linux does not say.

    Memory that several processes share counts once (their proportional set sizes).
    """
    total = 0.0
    with contextlib.suppress(OSError, ValueError):  # one that has just ended
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
        for process in ["self", *children.split()]:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6
    return total


def own_peak() -> float:
    """Returns the largest memory, in MB, that this process has had since it began; 0 where Linux does not say.

    `ru_maxrss` does not do: a process that another one started begins with that of the other.
    """
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


@contextlib.contextmanager
def watch_memory(peaks: list[float]) -> Iterator[None]:
    """Appends to `peaks` the largest `total_memory` while the block runs, looked at ten times a second."""
    done, largest = threading.Event(), [0.0]

    def watch() -> None:
        while not done.wait(0.1):
            largest[0] = max(largest[0], total_memory())

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        peaks.append(largest[0])


def measure_run(data: Path, kind: str, dim: int, batch: int) -> dict[str, float]:
    """Trains a little, from features that are stored or not; the seconds that it took and the peak of memory.

    Args:
      data: the data set.
      kind: a key of `KINDS`.
      dim: units of each layer.
      batch: recordings that are read side by side.
    """
    task = make_task(data, kind, dim, batch)
    wall, peaks = time.perf_counter(), []
    with tempfile.TemporaryDirectory() as folder:
        task.open(resumed=False)
        with watch_memory(peaks):
            task.prepare(Path(folder), LogConfig())
        start(task)(20)
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "processor_s": sum(usage.ru_utime + usage.ru_stime for usage in usages),
        "wall_s": time.perf_counter() - wall,
        "peak_mb": max(own_peak(), *peaks),
    }


def measure_in_child(data: Path, kind: str, dim: int, batch: int) -> dict[str, float]:
    """Measures a run in a process of its own (`measure_run`).

    Args:
      data: the data set.
      kind: a key of `KINDS`.
      dim: units of each layer.
      batch: recordings that are read side by side.
    """
    command = [sys.executable, "-m", "experiments.bench.features", "--folder", str(data), "--child", kind]
    command += ["--dim", str(dim), "--batch", str(batch)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def bench(folder: Path, minutes: int, layout: str, options: BenchFeatures) -> dict[str, Any]:
    """Measures one data set.

    Args:
      folder: where the data sets lie.
      minutes: length of the training split.
      layout: "many" or "one".
      options: of the benchmark.
    """
    data, batch = make_dataset(folder, minutes, layout), options.batch
    if layout == "one" and minutes > LONGEST:
        batch = 1
    runs: dict[str, list[dict[str, float]]] = {"activity": [], "units_first": [], "units_later": []}
    for _ in range(options.runs):
        for path in data.glob("babble-*.safetensors"):
            path.unlink()
        for name, results in runs.items():
            results.append(measure_in_child(data, name.split("_")[0], options.dim, batch))
    row: dict[str, Any] = {"minutes": minutes, "layout": layout, "batch": batch, "runs": options.runs}
    for name, results in runs.items():
        row[name] = {key: float(np.median([one[key] for one in results])) for key in results[0]}
    files = data.glob("babble-*-train-*.safetensors")
    return row | {"stored_mb": sum(path.stat().st_size for path in files) / 1e6}


def main(options: BenchFeatures) -> None:
    """Runs the benchmark and shows what it measured."""
    if options.child:
        assert options.folder is not None
        print(json.dumps(measure_run(options.folder, options.child, options.dim, options.batch)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        rows = [bench(folder, n, layout, options) for n in options.minutes for layout in options.layout]
        updates = time_updates(
            make_dataset(folder, options.minutes[0], options.layout[0]), options.dim, options.batch
        )
    results = {"rows": rows, "updates": updates, "dim": options.dim, "batch": options.batch}
    if options.out is not None:
        write_results(options.out, results)
    if options.json:
        print(json.dumps(results))
        return
    for row in rows:
        print(json.dumps(row))
    for key, value in updates.items():
        print(key, "  ".join(f"{name} {number:.3f}" for name, number in value.items()))


if __name__ == "__main__":
    main(tyro.cli(BenchFeatures))
