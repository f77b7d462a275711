"""Alignment of a string of symbols with sound: which steps belong to which symbol (Viterbi).

Axes: S steps, P symbols, N symbols of the string.
"""

from pathlib import Path

import numpy as np

from babble_jax.compilation import compile_native


def align(
    log_probs: np.ndarray, symbols: np.ndarray, silence: int | None = None, pauses: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Finds the most probable way to pass through a string, with at least one step for each symbol.

    Args:
      log_probs: [S, P] of each symbol in each step, finite or minus infinity.
      symbols: [N] int in [0, P), at least one.
      silence: symbol of the optional pauses; None for none of them.
      pauses: [N + 1] bool, where a pause may stand: before each symbol and, last, after the string; at the start and at
        the end if None.

    Returns:
      First step of each symbol [N] int64, and the step after its last [N] int64; what lies between one's end and the
      next one's start is a pause.

    Raises:
      ValueError: the string is empty or has more symbols than there are steps, or no way has a probability.
    """
    symbols = np.asarray(symbols, np.int64)
    count = len(symbols)
    if not count:
        raise ValueError("a string to be aligned has at least one symbol")
    if count > len(log_probs):
        raise ValueError(f"{count} symbols do not fit into {len(log_probs)} steps")
    if pauses is None:
        pauses = np.zeros(count + 1, bool)
        pauses[[0, -1]] = True
    allowed = np.asarray(pauses, bool) & (silence is not None)
    emissions = np.ascontiguousarray(log_probs, np.float64)
    starts, ends, score = _viterbi(emissions, symbols, -1 if silence is None else silence, allowed)
    if score == -np.inf:
        raise ValueError("no alignment of the string has a probability above 0")
    return starts, ends


@compile_native(Path(__file__), nogil=True, error_model="numpy")
def _viterbi(log_probs, symbols, silence, pauses):
    """States: 2n is the pause before symbol n, 2n + 1 is symbol n."""
    steps, count = len(log_probs), len(symbols)
    states = 2 * count + 1
    score, before = np.full(states, -np.inf), np.empty(states)
    back = np.zeros((steps, states), np.uint8)  # how many states back the best way came from
    for t in range(steps):
        before[:] = score
        # the first step may begin in the first pause or the first symbol; at most two states come in at each step
        for j in range(states):
            pause = j % 2 == 0
            if pause and not pauses[j // 2]:
                continue
            if t == 0:
                best, move = (0.0 if j <= 1 else -np.inf), 0
            else:
                best, move = before[j], 0
                if j >= 1 and before[j - 1] > best:
                    best, move = before[j - 1], 1
                if j >= 2 and not pause and before[j - 2] > best:
                    best, move = before[j - 2], 2
            score[j] = best + log_probs[t, silence if pause else symbols[j // 2]]
            back[t, j] = move
    state = states - 1 if score[states - 1] > score[states - 2] else states - 2
    total = score[state]
    starts, ends = np.zeros(count, np.int64), np.zeros(count, np.int64)
    for t in range(steps - 1, -1, -1):
        if state % 2 == 1:
            starts[state // 2] = t
            if ends[state // 2] == 0:
                ends[state // 2] = t + 1
        state -= back[t, state]
    return starts, ends, total
