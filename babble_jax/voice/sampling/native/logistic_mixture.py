"""Inverse-cdf sampling from a discretized mixture of logistics, and the log-probability of a level.

They compute what `distributions.logistic_mixture` does, from the same numbers. The flags of the functions forbid
reordered sums: an edge of a bin is a float32 exactly, and so is its small difference from a mean near to it; the sum of
a mean and 1 is not.

Axes: K components, Q levels.
"""

import math

import numba
import numpy as np

from babble_jax.voice.sampling.native.arithmetic import exp, sigmoid

_ZERO, _ONE, _HALF = np.float32(0), np.float32(1), np.float32(0.5)
_compiled = numba.njit(fastmath={"contract", "nsz"}, error_model="numpy")


@_compiled
def _read_component(outputs, k, settings):
    """Returns the mean and the log scale of a component, in half the range.

    Args:
      outputs: [3K] float32: logits, means and log scales, as a model computes them.
      k: number of the component.
      settings: `request.DrawSettings`.
    """
    components = settings.components
    mean = outputs[components + k] * np.float32(settings.mean_unit)
    log_scale = outputs[2 * components + k] + np.float32(settings.initial_log_scale)
    least, largest = np.float32(settings.least_log_scale), np.float32(settings.largest_log_scale)
    return mean, min(max(log_scale, least), largest)


@_compiled
def _find_mode(outputs, settings):
    """Returns the level of the mean of the component with the highest peak.

    Args:
      outputs: [3K] float32.
      settings: `request.DrawSettings`.
    """
    highest, mode = -np.float32(np.inf), _ZERO
    for k in range(settings.components):
        mean, log_scale = _read_component(outputs, k, settings)
        if outputs[k] - log_scale > highest:
            highest, mode = outputs[k] - log_scale, mean
    levels = settings.q_levels
    level = np.int64(np.floor((min(max(mode, -_ONE), _ONE) + _ONE) * (_HALF * np.float32(levels))))
    return min(max(level, 0), levels - 1)


@_compiled
def draw_from_mixture(outputs, parts, settings, uniform):
    """Draws a level by the inverse cdf of the mixture: the first whose cumulative probability exceeds the uniform.

    It is found by bisection, 16 rounds for 65,536 levels.

    Args:
      outputs: [3K] float32: logits, means and log scales, as a model computes them.
      parts: [4K] float32 at least, overwritten.
      settings: `request.DrawSettings`; temperature 0 takes the mode.
      uniform: float32 in [0, 1).

    Returns:
      The level, in [0, Q).
    """
    if settings.temperature == 0:
        return _find_mode(outputs, settings)
    components, width = settings.components, np.float32(2 / settings.q_levels)
    inverse_temperature = _ONE / np.float32(settings.temperature)
    weights, means = parts[:components], parts[components : 2 * components]
    inverse_scales, below = parts[2 * components : 3 * components], parts[3 * components : 4 * components]
    largest, total = outputs[0], _ZERO
    for k in range(components):
        largest = max(largest, outputs[k])
    for k in range(components):
        mean, log_scale = _read_component(outputs, k, settings)
        means[k] = mean
        inverse_scales[k] = exp(-log_scale) * inverse_temperature
        weights[k] = exp((outputs[k] - largest) * inverse_temperature)
        total += weights[k]
    target = uniform * total
    first, last = 0, settings.q_levels - 1
    while first < last:
        middle = (first + last) // 2
        edge = np.float32(middle + 1) * width - _ONE
        for k in range(components):
            below[k] = weights[k] * sigmoid((edge - means[k]) * inverse_scales[k])
        cumulative = _ZERO
        for k in range(components):
            cumulative += below[k]
        if cumulative <= target:
            first = middle + 1
        else:
            last = middle
    return first


@_compiled
def _log_sigmoid(x):
    """Computes the natural logarithm of 1 / (1 + e^-x), float64."""
    return min(x, 0.0) - math.log1p(math.exp(-abs(x)))


@_compiled
def score_mixture(outputs, settings, sample):
    """Computes the log-probability (nats) of a level at temperature 1, in float64.

    Args:
      outputs: [3K] float32: logits, means and log scales, as a model computes them.
      settings: `request.DrawSettings`.
      sample: the level.
    """
    levels, width = settings.q_levels, np.float32(2 / settings.q_levels)
    edge = np.float32(sample + 1) * width - _ONE
    highest, total, weight = -np.inf, 0.0, 0.0
    for step in range(2):  # first the largest term, then the sum relative to it
        for k in range(settings.components):
            mean, log_scale = _read_component(outputs, k, settings)
            inverse = math.exp(-log_scale)
            a, b = np.float64(edge - mean) * inverse, np.float64(edge - mean - width) * inverse
            term = np.float64(outputs[k])
            if sample < levels - 1:
                term += _log_sigmoid(a)
            if sample > 0:
                term += _log_sigmoid(-b)
            if 0 < sample < levels - 1:
                term += math.log(-math.expm1(-width * inverse))
            if step == 0:
                highest = max(highest, term)
            else:
                total += math.exp(term - highest)
                weight += math.exp(np.float64(outputs[k]) - highest)
    return np.float32(math.log(total) - math.log(weight))
