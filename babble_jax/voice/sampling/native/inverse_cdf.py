"""A draw from logits, and the law of what was drawn.

Axes: Q levels.
"""

import math

import numpy as np

from babble_jax.voice.sampling.native.arithmetic import exp, highest, inline

_ONE = np.float32(1)
_BLOCK = 16  # levels whose probabilities are summed at once


@inline
def _first(logits, levels, most):
    """The first level with the largest logit, `most`."""
    q = 0
    while q < levels - 1 and logits[q] != most:
        q += 1
    return q


@inline
def draw(logits, chance, levels, least, temperature, uniform):
    """Inverse-cdf draw, as `generate.draw`; leaves e^((logit - max) / temperature) in `chance`."""
    most = highest(logits, levels)
    if temperature == 0:
        return _first(logits, levels, most)
    sharper = _ONE / np.float32(temperature)
    for q in range(levels):
        chance[q] = exp((logits[q] - most) * sharper)
    if least < levels:
        edge = np.sort(logits[:levels])[levels - least]
        for q in range(levels):
            if logits[q] < edge:
                chance[q] = np.float32(0)
    total = np.float32(0)
    for q in range(levels):
        total += chance[q]
    wanted, sofar, q = uniform * total, np.float32(0), 0
    while q + _BLOCK <= levels:  # whole blocks, as long as they do not reach
        part = np.float32(0)
        for j in range(_BLOCK):
            part += chance[q + j]
        if sofar + part > wanted:
            break
        sofar += part
        q += _BLOCK
    while q < levels and sofar <= wanted:
        sofar += chance[q]
        q += 1
    # For a uniform near 1 the sum may not reach: it is rounded otherwise than the total.
    return q - 1 if sofar > wanted else _first(logits, levels, most)


@inline
def law(logits, levels, sample):
    """Log-probability of a sample at temperature 1, whatever it was drawn at."""
    most = highest(logits, levels)
    total = np.float32(0)
    for q in range(levels):
        total += exp(logits[q] - most)
    return logits[sample] - most - np.float32(math.log(total))
