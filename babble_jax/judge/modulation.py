"""How the level rises and falls: in speech, at the rate of syllables.

Axes: T samples, F frames.
"""

import numpy as np

SYLLABLES = (2.0, 8.0)  # Hz
ALL = (0.25, 32.0)  # Hz
_WINDOW, _HOP = 0.025, 0.010  # seconds


def modulation_share(audio: np.ndarray, rate: int) -> float:
    """Share of the envelope's modulation between 2 and 8 Hz, of that between 0.25 and 32 Hz; 0 for silence.

    The envelope is the RMS of 25 ms Hann windows, one every 10 ms, less its mean; its power spectrum is of the whole
    recording, under a Hann window. The modulation spectrum of speech (Houtgast & Steeneken 1985) has most of its energy
    there in every language; white noise has what the band's width gives it, a fifth.

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

    def between(low: float, high: float) -> float:
        return float(power[(frequency >= low) & (frequency < high)].sum())

    whole = between(*ALL)
    return between(*SYLLABLES) / whole if whole > 1e-12 * len(envelope) else 0.0
