"""Counts whose expectations are log-linear in weights: the weights that are most likely, by Newton's method.

Axes: C cells, W columns of numbers, Z columns of indicators.
"""

import numpy as np
import scipy.sparse

_ROUNDS = 8
_ENOUGH = 0.01
"""Nats of all of a corpus that a round must gain for another one to follow."""
_HIGHEST = 20.0
"""Log-expectation at which exp stops growing, so that a step too far is only refused."""


def maximum(
    dense: np.ndarray,
    sparse: scipy.sparse.csr_array,
    events: np.ndarray,
    exposed: np.ndarray,
    precision: np.ndarray,
    start: np.ndarray,
) -> np.ndarray:
    """Weights [W + Z] that maximise events log(hazard) - exposed hazard, with log(hazard) = dense w + sparse z.

    Args:
      dense: [C, W] float64.
      sparse: [C, Z] float64.
      events: [C] counts.
      exposed: [C] frames.
      precision: [W + Z] of the weights' normal prior, whose mean is 0.
      start: [W + Z] to begin from.
    """
    width = dense.shape[1]

    def log_hazard(w: np.ndarray) -> np.ndarray:
        return np.minimum(dense @ w[:width] + sparse @ w[width:], _HIGHEST)

    def nats(w: np.ndarray) -> float:
        value = log_hazard(w)
        return float(events @ value - exposed @ np.exp(value) - precision @ w**2 / 2)

    w, best = start, nats(start)
    for _ in range(_ROUNDS):
        expected = exposed * np.exp(log_hazard(w))
        rest = events - expected
        gradient = np.concatenate([dense.T @ rest, sparse.T @ rest]) - precision * w
        weighted = dense * expected[:, None]
        corner = sparse.T @ weighted
        indicators = (sparse.T @ sparse.multiply(expected[:, None]).tocsr()).toarray()
        curvature = np.block([[dense.T @ weighted, corner.T], [corner, indicators]])
        step = np.linalg.solve(curvature + np.diag(precision), gradient)
        tried = ((size, nats(w + size * step)) for size in 0.5 ** np.arange(12))
        size, reached = next((pair for pair in tried if pair[1] > best), (0.0, best))
        w, gain, best = w + size * step, reached - best, reached
        if gain < _ENOUGH:
            break
    return w
