"""How fast a voice speaks: samples per second of each sampler, beside PyTorch and beside what the machine allows.

    python -m experiments.bench_speak --dim 256 1024 --streams 1 16 --against torch
    python -m experiments.bench_speak --voice wavenet --dim 64 --streams 1 16 --against torch

SampleRNN has three tiers in the ports' shape (frames of 16 and 4 samples, one GRU layer each), WaveNet four stacks of
ten layers; parameters as drawn, 256 levels. The samplers: compiled by XLA (all cores), native with float32 weights,
native with int8 weights (one stream on one core, several streams on all). With `--against torch`
(`pip install '.[bench]'`) the generation loop of `torch_samplernn`, weight norm folded, or the queues of
`torch_wavenet`, checked against ours, run in turn with them on copied parameters. `ours` is the faster native sampler;
int8 counts where it loses less than 0.01 bits per sample, measured as the mean difference of log-probabilities of
samples that float32 draws. The limit is, for one stream, reading the weights at the rate at which a dot product reads
as many bytes; for several, the machine's float32 matrix peak, four times that for int8. Expected on two cores: one
stream of SampleRNN 60 times PyTorch's rate at dim 256 and 35 times at dim 1024.
"""

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import jax
import numpy as np
import tyro

from babble_jax import files
from babble_jax.voice.models.samplernn import SampleRNN, SampleRNNConfig
from babble_jax.voice.models.wavenet import WaveNet, WaveNetConfig
from babble_jax.voice.sampling.ancestral import uniforms
from babble_jax.voice.sampling.native import samplernn, wavenet
from babble_jax.voice.sampling.native.kernels import INT8
from babble_jax.voice.sampling.native.sampler import Packed, pack, sample
from babble_jax.voice.sampling.native.streams import threads
from babble_jax.voice.speak import compiled
from experiments.bench.machine import matrix_peak, read_rate

LEVELS, RATE = 256, 16_000
ROUNDS = 5
MOST_LOST = 0.01  # bits per sample

Kind = Literal["samplernn", "wavenet"]


@dataclasses.dataclass(frozen=True)
class BenchSpeak:
    """Times generation.

    Attributes:
      voice: which.
      dim: units of each layer, or channels; several are timed one after the other.
      streams: made together.
      against: what to run in turn with ours.
      json: print one JSON object, and nothing else.
      out: where to write it, too.
    """

    voice: Kind = "samplernn"
    dim: tuple[int, ...] = (256,)
    streams: tuple[int, ...] = (1,)
    against: Literal["nothing", "torch"] = "nothing"
    json: bool = False
    out: Path | None = None


def voice_of(kind: Kind, dim: int) -> SampleRNN | WaveNet:
    """The voice that is timed."""
    if kind == "wavenet":
        return WaveNet(WaveNetConfig(channels=dim), LEVELS)
    shape = SampleRNNConfig(
        frame_sizes=(16, 4), dim=dim, expand_top=True, hidden=1, reset="after", weight_norm=False
    )
    return SampleRNN(shape, LEVELS)


def macs(packed: Packed) -> float:
    """Multiplications per sample after folding."""
    if isinstance(packed, wavenet.Packed):
        c = packed.voice.config
        layer = (2 * c.taps + 1) * c.channels**2 + c.skip * c.channels
        return len(c.dilations) * layer - c.channels**2 + c.skip**2 + c.skip * LEVELS
    assert isinstance(packed, samplernn.Packed)
    dim, sizes = packed.dim, [*packed.sizes.tolist(), 1]
    total = float(dim * LEVELS)
    for k, size in enumerate(packed.sizes.tolist()):
        says = size // sizes[k + 1] * (dim if sizes[k + 1] == 1 else 3 * dim)
        total += dim * (3 * dim + says) / size + 3 * dim
    return total


def theirs(voice: SampleRNN | WaveNet, params: Any, streams: int) -> Callable[[int], Any]:
    """Draws so many samples of each stream by PyTorch; a WaveNet's steps were found to be ours."""
    if isinstance(voice, SampleRNN):
        from experiments.bench import torch_samplernn

        model = torch_samplernn.copied(params, voice.config.dim)
        return lambda length: model.generate(streams, length)
    import torch  # pyright: ignore[reportMissingImports]

    from experiments.bench import torch_wavenet

    c, weights = voice.config, voice.weights(params)
    queues = torch_wavenet.copied(weights, c.dilations, c.channels, c.skip)
    codes = np.random.default_rng(0).integers(0, LEVELS, (2, 50))
    expected, _ = voice.apply(weights, voice.initial_state(weights, 2), jax.numpy.asarray(codes))
    line = torch.from_numpy(np.concatenate([np.full((2, 1), LEVELS // 2), codes[:, :-1]], axis=1))
    past = queues.queues(2)
    with torch.no_grad():
        steps = torch.stack([queues.step(past, last) for last in line.T], dim=1)
        for found in (steps, queues(line)):
            np.testing.assert_allclose(found.numpy(), expected, atol=1e-4)
    return lambda length: queues.generate(streams, length)


def samplers(
    kind: Kind, dim: int, streams: int
) -> tuple[dict[str, Callable[[int], Any]], Packed, Any, float]:
    """Functions that draw so many samples of each stream; the packed voice, its parameters, what int8 loses in bits."""
    voice = voice_of(kind, dim)
    params = jax.jit(voice.init)(jax.random.key(0))
    weights = jax.jit(voice.weights)(params)
    state = voice.initial_state(weights, streams)
    keys = jax.random.split(jax.random.key(1), streams)
    packed = pack(voice, weights)

    def uniform(length: int) -> np.ndarray:
        return np.asarray(uniforms(keys, 0, length))

    run = jax.jit(lambda uniform: compiled(voice)(voice, weights, state, uniform)[0].samples)
    given: dict[int, np.ndarray] = {}

    def known(length: int) -> np.ndarray:
        if length not in given:
            given[length] = uniform(length)
        return given[length]

    found: dict[str, Callable[[int], Any]] = {
        "compiled": lambda length: jax.block_until_ready(run(known(length))),
        "native": lambda length: sample(packed, state, known(length)),
    }
    lost = 0.0
    if INT8:
        small = pack(voice, weights, "int8")
        found["int8"] = lambda length: sample(small, state, known(length))
        drawn, _ = sample(packed, state, known(2000))
        scored, _ = sample(small, state, known(2000), np.asarray(drawn.samples))
        lost = float(np.mean(np.asarray(drawn.log_prob) - np.asarray(scored.log_prob)) / np.log(2))
    return found, packed, params, lost


def bench(kind: Kind, dim: int, streams: int, against: str) -> dict[str, Any]:
    """The figures of one size: medians over turns of about a second."""
    sides, packed, params, lost = samplers(kind, dim, streams)
    if against == "torch":
        sides["torch"] = theirs(packed.voice, params, streams)
    lengths = {}
    for name, side in sides.items():
        side(64)
        start = time.perf_counter()
        side(320)
        rate = 320 / (time.perf_counter() - start)
        lengths[name] = max(320, round(rate / 16) * 16)
        if name != "torch":
            side(lengths[name])  # compiles, where a length is new
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            start = time.perf_counter()
            side(lengths[name])
            rates[name].append(streams * lengths[name] / (time.perf_counter() - start))
    median = {name: float(np.median(values)) for name, values in rates.items()}
    best = max(
        ("native", "int8") if "int8" in sides and lost < MOST_LOST else ("native",), key=median.__getitem__
    )
    size = {"native": 4, "int8": 1}[best] * macs(packed)  # bytes per sample of one stream
    if streams == 1:
        limit = read_rate(packed.products.megabytes * (0.25 if best == "int8" else 1)) / size
    else:
        limit = matrix_peak() / (2 * macs(packed)) * (4 if best == "int8" else 1)  # four int8 products a lane
    found: dict[str, Any] = {
        "voice": kind,
        "dim": dim,
        "streams": streams,
        "threads": min(streams, threads()),
        "samplers": median,
        "sampler": best,
        "ours": median[best],
        "real_time_factor": median[best] / streams / RATE,
        "int8_loses_bits": lost,
        "limit": limit,
        "peak_share": median[best] / limit,
    }
    if "torch" in rates:
        found["torch"] = median["torch"]
        found["ratio"] = float(np.median(np.array(rates[best]) / np.array(rates["torch"])))
    return found


def main() -> None:
    """Runs what the command line asks for."""
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
    result = rows[0] if len(rows) == 1 else {"rows": rows}
    if options.json:
        print(json.dumps(result))
    if options.out is not None:
        files.write_json(options.out, result)


if __name__ == "__main__":
    main()
