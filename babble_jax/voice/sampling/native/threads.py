"""Shares streams among threads."""

import contextlib
import contextvars
import itertools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

_most_threads: contextvars.ContextVar[int | None] = contextvars.ContextVar("most_threads", default=None)


@contextlib.contextmanager
def limit_threads(count: int) -> Iterator[None]:
    """Lets samplers that run within this context, in this thread, use so many threads at most."""
    token = _most_threads.set(count)
    try:
        yield
    finally:
        _most_threads.reset(token)


def thread_count() -> int:
    """Counts the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_in_threads(streams: int, run: Callable[[slice], None]) -> None:
    """Calls `run` on slices that together cover all streams, each slice in a thread of its own."""
    count = min(streams, _most_threads.get() or thread_count())
    edges = np.linspace(0, streams, count + 1).astype(int)
    slices = [slice(a, b) for a, b in itertools.pairwise(edges)]
    if len(slices) == 1:
        run(slices[0])
        return
    with ThreadPoolExecutor(len(slices)) as pool:
        list(pool.map(run, slices))
