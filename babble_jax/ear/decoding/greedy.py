"""Greedy decoding of connectionist temporal classification: the best symbol of each step, repetitions merged.

Axes: S steps, P symbols, N symbols of the string.
"""

import numpy as np

BLANK = 0
"""Position of the blank, as in `optax.ctc_loss`; symbol i is at i + 1."""


def decode_greedy(ctc: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Decodes the string of the best path (Graves et al. 2006, section 3.2.1).

    Args:
      ctc: [S, P + 1] logits or log-probabilities, the blank at 0.

    Returns:
      Symbols [N] int64 in [0, P), and the step [N] int64 in which each begins.
    """
    best = ctc.argmax(1)
    begins = (best != BLANK) & (best != np.concatenate([[BLANK], best[:-1]]))
    return best[begins] - 1, np.flatnonzero(begins)
