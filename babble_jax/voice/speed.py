"""Measures how fast a voice speaks on this machine: samples per second, beside the limit of the machine, and blocks.

Axes: B streams, T samples, N top frames, C features.
"""

import time
from typing import Any

import jax
import numpy as np

from babble_jax.audio.quantize import Quantizer
from babble_jax.voice.block_sampler import BlockSampler, SamplerName, pack, resolve_sampler
from babble_jax.voice.config import MEL, VoiceConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from babble_jax.voice.sampling.native.limits import multiplication_rate, read_rate
from babble_jax.voice.sampling.native.threads import thread_count
from babble_jax.voice.sampling.threefry import stream_keys
from babble_jax.voice.session import ACTIVE, VoiceSession
from babble_jax.voice.voice import Voice

BLOCK_SECONDS = 0.02
_ROUNDS = 5  # the median counts
_FEWEST_BLOCKS = 50


def random_voice(dim: int) -> Voice:
    """Makes a three-tier SampleRNN of random parameters, frames of 16 and 4 samples, at 16 kHz.

    Args:
      dim: units of each layer.
    """
    model = SampleRNNConfig(frame_sizes=(16, 4), dim=dim, expand_top=True, hidden=1, reset="after")
    config = VoiceConfig(model, Quantizer(), sample_rate=16_000)
    return Voice(config, jax.jit(config.sample_model.init)(jax.random.key(0)), f"SampleRNN of dim {dim}")


def measure_speaking(
    voice: Voice, streams: int = 1, sampler: SamplerName = "auto", seconds: float = 5.0
) -> dict[str, Any]:
    """Measures how fast a voice speaks.

    The limit is what the machine allows the products of the native sampler: for few streams the rate at which a core
    reads the weights, for many that of the multiplications on all cores. The rate of reading is a measured one, which a
    sampler can exceed.

    Args:
      voice: the voice.
      streams: B, that are drawn side by side.
      sampler: see `block_sampler.resolve_sampler`.
      seconds: how long it is measured, about.

    Returns:
      By name: `samples_per_second` of all streams, `real_time_factor` of each stream, `block_milliseconds` (median,
      99th percentile and longest of a session's blocks of 20 ms); for a native sampler `limit`, in samples per second,
      `limited_by` ("memory" or "arithmetic") and `limit_share`, which are None for a compiled one.
    """
    name, config = resolve_sampler(voice, sampler), voice.config
    rate = _sampler_rate(voice, streams, name, seconds / 2)
    values: dict[str, Any] = {
        "voice": voice.name,
        "sampler": name,
        "streams": streams,
        "threads": min(streams, thread_count()) if name != "compiled" else None,
        "samples_per_second": rate,
        "real_time_factor": rate / streams / config.sample_rate,
        "limit": None,
        "limited_by": None,
        "limit_share": None,
        "block_milliseconds": _block_milliseconds(voice, streams, name, seconds / 2),
    }
    if name == "compiled":
        return values
    precision = "int8" if name == "int8" else "float32"
    packed = pack(voice, precision)
    size = 1 if precision == "int8" else 4
    cores = min(streams, thread_count())
    limits = {
        "memory": streams * read_rate(packed.products.megabytes) / (size * packed.macs),
        "arithmetic": multiplication_rate(precision, cores) / packed.macs,
    }
    binding = min(limits, key=limits.__getitem__)
    return values | {
        "limit": limits[binding],
        "limited_by": binding,
        "limit_share": rate / limits[binding],
    }


def _sampler_rate(voice: Voice, streams: int, name: SamplerName, seconds: float) -> float:
    """Measures the samples per second of all streams that the sampler alone draws, median over some rounds."""
    config, frame = voice.config, voice.config.sample_model.frame
    speaker = np.zeros(streams, np.int32) if config.speakers else None
    sampler = BlockSampler(voice, stream_keys(0, streams), voice.sampling(), speaker, name)

    def draw(length: int) -> float:
        rows = None
        if features := config.sample_model.local:
            rows = np.zeros((streams, length // frame, features), np.float32)
            rows[..., 0] = 1  # active
        state = sampler.initial_state()
        start = time.perf_counter()
        sampler.draw(state, 0, length, rows)
        return time.perf_counter() - start

    draw(4 * frame)
    shortest = 4 * frame
    length = max(1, round(seconds / _ROUNDS / draw(shortest) * shortest / frame)) * frame
    draw(length)  # compiles, where a length is new
    return streams * length / float(np.median([draw(length) for _ in range(_ROUNDS)]))


def _block_milliseconds(voice: Voice, streams: int, name: SamplerName, seconds: float) -> dict[str, float]:
    """Measures the milliseconds of each step of a session of 20 ms: median, 99th percentile and longest."""
    speaker = np.zeros(streams, np.int32) if voice.config.speakers else None
    session = VoiceSession(voice, stream_keys(0, streams), None, speaker, name)
    channels: dict[str, float] = {ACTIVE: 1} if voice.config.local else {}
    if voice.config.mel is not None:
        channels = {MEL: voice.config.mel.center}
    samples = round(BLOCK_SECONDS * voice.config.sample_rate)
    for _ in range(3):
        session.step(channels, samples)
    milliseconds: list[float] = []
    begin = time.perf_counter()
    while len(milliseconds) < _FEWEST_BLOCKS or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        session.step(channels, samples)
        milliseconds.append(1000 * (time.perf_counter() - start))
    median, p99, longest = np.percentile(milliseconds, (50, 99, 100)).tolist()
    return {"median": median, "p99": p99, "max": longest}
