"""Segments a recording into runs of a symbol by dynamic programming, compiled, block by block of a long recording.

Axes: F frames, N frames of a block, K symbols.
"""

from collections.abc import Callable

import numba
import numpy as np

_compile = numba.njit(nogil=True, cache=True)


def segment_dp(cost: np.ndarray, change: float) -> np.ndarray:
    """Finds the sequence of symbols with the least sum of costs and of penalties for changes (Viterbi).

    Kamper & van Niekerk 2020, arXiv:2012.07551, section 3, with a constant penalty for each new segment.

    Args:
      cost: [F, K] of each symbol in each frame.
      change: penalty for each change of symbol.

    Returns:
      [F] int64 in [0, K).
    """
    frames, count = cost.shape
    symbols = segment_by_blocks(lambda first, stop: cost[first:stop], frames, count, change, max(1, frames))
    return symbols.astype(np.int64)


def segment_by_blocks(
    cost: Callable[[int, int], np.ndarray], frames: int, count: int, change: float, block: int
) -> np.ndarray:
    """Finds the sequence of `segment_dp` with the costs of one block of frames in memory at a time.

    Costs of all blocks but the last are computed twice: once forward, and once on the way back along the best path.

    Args:
      cost: gives the costs of frames `first` to `stop` - 1, [N, K].
      frames: F.
      count: K, at most 256.
      change: penalty for each change of symbol.
      block: frames of a block.

    Returns:
      [F] uint8 in [0, K).
    """
    starts = range(0, frames, block)
    totals = [np.zeros(count)]  # before each block

    def go_forward(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        first = starts[number]
        costs = np.ascontiguousarray(cost(first, min(first + block, frames)))
        return _forward(costs, change, totals[number], first == 0)

    stays, best = np.zeros((0, count), np.bool_), np.zeros(0, np.int64)
    for number in range(len(starts)):
        total, stays, best = go_forward(number)
        totals.append(total)
    symbols = np.zeros(frames, np.uint8)
    symbol = int(np.argmin(totals[-1]))
    for number in reversed(range(len(starts))):
        if number < len(starts) - 1:
            _, stays, best = go_forward(number)
        symbol = _backtrace(stays, best, symbol, symbols[starts[number] : starts[number] + len(best)])
    return symbols


@_compile
def _forward(
    cost: np.ndarray, change: float, total: np.ndarray, begins: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Goes forward through a block of frames.

    Args:
      cost: [N, K].
      change: penalty for each change of symbol.
      total: [K] least sums before the block; not read where the recording begins with it.
      begins: whether the recording begins with the block.

    Returns:
      (total, stays, best): [K] least sums behind the block; [N, K] whether the symbol was the same in the frame
      before; [N] the symbol from which a change comes.
    """
    frames, count = cost.shape
    total = total.copy()
    stays, best = np.zeros((frames, count), np.bool_), np.zeros(frames, np.int64)
    for f in range(frames):
        if begins and f == 0:
            for k in range(count):
                total[k] = cost[0, k]
            continue
        best[f] = np.argmin(total)
        total_after_change = total[best[f]] + change
        for k in range(count):
            stays[f, k] = total[k] <= total_after_change
            total[k] = (total[k] if stays[f, k] else total_after_change) + cost[f, k]
    return total, stays, best


@_compile
def _backtrace(stays: np.ndarray, best: np.ndarray, symbol: int, symbols: np.ndarray) -> int:
    """Follows the best sequence back through a block, and returns the symbol of the frame before it.

    Args:
      stays: [N, K] whether the symbol was the same in the frame before.
      best: [N] the symbol from which a change comes.
      symbol: the symbol of the block's last frame.
      symbols: [N] uint8, receives the symbols.
    """
    for f in range(len(best) - 1, -1, -1):
        symbols[f] = symbol
        symbol = symbol if stays[f, symbol] else best[f]
    return symbol
