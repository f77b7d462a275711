"""Shares streams among threads."""

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np


def thread_count() -> int:
    """Counts the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_in_threads(streams: int, run: Callable[[slice], None]) -> None:
    """Calls `run` on slices that together cover all streams, each slice in a thread of its own."""
    edges = np.linspace(0, streams, min(streams, thread_count()) + 1).astype(int)
    slices = [slice(a, b) for a, b in itertools.pairwise(edges)]
    if len(slices) == 1:
        run(slices[0])
        return
    with ThreadPoolExecutor(len(slices)) as pool:
        list(pool.map(run, slices))
