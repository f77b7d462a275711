"""Times training on several devices at fixed work, and works out what is to be expected of many.

    python -m experiments.bench.devices --out experiments/results/bench_devices.json

Measures what the reduction of gradients costs beyond the work itself: the same updates of one batch, on 1, 2 and 4
virtual devices of this machine and in 2 processes, in turn, in processor seconds of all their threads. Takes some
minutes on two cores. Expected: about as much on virtual devices as on one, and a third more in two processes, whose
gradients go through sockets.

The arithmetic is of SampleRNN at dim 1024 (three tiers, frames of 16 and 4 samples), with a batch for each device. A
ring of N devices sends 2 (N - 1) / N times the bytes of the gradient through each link, in 2 (N - 1) steps of a fixed
latency (Thakur et al. 2005); the reduction begins when the gradient is complete, so that nothing of it is hidden.
"""

import dataclasses
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
import tyro

from babble_jax.train.devices import device_mesh
from babble_jax.train.state import init_train_state
from babble_jax.train.step import train_step
from babble_jax.train.tasks.voice.config import DatasetProperties, VoiceTrainConfig
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.voice.models.samplernn import SampleRNNConfig
from experiments.bench.machine import macs_per_sample
from experiments.pipelines.results import write_results

LEVELS, SUBSEQUENCE, BATCH = 256, 512, 8
DEVICES = (1, 2, 4)
COUNTS = (1, 8, 64, 512)
STREAMS = 128
"""Streams of each device in the arithmetic: the paper's batch."""
RATE = 20e12
"""Floating-point operations per second that a device is taken to reach in training."""


class Link(NamedTuple):
    """What joins devices: bytes per second in one direction, and seconds before a message arrives."""

    name: str
    bandwidth: float
    latency: float


LINKS = (
    Link("links between chips of a TPU slice", 100e9, 1e-6),
    Link("InfiniBand of 400 Gbit/s", 50e9, 5e-6),
    Link("Ethernet of 100 Gbit/s", 12.5e9, 20e-6),
    Link("Ethernet of 10 Gbit/s", 1.25e9, 50e-6),
)


@dataclasses.dataclass(frozen=True)
class BenchDevices:
    """Times training on several devices.

    Attributes:
      dim: Units of each layer.
      updates: Updates of a round.
      rounds: Rounds, in each of which every case runs once.
      out: JSON file to write, too.
      serve: HOST:PORT and number of a process, for the processes that this program starts itself.
    """

    dim: int = 256
    updates: int = 10
    rounds: int = 5
    out: Path | None = None
    serve: tuple[str, int] | None = None


def shape(dim: int) -> SampleRNNConfig:
    """Makes the config of three tiers, at a width."""
    return SampleRNNConfig(
        frame_sizes=(16, 4), dim=dim, expand_top=True, hidden=1, reset="after", weight_norm=False
    )


class Case:
    """Updates of one batch on some devices.

    Args:
      dim: units of each layer.
      devices: of this process; all of them for None.
    """

    def __init__(self, dim: int, devices: list[Any] | None):
        task = VoiceTask(
            VoiceTrainConfig(model=shape(dim), batch_size=BATCH, subsequence=SUBSEQUENCE), DatasetProperties()
        )
        mesh = device_mesh("pmap", BATCH, devices)
        share = BATCH // jax.process_count()
        pcm = np.random.default_rng(jax.process_index()).integers(-9000, 9000, (share, SUBSEQUENCE))
        self._batch = {
            "pcm": pcm.astype(np.int16),
            "weight": np.ones(pcm.shape, np.float32),
            "reset": np.zeros(share, bool),
            "speaker": np.zeros(share, np.int32),
        }
        state = init_train_state(task)
        self.parameters = sum(x.size for x in jax.tree.leaves(state.params))
        self._step, self._state = mesh.compile(train_step(task)), mesh.shard(state)
        self.seconds(2)

    def seconds(self, updates: int) -> float:
        """Measures the processor seconds of an update, of all threads of this process."""
        start = time.process_time()
        for _ in range(updates):
            self._state, metrics = self._step(self._state, self._batch)
            jax.block_until_ready(metrics)
        return (time.process_time() - start) / updates


class Processes:
    """Two processes of one device each, which make updates when told to.

    Args:
      dim: units of each layer.
    """

    def __init__(self, dim: int):
        with socket.socket() as free:
            free.bind(("localhost", 0))
            address = f"localhost:{free.getsockname()[1]}"
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", __spec__.name, "--dim", str(dim), "--serve", address, str(i)],
                env=os.environ | {"XLA_FLAGS": "--xla_force_host_platform_device_count=1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for i in range(2)
        ]
        self._read()

    def seconds(self, updates: int) -> float:
        """Measures the processor seconds of an update, of both."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(f"{updates}\n")
            process.stdin.flush()
        return sum(self._read())

    def _read(self) -> list[float]:
        values = []
        for process in self._processes:
            assert process.stdout is not None
            line = next(line for line in process.stdout if line.startswith("seconds "))
            values.append(float(line.split()[1]))
        return values

    def close(self) -> None:
        """Ends both, which wait for each other."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.close()
        for process in self._processes:
            process.wait()


def serve(dim: int, address: str, number: int) -> None:
    """Makes updates in one of two processes, for each line of standard input as many as it says.

    Args:
      dim: units of each layer.
      address: HOST:PORT of the first process.
      number: of this process.
    """
    jax.distributed.initialize(address, 2, number)
    case = Case(dim, None)
    print("seconds 0", flush=True)
    for line in sys.stdin:
        print(f"seconds {case.seconds(int(line))}", flush=True)
    jax.distributed.shutdown()


def measure(options: BenchDevices) -> tuple[list[dict[str, Any]], int]:
    """Measures processor seconds of an update for each number of devices and processes, and counts the parameters."""
    cases: dict[tuple[int, int], Any] = {
        (1, count): Case(options.dim, jax.devices()[:count]) for count in DEVICES
    }
    parameters = cases[1, 1].parameters
    pair = cases[2, 2] = Processes(options.dim)
    seconds: dict[tuple[int, int], list[float]] = {case: [] for case in cases}
    for _ in range(options.rounds):
        for case, one in cases.items():
            seconds[case].append(one.seconds(options.updates))
    pair.close()
    base = np.array(seconds[1, 1])
    rows = []
    for (processes, devices), values in seconds.items():
        ratios = np.array(values) / base
        rows.append(
            {
                "processes": processes,
                "devices": devices,
                "processor_seconds": float(np.median(values)),
                "ratio": float(np.median(ratios)),
                "ratio_range": [float(ratios.min()), float(ratios.max())],
            }
        )
    return rows, parameters


def efficiency(gradient: float, compute: float, count: int, link: Link) -> float:
    """Works out the share of its time for which a device computes.

    Args:
      gradient: bytes of the gradient.
      compute: seconds of an update on one device.
      count: devices.
      link: between them.
    """
    reduce = 2 * (count - 1) / count * gradient / link.bandwidth + 2 * (count - 1) * link.latency
    return compute / (compute + reduce)


def arithmetic() -> dict[str, Any]:
    """Works out what to expect of SampleRNN at dim 1024 on many devices."""
    model = shape(1024)
    config = VoiceTrainConfig(model=model).voice(DatasetProperties())
    params = jax.eval_shape(config.sample_model.init, jax.random.key(0))
    gradient = 4 * sum(x.size for x in jax.tree.leaves(params))
    flops = 6 * macs_per_sample(model, LEVELS) * STREAMS * SUBSEQUENCE
    return {
        "gradient_bytes": gradient,
        "streams": STREAMS,
        "subsequence": SUBSEQUENCE,
        "flops_per_device": flops,
        "rate": RATE,
        "compute_seconds": flops / RATE,
        "batch_bytes_per_device": STREAMS * (SUBSEQUENCE * (2 + 4) + 5),  # samples, weights, resets, speakers
        "checkpoint_bytes": 3 * gradient,
        "links": [
            link._asdict()
            | {"efficiency": {str(n): efficiency(gradient, flops / RATE, n, link) for n in COUNTS}}
            for link in LINKS
        ],
    }


def main() -> None:
    """Runs the benchmark with the options of the command line."""
    options = tyro.cli(BenchDevices)
    if options.serve is not None:
        serve(options.dim, *options.serve)
        return
    jax.config.update("jax_num_cpu_devices", max(DEVICES))
    rows, parameters = measure(options)
    for row in rows:
        print(
            f"{row['processes']} process(es), {row['devices']} device(s): {row['processor_seconds']:.3f} processor "
            f"seconds an update, {row['ratio']:.3f} times those of one device ({row['ratio_range'][0]:.3f} to "
            f"{row['ratio_range'][1]:.3f})"
        )
    result = {
        "dim": options.dim,
        "parameters": parameters,
        "batch": [BATCH, SUBSEQUENCE],
        "rows": rows,
        "arithmetic": arithmetic(),
    }
    for link in result["arithmetic"]["links"]:
        shares = ", ".join(f"{n}: {share:.1%}" for n, share in link["efficiency"].items())
        print(f"{link['name']}: {shares}")
    if options.out is not None:
        write_results(options.out, result)


if __name__ == "__main__":
    main()
