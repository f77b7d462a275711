"""Signals whose measures follow from a formula.

Axes: T samples.
"""

import numpy as np

RATE = 16_000


def tone(seconds: float, hertz: float = 1000.0, amplitude: float = 0.5) -> np.ndarray:
    """Makes a sine, [T] float32."""
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(
        np.float32
    )


def noise(seconds: float, amplitude: float = 0.1) -> np.ndarray:
    """Makes white noise, [T] float32, the same at every call."""
    return np.random.default_rng(0).normal(0, amplitude, round(seconds * RATE)).astype(np.float32)
