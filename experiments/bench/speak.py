"""Times generation: samples per second of each sampler, beside PyTorch and beside the limit of the machine.

    python -m experiments.bench.speak --dim 256 1024 --streams 1 16 --against torch
    python -m experiments.bench.speak --voice wavenet --dim 64 --streams 1 16 --against torch

SampleRNN has three tiers in the ports' shape (frames of 16 and 4 samples, one GRU layer each), WaveNet four stacks of
ten layers; random parameters, 256 levels. The samplers: compiled by XLA (all cores), native with float32 weights,
native with int8 weights (one stream on one core, several streams on all). With `--against torch`
(`pip install '.[bench]'`) the generation loop of `torch_samplernn`, weight norm folded, or the queues of
`torch_wavenet`, checked against ours, run in turn with them on copied parameters. `ours` is the faster native sampler;
int8 counts where it loses less than 0.01 bits per sample, measured as the mean difference of log-probabilities of
samples that float32 draws. The limit is, for one stream, reading the weights at the rate at which a dot product reads
as many bytes; for several, the machine's float32 matrix peak, four times that for int8. Expected on two cores: one
stream of SampleRNN 60 times PyTorch's rate at dim 256 and 35 times at dim 1024.
"""

import dataclasses
import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import jax
import numpy as np
import tyro

from babble_jax.train.throughput import matrix_peak
from babble_jax.voice.block_sampler import compiled_sampler
from babble_jax.voice.models.samplernn import SampleRNN, SampleRNNConfig
from babble_jax.voice.models.wavenet import WaveNet, WaveNetConfig
from babble_jax.voice.sampling.ancestral import uniforms
from babble_jax.voice.sampling.native.dispatch import PackedVoice, pack_voice, sample_native
from babble_jax.voice.sampling.native.limits import read_rate
from babble_jax.voice.sampling.native.threads import thread_count
from experiments.pipelines.results import give_rows

LEVELS, RATE = 256, 16_000
ROUNDS = 5
MOST_LOST = 0.01  # bits per sample

Kind = Literal["samplernn", "wavenet"]


@dataclasses.dataclass(frozen=True)
class BenchSpeak:
    """Times generation.

    Attributes:
      voice: Kind of voice.
      dim: Units of each layer, or channels; several are timed one after the other.
      streams: Streams that are generated together.
      against: Peer that runs in turn with the package.
      json: Print one JSON object, and nothing else.
      out: JSON file to write, too.
    """

    voice: Kind = "samplernn"
    dim: tuple[int, ...] = (256,)
    streams: tuple[int, ...] = (1,)
    against: Literal["nothing", "torch"] = "nothing"
    json: bool = False
    out: Path | None = None


def build_voice(kind: Kind, dim: int) -> SampleRNN | WaveNet:
    """Builds the model to be timed."""
    if kind == "wavenet":
        return WaveNet(WaveNetConfig(channels=dim), LEVELS)
    shape = SampleRNNConfig(
        frame_sizes=(16, 4), dim=dim, expand_top=True, hidden=1, reset="after", weight_norm=False
    )
    return SampleRNN(shape, LEVELS)


def theirs(voice: SampleRNN | WaveNet, params: Any, streams: int) -> Callable[[int], Any]:
    """Returns a function that draws so many samples of each stream by PyTorch.

    The steps of a WaveNet are first checked against ours.

    Args:
      voice: our model.
      params: its parameters, which are copied.
      streams: to be generated together.
    """
    if isinstance(voice, SampleRNN):
        from experiments.bench import torch_samplernn

        model = torch_samplernn.copy_samplernn(params, voice.config.dim)
        return lambda length: model.generate(streams, length)
    import torch  # pyright: ignore[reportMissingImports]

    from experiments.bench import torch_wavenet

    c, weights = voice.config, voice.weights(params)
    queues = torch_wavenet.copy_wavenet(weights, c.dilations, c.channels, c.skip)
    codes = np.random.default_rng(0).integers(0, LEVELS, (2, 50))
    expected, _ = voice.apply(weights, voice.initial_state(weights, 2), jax.numpy.asarray(codes))
    line = torch.from_numpy(np.concatenate([np.full((2, 1), LEVELS // 2), codes[:, :-1]], axis=1))
    past = queues.queues(2)
    with torch.no_grad():
        steps = torch.stack([queues.step(past, last) for last in line.T], dim=1)
        for logits in (steps, queues(line)):
            np.testing.assert_allclose(logits.numpy(), expected, atol=1e-4)
    return lambda length: queues.generate(streams, length)


def build_samplers(
    kind: Kind, dim: int, streams: int
) -> tuple[dict[str, Callable[[int], Any]], PackedVoice, Any, float]:
    """Builds the samplers of one size.

    Args:
      kind: of voice.
      dim: units of each layer, or channels.
      streams: to be generated together.

    Returns:
      (samplers, packed, params, lost): by name, functions that draw so many samples of each stream; the packed voice;
      its parameters; bits per sample that int8 loses.
    """
    voice = build_voice(kind, dim)
    params = jax.jit(voice.init)(jax.random.key(0))
    weights = jax.jit(voice.weights)(params)
    state = voice.initial_state(weights, streams)
    keys = jax.random.split(jax.random.key(1), streams)
    packed = pack_voice(voice, weights)

    run = jax.jit(lambda uniform: compiled_sampler(voice)(voice, weights, state, uniform)[0].samples)
    uniform = functools.cache(lambda length: np.asarray(uniforms(keys, 0, length)))

    samplers: dict[str, Callable[[int], Any]] = {
        "compiled": lambda length: jax.block_until_ready(run(uniform(length))),
        "native": lambda length: sample_native(packed, state, uniform(length)),
    }
    quantized = pack_voice(voice, weights, "int8")
    samplers["int8"] = lambda length: sample_native(quantized, state, uniform(length))
    float32, _ = sample_native(packed, state, uniform(2000))
    int8, _ = sample_native(quantized, state, uniform(2000), np.asarray(float32.samples))
    lost = float(np.mean(np.asarray(float32.log_prob) - np.asarray(int8.log_prob)) / np.log(2))
    return samplers, packed, params, lost


def bench(kind: Kind, dim: int, streams: int, against: str) -> dict[str, Any]:
    """Measures the rates of one size: medians over turns of about a second.

    Args:
      kind: of voice.
      dim: units of each layer, or channels.
      streams: to be generated together.
      against: "torch" to time PyTorch, too.
    """
    samplers, packed, params, lost = build_samplers(kind, dim, streams)
    if against == "torch":
        samplers["torch"] = theirs(packed.voice, params, streams)
    lengths = {}
    for name, sampler in samplers.items():
        sampler(64)
        start = time.perf_counter()
        sampler(320)
        rate = 320 / (time.perf_counter() - start)
        lengths[name] = max(320, round(rate / 16) * 16)
        if name != "torch":
            sampler(lengths[name])  # compiles, where a length is new
    rates: dict[str, list[float]] = {name: [] for name in samplers}
    for _ in range(ROUNDS):
        for name, sampler in samplers.items():
            start = time.perf_counter()
            sampler(lengths[name])
            rates[name].append(streams * lengths[name] / (time.perf_counter() - start))
    median = {name: float(np.median(values)) for name, values in rates.items()}
    best = max(
        ("native", "int8") if "int8" in samplers and lost < MOST_LOST else ("native",), key=median.__getitem__
    )
    size = {"native": 4, "int8": 1}[best] * packed.macs  # bytes per sample of one stream
    if streams == 1:
        limit = read_rate(packed.products.megabytes * (0.25 if best == "int8" else 1)) / size
    else:
        limit = (
            matrix_peak() / (2 * packed.macs) * (4 if best == "int8" else 1)
        )  # four int8 products in the place of one of float32
    rates_and_limit: dict[str, Any] = {
        "voice": kind,
        "dim": dim,
        "streams": streams,
        "threads": min(streams, thread_count()),
        "samplers": median,
        "sampler": best,
        "ours": median[best],
        "real_time_factor": median[best] / streams / RATE,
        "int8_loses_bits": lost,
        "limit": limit,
        "peak_share": median[best] / limit,
    }
    if "torch" in rates:
        rates_and_limit["torch"] = median["torch"]
        rates_and_limit["ratio"] = float(np.median(np.array(rates[best]) / np.array(rates["torch"])))
    return rates_and_limit


def main() -> None:
    """Runs the benchmark with the options of the command line."""
    options = tyro.cli(BenchSpeak)
    rows = []
    for dim in options.dim:
        for streams in options.streams:
            row = bench(options.voice, dim, streams, options.against)
            rows.append(row)
            if not options.json:
                each = ", ".join(f"{name} {rate:,.0f}" for name, rate in row["samplers"].items())
                beside = f"; {row['sampler']} is {row['ratio']:.1f} times torch" if "ratio" in row else ""
                print(
                    f"{options.voice}, dim {dim}, {streams} streams, samples/s: {each}{beside}; a stream "
                    f"{row['real_time_factor']:.1f} times real time; {row['peak_share']:.0%} of the limit; int8 loses "
                    f"{row['int8_loses_bits']:.4f} bits"
                )
    give_rows(rows, options.json, options.out)


if __name__ == "__main__":
    main()
