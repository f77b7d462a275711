"""Resamples hops of sound of a constant length from one rate to another, each as soon as it is there.

Since a hop has a whole number of samples at both rates, every hop is resampled by the same matrix: a low-pass filter
over the hop and the end of the one before it.

Axes: I samples of a hop at the first rate, O at the second one, K samples before the hop.
"""

import math

import numpy as np

from babble_jax.errors import BabbleError

_CROSSINGS = 16  # zero crossings of the filter on each side; it delays by as many samples of the lower rate
_BETA = 8.0  # of the Kaiser window: 80 dB


class HopResampler:
    """Resamples hops; equal rates give the same samples, without a delay.

    Args:
      rate: Hz of the input.
      target: Hz of the output.
      seconds: of a hop; a whole number of samples at both rates.

    Attributes:
      delay: seconds by which the output is late.

    Raises:
      BabbleError: a hop is no whole number of samples.
    """

    def __init__(self, rate: int, target: int, seconds: float):
        lengths = [seconds * one for one in (rate, target)]
        if any(abs(length - round(length)) > 1e-9 or length < 1 for length in lengths):
            raise BabbleError(f"{seconds:g} s are no whole number of samples at {rate} and at {target} Hz.")
        self._matrix, self.delay, inputs = None, 0.0, round(lengths[0])
        self._before = 0
        if rate != target:
            cutoff = min(rate, target) / rate  # of half the rate
            half = math.ceil(_CROSSINGS / cutoff)
            self.delay, self._before = half / rate, 2 * half
            middle = (
                np.arange(round(lengths[1])) * (rate / target) - half
            )  # of each output, in samples of the hop
            distance = np.arange(-self._before, inputs) - middle[:, None]
            window = np.i0(_BETA * np.sqrt(np.maximum(1 - (distance / half) ** 2, 0))) / np.i0(_BETA)
            rows = np.where(np.abs(distance) <= half, cutoff * np.sinc(cutoff * distance) * window, 0)
            self._matrix = (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)

    def initial_state(self) -> np.ndarray:
        """Makes the state before the first hop, after silence: [K] float32."""
        return np.zeros(self._before, np.float32)

    def step(self, state: np.ndarray, hop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Resamples a hop.

        Args:
          state: [K] after the hop before.
          hop: [I] float32.

        Returns:
          The hop at the second rate, [O] float32, and the state after it.
        """
        if self._matrix is None:
            return hop, state
        line = np.concatenate([state, hop])
        return self._matrix @ line, line[len(line) - self._before :]
