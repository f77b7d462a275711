"""Measures of sounds for the tests of synthesis."""

import numpy as np

RATE = 16_000


def harmonic_amplitudes(audio: np.ndarray, frequency: float, count: int) -> np.ndarray:
    """Amplitudes [count] of the harmonics of a steady sound, by projection on each under a window."""
    time = np.arange(len(audio)) / RATE
    window = np.blackman(len(audio))
    phases = np.outer(np.arange(1, count + 1) * frequency, time)
    return 2 * np.abs(np.exp(-2j * np.pi * phases) @ (window * audio)) / window.sum()


def between_harmonics_db(audio: np.ndarray, frequency: float) -> float:
    """Energy further than 4 Hz from all harmonics, beside that in them, dB; of sound of a second."""
    power = np.abs(np.fft.rfft(audio * np.blackman(len(audio)))) ** 2
    hz = np.fft.rfftfreq(len(audio), 1 / RATE)
    number = np.rint(hz / frequency)
    near = (np.abs(hz - number * frequency) <= 4) & (number > 0)
    return float(10 * np.log10(power[~near].sum() / power[near].sum()))


def cents_off(audio: np.ndarray, frequency: float) -> float:
    """Cents between a frequency and the fundamental of a sound, by the phase that this one gains in half of it."""
    time = np.arange(len(audio)) / RATE
    turned = audio * np.exp(-2j * np.pi * frequency * time)
    half = len(audio) // 2
    first, second = (np.dot(np.blackman(half), part) for part in (turned[:half], turned[half : 2 * half]))
    return float(1200 * np.log2(1 + np.angle(second / first) / (2 * np.pi * half / RATE) / frequency))


def instantaneous_hz(audio: np.ndarray, lowest: float, highest: float) -> np.ndarray:
    """Frequency of the strongest partial between two, by sample, from the analytic signal of that band."""
    spectrum = np.fft.fft(audio)
    hz = np.fft.fftfreq(len(audio), 1 / RATE)
    analytic = np.fft.ifft(np.where((hz > lowest) & (hz < highest), spectrum, 0))
    return np.diff(np.unwrap(np.angle(analytic))) * RATE / (2 * np.pi)
