"""Passes over pieces of different lengths, in batches of pieces of about the same length.

Axes: N pieces, B streams.
"""

import numpy as np

_JITTER = 0.1  # spread of the logarithm of lengths by which pieces of a pass are sorted anew


def plan_pass(rng: np.random.Generator, lengths: np.ndarray, batch_size: int) -> np.ndarray:
    """Assigns pieces to the batches of a pass, in random order; the pieces that are left over come in another pass.

    Args:
      rng: consumed.
      lengths: [N] of the pieces.
      batch_size: B.

    Returns:
      [batches, B] numbers of pieces; some stand twice in the one batch of fewer pieces than B.
    """
    count = len(lengths)
    permutation = rng.permutation(count)
    if count < batch_size:
        return np.resize(permutation, (1, batch_size))
    used = permutation[: count // batch_size * batch_size]
    jittered = np.log(lengths[used]) + rng.normal(0, _JITTER, len(used))
    groups = used[np.argsort(jittered, kind="stable")].reshape(-1, batch_size)
    return groups[rng.permutation(len(groups))]


def group_by_length(lengths: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Groups the numbers of all pieces by B, those of about the same length together; the last group may be smaller.

    Args:
      lengths: [N] of the pieces.
      batch_size: B.
    """
    order = np.argsort(lengths, kind="stable")
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]


def length_quantiles(lengths: np.ndarray, count: int) -> np.ndarray:
    """Chooses lengths to which batches may be padded: quantiles, rising, the last of which is the greatest length.

    Args:
      lengths: [N] of the pieces.
      count: how many.
    """
    at = np.linspace(0, len(lengths) - 1, count + 1).round().astype(int)[1:]
    return np.sort(lengths)[at]
