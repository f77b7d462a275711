"""Inverse-cdf sampling of a quantization level from logits, and the log-probability of a level.

Axes: Q levels.
"""

import math

import numpy as np

from babble_jax.voice.sampling.native.arithmetic import exp, inline, max_first

_ONE = np.float32(1)
_BLOCK = 16  # levels whose probabilities are summed at once


@inline
def _first(logits, levels, largest):
    """Returns the first level whose logit is the largest one, `largest`."""
    q = 0
    while q < levels - 1 and logits[q] != largest:
        q += 1
    return q


@inline
def draw(logits, prob, levels, top_k, temperature, uniform):
    """Draws a level by the inverse cdf, as `ancestral.draw` does.

    Args:
      logits: [Q] float32.
      prob: [Q] float32, overwritten with e^((logit - max) / temperature), 0 for levels outside of the top k.
      levels: Q.
      top_k: number of levels that may be drawn; Q for all.
      temperature: divides the logits; 0 takes the most likely level.
      uniform: float32 in [0, 1).

    Returns:
      The level, in [0, Q).
    """
    largest = max_first(logits, levels)
    if temperature == 0:
        return _first(logits, levels, largest)
    inverse_temperature = _ONE / np.float32(temperature)
    for q in range(levels):
        prob[q] = exp((logits[q] - largest) * inverse_temperature)
    if top_k < levels:
        edge = np.sort(logits[:levels])[levels - top_k]
        for q in range(levels):
            if logits[q] < edge:
                prob[q] = np.float32(0)
    total = np.float32(0)
    for q in range(levels):
        total += prob[q]
    target, cumulative, q = uniform * total, np.float32(0), 0
    while q + _BLOCK <= levels:  # skips blocks that end before the target
        part = np.float32(0)
        for j in range(_BLOCK):
            part += prob[q + j]
        if cumulative + part > target:
            break
        cumulative += part
        q += _BLOCK
    while q < levels and cumulative <= target:
        cumulative += prob[q]
        q += 1
    # For a uniform near 1 the running sum may end below the target: it is rounded otherwise than the total.
    return q - 1 if cumulative > target else _first(logits, levels, largest)


@inline
def log_prob(logits, levels, sample):
    """Computes the log-probability (nats) of a level at temperature 1.

    Args:
      logits: [Q] float32.
      levels: Q.
      sample: the level.
    """
    largest = max_first(logits, levels)
    total = np.float32(0)
    for q in range(levels):
        total += exp(logits[q] - largest)
    return logits[sample] - largest - np.float32(math.log(total))
