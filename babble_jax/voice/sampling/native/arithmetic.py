"""Elementary functions in float32, written so that a loop over an array compiles into vector instructions."""

import math

import numba
import numpy as np

from babble_jax.voice.sampling.native.kernels import power_of_two

_LOG2E = np.float32(1 / math.log(2))
_LN2 = np.float32(math.log(2))
_C2, _C3, _C4, _C5, _C6 = (np.float32(1 / math.factorial(n)) for n in range(2, 7))
_ONE, _TWO, _HALF = np.float32(1), np.float32(2), np.float32(0.5)
_TINY = np.float32(1e-20)
_LEAST, _MOST = np.float32(-87), np.float32(87)

inline = numba.njit(inline="always", fastmath=True, error_model="numpy")


# Not inline: under flags of their own the maximum is taken in vectors.
_not_inlined = numba.njit(fastmath=True, error_model="numpy")


@_not_inlined
def max_first(x, count):
    """Returns the largest of the first `count` numbers of x."""
    largest = x[0]
    for i in range(count):
        if x[i] > largest:
            largest = x[i]
    return largest


@_not_inlined
def absmax(x, count):
    """Returns the largest magnitude among the first `count` numbers of x, at least 1e-20."""
    largest = _TINY
    for i in range(count):
        largest = max(largest, abs(x[i]))
    return largest


@inline
def exp(x):
    """Computes e^x in float32, to a relative 2e-7, for x clipped to [-87, 87]."""
    t = min(max(x, _LEAST), _MOST) * _LOG2E
    exponent = np.floor(t + _HALF)
    f = (t - exponent) * _LN2
    p = _ONE + f * (_ONE + f * (_C2 + f * (_C3 + f * (_C4 + f * (_C5 + f * _C6)))))
    return p * power_of_two(np.int32(exponent))  # pyright: ignore[reportCallIssue]


@inline
def sigmoid(x):
    """Computes 1 / (1 + e^-x)."""
    return _ONE / (_ONE + exp(-x))


@inline
def tanh(x):
    """Computes the hyperbolic tangent, within 3e-7."""
    return _ONE - _TWO / (_ONE + exp(_TWO * x))
