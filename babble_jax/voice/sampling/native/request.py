"""What is asked of a native sampler, and how its streams are shared out among threads.

Axes: B streams, T samples, N rows of features, C features.
"""

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np


class SampleRequest(NamedTuple):
    """Attributes:
    uniform: [B, T] float32, of which samples are drawn.
    forced: [B, T] int32, what the streams say whatever is drawn; or [B, 0].
    least: how many levels may be drawn; Q for all.
    temperature: of the draw; 0 for the most likely.
    speaker: [B] int64; 0 for a voice without.
    local: [B, N, C] float32.
    drawn: [B, T] int32, written.
    log_prob: [B, T] float32, written: of what the streams say, at temperature 1.
    """

    uniform: np.ndarray
    forced: np.ndarray
    least: int
    temperature: float
    speaker: np.ndarray
    local: np.ndarray
    drawn: np.ndarray
    log_prob: np.ndarray


def threads() -> int:
    """As many as there are cores for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share_out(streams: int, part: Callable[[slice], None]) -> None:
    """Calls `part` on slices of the streams, each in a thread of its own."""
    shares = np.linspace(0, streams, min(streams, threads()) + 1).astype(int)
    parts = [slice(a, b) for a, b in itertools.pairwise(shares)]
    if len(parts) == 1:
        part(parts[0])
        return
    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(part, parts))
