"""Measures how the level rises and falls, which speech does at the rate of syllables.

Axes: T samples, F frames.
"""

import numpy as np

SYLLABLE_BAND = (2.0, 8.0)  # Hz
MODULATION_BAND = (0.25, 32.0)  # Hz
_WINDOW, _HOP = 0.025, 0.010  # seconds


def modulation_share(audio: np.ndarray, rate: int) -> float:
    """Measures the share of the modulation from 2 to 8 Hz in that from 0.25 to 32 Hz; 0 for silence.

    The envelope is the RMS of 25 ms Hann windows, one every 10 ms, less its mean; its power spectrum is of the whole
    recording, under a Hann window. The modulation spectrum of speech (Houtgast & Steeneken 1985) has most of its energy
    in this band, in every language; white noise has a fifth, which follows from the width of the band.

    Args:
      audio: [T] float.
      rate: Hz.
    """
    size, hop = round(_WINDOW * rate), round(_HOP * rate)
    padded = np.pad(np.asarray(audio, np.float64), (0, max(0, size - len(audio))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    envelope = np.sqrt(np.mean(np.square(frames * np.hanning(size)), axis=1))
    power = np.square(np.abs(np.fft.rfft((envelope - envelope.mean()) * np.hanning(len(envelope)))))
    frequency = np.fft.rfftfreq(len(envelope), hop / rate)

    def band_energy(low: float, high: float) -> float:
        return float(power[(frequency >= low) & (frequency < high)].sum())

    total = band_energy(*MODULATION_BAND)
    return band_energy(*SYLLABLE_BAND) / total if total > 1e-12 * len(envelope) else 0.0
