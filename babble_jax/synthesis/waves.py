"""Periodic waves of chip music, without audible aliasing: pulse, triangle of 4-bit steps, noise of a shift register.

Axes: T samples.

Each sample is the mean of the ideal wave over its own length, not its value at one time: the integral of the wave is
known exactly, and the mean is a difference of two of its values. It is the first order of differentiated polynomial
waveforms (Välimäki 2005, IEEE Signal Processing Letters 12(3), 214-217, doi 10.1109/LSP.2004.842271), for any wave of
steps. That weakens what aliases; the rest is left out by computing at `OVERSAMPLING` times the rate, where the sound is
resampled from.

The shapes are those of the sound unit of the NES, after the NESdev wiki (nesdev.org, pages APU Pulse, APU Triangle and
APU Noise, which were compared): the shares of a pulse, whose 75 % is 25 % negated there, the 32 steps of the triangle,
and the taps and lengths of the shift register. They are facts of the console; no text or code was taken.
"""

import functools
from collections.abc import Callable

import numpy as np

from babble_jax.audio import resampling
from babble_jax.errors import BabbleError

OVERSAMPLING = 8
"""At 16 kHz, pulses of 60 Hz to 2.5 kHz then have at least 54 dB less energy between their harmonics than in them."""
RATES = (8_000, 192_000)
"""Hz, lowest and highest."""
DUTIES = (0.125, 0.25, 0.5, 0.75)
"""Shares of the period in which a pulse is high, on the NES."""
_STEPS = 32  # of a triangle: 15 down to 0, and up again
_LONG_TAP, _SHORT_TAP = 1, 6  # bits of the shift register that are compared with bit 0
_BITS = 15
_SHORT_START = 0x5A3C  # of which each third bit differs, so that the short sequence has no gaps


def check_rate(rate: int, lowest: int = RATES[0]) -> None:
    """Checks a rate.

    Args:
      rate: Hz.
      lowest: Hz.

    Raises:
      BabbleError: it is too low or too high.
    """
    if not lowest <= rate <= RATES[1]:
        raise BabbleError(f"rate is {rate} Hz; choose from {lowest} to {RATES[1]} Hz.")


def edge_phases(frequency: np.ndarray, rate: float, first: float = 0.0) -> np.ndarray:
    """Integrates a frequency.

    Args:
      frequency: [T] Hz, in each sample.
      rate: Hz.
      first: phase at the beginning, in periods.

    Returns:
      [T + 1] float64 periods, at the edges of the samples.
    """
    return first + np.concatenate([[0.0], np.cumsum(np.asarray(frequency, np.float64) / rate)])


def sample_means(integral: Callable[[np.ndarray], np.ndarray], phases: np.ndarray) -> np.ndarray:
    """Computes the mean of a wave over each sample.

    Args:
      integral: of the wave over its phase, from [T + 1] periods to [T + 1].
      phases: [T + 1] periods, rising, at the edges of the samples.

    Returns:
      [T] float64.
    """
    return np.diff(integral(phases)) / np.diff(phases)


def pulse(phases: np.ndarray, duty: float | np.ndarray) -> np.ndarray:
    """Makes a pulse wave: high for a share of each period, else low, 1 apart, and 0 in the mean.

    Harmonic k has the amplitude 2 |sin(pi k duty)| / (pi k).

    Args:
      phases: [T + 1] periods, rising, at the edges of the samples.
      duty: share of the period in which it is high, in (0, 1); or [T], of each sample.

    Returns:
      [T] float64 between -duty and 1 - duty.
    """

    def integral(edges: np.ndarray) -> np.ndarray:
        share = edges - np.floor(edges)
        return np.minimum((1 - duty) * share, duty * (1 - share))

    return (integral(phases[1:]) - integral(phases[:-1])) / np.diff(phases)


def triangle(phases: np.ndarray) -> np.ndarray:
    """Makes a triangle wave of 32 steps of 4 bits a period: 15 down to 0, and up again, scaled to [-0.5, 0.5].

    Args:
      phases: [T + 1] periods, rising, at the edges of the samples.

    Returns:
      [T] float64.
    """
    down = np.arange(_STEPS // 2)[::-1]
    return _stepped(np.concatenate([down, down[::-1]]) / 15, phases * _STEPS)


def noise(phases: np.ndarray, short: bool = False) -> np.ndarray:
    """Makes the noise of a shift register of 15 bits, 0 in the mean: its lowest bit, one after another.

    Args:
      phases: [T + 1] steps of the register, rising, at the edges of the samples; the place in its sequence.
      short: whether the sequence repeats after 93 steps, which sounds like metal; else after 32,767.

    Returns:
      [T] float64 between -0.51 and 0.51.
    """
    return _stepped(register_bits(short), phases)


@functools.cache
def register_bits(short: bool) -> np.ndarray:
    """Runs the shift register until its sequence repeats: [N] float64, 0 or 1.

    Args:
      short: whether bit 6 is compared with bit 0, in place of bit 1. The sequence then depends on the value that it
        begins with; as on the console, that is one of the long sequence.
    """
    start = value = _SHORT_START if short else 1
    bits: list[int] = []
    while not bits or value != start:
        bits.append(value & 1)
        feedback = (value ^ (value >> (_SHORT_TAP if short else _LONG_TAP))) & 1
        value = value >> 1 | feedback << (_BITS - 1)
    return np.array(bits, np.float64)


def _stepped(values: np.ndarray, phases: np.ndarray) -> np.ndarray:
    """Makes a wave of steps of equal length, 0 in the mean.

    Args:
      values: [N] of the steps of a period.
      phases: [T + 1] steps, rising, at the edges of the samples.

    Returns:
      [T] float64.
    """
    values = values - values.mean()
    sums = np.concatenate([[0.0], np.cumsum(values)])

    def integral(edges: np.ndarray) -> np.ndarray:
        within = np.mod(edges, len(values))
        step = np.minimum(within.astype(np.int64), len(values) - 1)
        return sums[step] + values[step] * (within - step)

    return sample_means(integral, phases)


def downsample(wave: np.ndarray, rate: int) -> np.ndarray:
    """Resamples a sound from `OVERSAMPLING` times the rate.

    Args:
      wave: [T x `OVERSAMPLING`].
      rate: Hz, after it.

    Returns:
      [T] float32.
    """
    stream = resampling.StreamResampler(rate * OVERSAMPLING, rate, 1)  # librosa would be loaded else
    blocks = [stream.push(np.asarray(wave, np.float32)[:, None]), stream.finish()]
    return np.concatenate(blocks)[:, 0]
