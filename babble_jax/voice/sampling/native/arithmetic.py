"""Functions of one number that a loop over many is compiled into vector instructions for."""

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


# Not inline: by their own flags the maximum is taken in vectors.
_alone = numba.njit(fastmath=True, error_model="numpy")


@_alone
def highest(x, count):
    """Of the first numbers of x."""
    most = x[0]
    for i in range(count):
        most = max(most, x[i])
    return most


@_alone
def largest(x, count):
    """Of the magnitudes of the first numbers of x; 1e-20 at least."""
    most = _TINY
    for i in range(count):
        most = max(most, abs(x[i]))
    return most


@inline
def exp(x):
    """e^x in float32, within 2e-7 of it; x is taken to lie from -87 to 87."""
    t = min(max(x, _LEAST), _MOST) * _LOG2E
    whole = np.floor(t + _HALF)
    f = (t - whole) * _LN2
    p = _ONE + f * (_ONE + f * (_C2 + f * (_C3 + f * (_C4 + f * (_C5 + f * _C6)))))
    return p * power_of_two(np.int32(whole))  # pyright: ignore[reportCallIssue]


@inline
def sigmoid(x):
    """1 / (1 + e^-x)."""
    return _ONE / (_ONE + exp(-x))


@inline
def tanh(x):
    """Hyperbolic tangent, within 3e-7."""
    return _ONE - _TWO / (_ONE + exp(_TWO * x))
