"""Limits of this machine, measured beside every benchmark, which gives its rates as shares of them."""

import itertools
import time
from collections.abc import Callable

from babble_jax.voice.models.samplernn import SampleRNNConfig

_ROUNDS = 5


def fastest(work: Callable[[], object], rounds: int = _ROUNDS) -> float:
    """Measures the seconds of the fastest of some rounds, after one that warms up."""
    work()
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def macs_per_sample(config: SampleRNNConfig, levels: int) -> float:
    """Counts the multiplications of SampleRNN's products per sample, forward.

    GRU, one layer per tier; the embedding and the first layer of the sample level are look-ups and are not counted.
    """
    dim, sizes = config.dim, (*config.frame_sizes, 1)
    total = config.hidden * dim * dim + dim * levels
    for size, finer in itertools.pairwise(sizes):
        expand, cell, upsample = size * dim, 6 * dim * dim, size // finer * dim * dim
        total += (expand + cell + upsample) / size
    return total
