"""Brings amplitudes beyond full scale to it: floats in a file may lie anywhere, and lossy codecs overshoot.

Axes: any. Full scale is [-1, 1].
"""

import math
import os

import numpy as np

from babble_jax.errors import BabbleError

MOST_OVERSHOOT = 64.0
"""Largest peak (36 dB above full scale) of a recording that is too loud; beyond, the numbers are those of integers."""
_INTEGER_SCALES = {16: 2.0**15, 24: 2.0**23, 32: 2.0**31}
"""Full scale of integers, by their bits."""


def peak(audio: np.ndarray) -> float:
    """Measures the largest magnitude of amplitudes [...] float; 0 where there are none."""
    return max(float(np.max(audio, initial=0)), -float(np.min(audio, initial=0)))


def find_gain(path: str | os.PathLike, source_peak: float, output_peak: float) -> tuple[float, str]:
    """Finds the factor that brings a recording to full scale.

    Floats on the scale of integers of 16, 24 or 32 bits are divided by that scale, so that recordings of one corpus
    keep their levels. What is beyond full scale then, or by resampling, is divided by its peak.

    Args:
      path: of the file, for messages.
      source_peak: largest magnitude in the file.
      output_peak: largest magnitude of what was mixed and resampled from it.

    Returns:
      (gain, note): 1 where nothing is beyond; the note is empty then, and where resampling alone went beyond.

    Raises:
      BabbleError: the peak is larger than any such integer.
    """
    if source_peak > MOST_OVERSHOOT:
        bits = next((bits for bits, scale in _INTEGER_SCALES.items() if source_peak <= scale), None)
        if bits is None:
            raise BabbleError(
                f"{path}: its amplitudes reach {source_peak:.3g}, which is no scale of sound; export it with a full "
                "scale of 1."
            )
        scale = _INTEGER_SCALES[bits]
        note = f"its amplitudes reach {source_peak:.5g}, as integers of {bits} bits do, and are divided by {scale:.0f}"
        return 1 / max(scale, output_peak), note
    if output_peak <= 1:
        return 1.0, ""
    note = (
        f"its amplitudes reach {source_peak:.3g}, beyond full scale, and are brought to it "
        f"({-20 * math.log10(output_peak):.1f} dB)"
    )
    return 1 / output_peak, note if source_peak > 1 else ""
