"""Measures what this machine allows a sampler: the rate of its products alone, and the rate of reading the weights.

Axes: S streams, X rows of a product, C columns.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from babble_jax.voice.sampling.native.layout import MatrixWriter, Precision
from babble_jax.voice.sampling.native.rows import compiled, float_rows, int8_rows
from babble_jax.voice.sampling.native.threads import thread_count

_ROUNDS = 5  # the fastest counts: other work on the machine slows some of them
_ROWS, _COLUMNS, _STREAMS = 512, 256, 8  # of the product: its weights fit the cache of a core
_SECONDS = 0.05  # of a round, about


@compiled
def _multiply(int8, products, rows, columns, inputs, codes, outputs, sums, streams, times):
    """Multiplies one matrix with the vectors of some streams again and again.

    Args:
      int8: whether weights are quantized.
      products: `layout.Products`, one matrix [X, C].
      rows: X.
      columns: C.
      inputs: [S * C] float32.
      codes: [S * C] uint8.
      outputs: [S * X] float32, written.
      sums: [S * X] int32, written.
      streams: S.
      times: number of products.
    """
    for _ in range(times):
        if int8:
            int8_rows(products.bytes, 0, rows, columns, codes, columns, sums, rows, streams)
        else:
            float_rows(products.floats, 0, rows, columns, inputs, columns, outputs, rows, streams)


def _fastest(work: Callable[[int], object]) -> float:
    """Measures the seconds of one of the products that `work` does so many times; the fastest round counts."""
    work(1)
    start = time.perf_counter()
    work(10)
    times = max(1, round(10 * _SECONDS / (time.perf_counter() - start)))
    seconds = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        work(times)
        seconds.append((time.perf_counter() - start) / times)
    return min(seconds)


def multiplication_rate(precision: Precision, threads: int | None = None) -> float:
    """Measures the multiplications per second of the sampler's products alone, with several streams, on all cores.

    Args:
      precision: of the weights.
      threads: cores that multiply at once; None for all that the process may use.
    """
    threads = threads or thread_count()
    writer = MatrixWriter(precision == "int8")
    writer.add(np.random.default_rng(0).normal(size=(_COLUMNS, _ROWS)), np.zeros(_ROWS))
    products = writer.products()

    def arrays() -> tuple[np.ndarray, ...]:
        return (
            np.ones(_STREAMS * _COLUMNS, np.float32),
            np.ones(_STREAMS * _COLUMNS, np.uint8),
            np.zeros(_STREAMS * _ROWS, np.float32),
            np.zeros(_STREAMS * _ROWS, np.int32),
        )

    own = [arrays() for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:

        def work(times: int) -> None:
            def one(thread: int) -> None:
                _multiply(precision == "int8", products, _ROWS, _COLUMNS, *own[thread], _STREAMS, times)

            list(pool.map(one, range(threads)))

        return threads * _STREAMS * _ROWS * _COLUMNS / _fastest(work)


def read_rate(megabytes: float) -> float:
    """Measures the bytes per second at which one core reads so many MB again and again, from any cache they fit.

    Args:
      megabytes: 1e6 bytes each.
    """
    values = np.ones(max(1024, round(megabytes * 1e6 / 4)), np.float32)

    def work(times: int) -> None:
        for _ in range(times):
            float(values @ values)

    return values.nbytes / _fastest(work)
