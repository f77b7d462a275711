"""Formants of sung vowels, and the cascade of resonators that has them.

Axes: T samples, B blocks of 5 ms, F formants, K frequencies.

The frequencies and bandwidths are those of The Canonical Csound Reference Manual, appendix D, "Formant Values" (GNU
Free Documentation Licence; only numbers were taken): five formants of five vowels of each type of voice. They were
compared with the manual's source, misc/formants.xml; other copies of the table exchange the bandwidths of o between
soprano and tenor. The manual does not say where they were measured. Its levels are not used: in a cascade they follow
from the frequencies (Klatt 1980, Software for a cascade/parallel formant synthesizer, JASA 67(3), 971-995, doi
10.1121/1.383940). The third to fifth formants of tenor and bass lie close together: that is the singer's formant
(Sundberg 1974, Articulatory interpretation of the "singing formant", JASA 55(4), 838-844, doi 10.1121/1.1914609).
"""

from pathlib import Path
from typing import Literal, get_args

import numpy as np

from babble_jax.compilation import compile_native

VoiceType = Literal["soprano", "alto", "tenor", "bass"]
VOICE_TYPES: tuple[VoiceType, ...] = get_args(VoiceType)
VOWELS = ("a", "e", "i", "o", "u")
BLOCK = 0.005
"""Seconds for which the resonators stay as they are."""

_HZ = {
    "soprano": (
        (800, 1150, 2900, 3900, 4950),
        (350, 2000, 2800, 3600, 4950),
        (270, 2140, 2950, 3900, 4950),
        (450, 800, 2830, 3800, 4950),
        (325, 700, 2700, 3800, 4950),
    ),
    "alto": (
        (800, 1150, 2800, 3500, 4950),
        (400, 1600, 2700, 3300, 4950),
        (350, 1700, 2700, 3700, 4950),
        (450, 800, 2830, 3500, 4950),
        (325, 700, 2530, 3500, 4950),
    ),
    "tenor": (
        (650, 1080, 2650, 2900, 3250),
        (400, 1700, 2600, 3200, 3580),
        (290, 1870, 2800, 3250, 3540),
        (400, 800, 2600, 2800, 3000),
        (350, 600, 2700, 2900, 3300),
    ),
    "bass": (
        (600, 1040, 2250, 2450, 2750),
        (400, 1620, 2400, 2800, 3100),
        (250, 1750, 2600, 3050, 3340),
        (400, 750, 2400, 2600, 2900),
        (350, 600, 2400, 2675, 2950),
    ),
}
"""Hz of the five formants of each of `VOWELS`."""
_BANDWIDTHS = {
    "soprano": (
        (80, 90, 120, 130, 140),
        (60, 100, 120, 150, 200),
        (60, 90, 100, 120, 120),
        (40, 80, 100, 120, 120),
        (50, 60, 170, 180, 200),
    ),
    "alto": (
        (80, 90, 120, 130, 140),
        (60, 80, 120, 150, 200),
        (50, 100, 120, 150, 200),
        (70, 80, 100, 130, 135),
        (50, 60, 170, 180, 200),
    ),
    "tenor": (
        (80, 90, 120, 130, 140),
        (70, 80, 100, 120, 120),
        (40, 90, 100, 120, 120),
        (70, 80, 100, 130, 135),
        (40, 60, 100, 120, 120),
    ),
    "bass": (
        (60, 70, 110, 120, 130),
        (40, 80, 100, 120, 120),
        (60, 90, 100, 120, 120),
        (40, 80, 100, 120, 120),
        (40, 80, 100, 120, 120),
    ),
}
"""Hz likewise."""
_TILT = 1000.0  # Hz
_SPACING, _HIGHEST, _HIGH_BANDWIDTH = 1000.0, 0.48, 0.08
"""Of the formants above the table's: Hz between two, as in a tube of 17 cm; the highest, as a share of the rate;
and the bandwidth, as a share of the frequency."""


def vowel_formants(voice_type: VoiceType) -> np.ndarray:
    """Returns the formants of the vowels of a type of voice: [5, 5, 2] float64, frequency and bandwidth in Hz.

    The axes are vowels, formants, and the two values.
    """
    return np.stack([np.array(_HZ[voice_type], float), np.array(_BANDWIDTHS[voice_type], float)], axis=-1)


def tune_first(formants: np.ndarray, f0: np.ndarray) -> np.ndarray:
    """Raises the first formant to the fundamental where that is higher, as singers open their mouths.

    Source: Sundberg 1975, Formant technique in a professional female singer, Acustica 32, 89-96 (volume and pages from
    memory). Joliveau, Smith & Wolfe 2004, JASA 116(4), 2434-2439, doi 10.1121/1.1791717, measured that sopranos do so,
    and that the second formant rises, too.

    Args:
      formants: [B, F, 2] frequency and bandwidth, Hz.
      f0: [B] Hz.

    Returns:
      [B, F, 2].
    """
    tuned = formants.copy()
    tuned[:, 0, 0] = np.maximum(tuned[:, 0, 0], f0)
    tuned[:, 1, 0] = np.maximum(tuned[:, 1, 0], 1.2 * tuned[:, 0, 0])
    return tuned


def add_high_formants(formants: np.ndarray, voice_type: VoiceType, rate: int) -> np.ndarray:
    """Adds formants above those of the table, up to half the rate, the same for all vowels of a type of voice.

    Args:
      formants: [B, F, 2] frequency and bandwidth, Hz.
      voice_type: whose highest formant of all vowels they lie above.
      rate: Hz.

    Returns:
      [B, F', 2].
    """
    hz = np.arange(np.max(_HZ[voice_type]) + _SPACING, _HIGHEST * rate, _SPACING)
    high = np.stack([hz, _HIGH_BANDWIDTH * hz], axis=-1)
    return np.concatenate([formants, np.broadcast_to(high, (len(formants), *high.shape))], axis=1)


def vocal_cascade(formants: np.ndarray, voice_type: VoiceType, rate: int) -> np.ndarray:
    """Computes the filter of a singer: the formants, those above them, and the tilt of a glottis that closes softly.

    The tilt is a first-order low-pass filter at 1 kHz, as the return phase of a flow makes it (Fant, Liljencrants & Lin
    1985, A four-parameter model of glottal flow, STL-QPSR 26(4), 1-13). With it the singer's formant of tenor and bass
    has about the level of the table, 11 to 18 dB below the first formant in a, e and i.

    Args:
      formants: [B, F, 2] frequency and bandwidth, Hz.
      voice_type: of the singer.
      rate: Hz.

    Returns:
      [B, F', 3] of `resonators`; the first is the tilt.
    """
    tilt = np.exp(-2 * np.pi * _TILT / rate)
    first = np.broadcast_to([1 - tilt, tilt, 0.0], (len(formants), 1, 3))
    return np.concatenate([first, resonators(add_high_formants(formants, voice_type, rate), rate)], axis=1)


def resonators(formants: np.ndarray, rate: int) -> np.ndarray:
    """Computes a resonator for each formant, with a gain of 1 at 0 Hz (Klatt 1980, eq. 1 and 2).

    Args:
      formants: [B, F, 2] frequency and bandwidth, Hz.
      rate: Hz.

    Returns:
      [B, F, 3] float64, of which y[t] = a x[t] + b y[t-1] + c y[t-2].
    """
    hz, bandwidth = np.moveaxis(formants, -1, 0)
    radius = np.exp(-np.pi * bandwidth / rate)
    b, c = 2 * radius * np.cos(2 * np.pi * hz / rate), -(radius**2)
    return np.stack([1 - b - c, b, c], axis=-1)


def power_response(cascade: np.ndarray, hz: np.ndarray, rate: int) -> np.ndarray:
    """Computes the power gain of a cascade.

    Args:
      cascade: [B, F, 3] of `resonators`.
      hz: [B, K] frequencies.
      rate: Hz.

    Returns:
      [B, K] float64.
    """
    delay = np.exp(-2j * np.pi * hz / rate)
    square = delay**2
    gain = np.ones(hz.shape)
    for a, b, c in np.moveaxis(cascade[:, :, :, None], (1, 2), (0, 1)):
        poles = 1 - b * delay - c * square
        gain *= a**2 / (poles.real**2 + poles.imag**2)
    return gain


def resonate(audio: np.ndarray, cascade: np.ndarray, rate: int) -> np.ndarray:
    """Filters sound by a cascade that changes without a break from the middle of a block to that of the next.

    Args:
      audio: [T] float.
      cascade: [B, F, 3] of blocks of `BLOCK` seconds; the first and the last one hold on.
      rate: Hz.

    Returns:
      [T] float64.
    """
    line = np.array(audio, np.float64)
    blocks = np.concatenate([cascade, cascade[-1:]])  # so that there are two at least
    _resonate_in_place(line, blocks, BLOCK * rate)
    return line


@compile_native(Path(__file__))
def _resonate_in_place(line: np.ndarray, cascade: np.ndarray, block: float) -> None:
    """Runs the resonators on what they gave before, so that a change of them makes no click.

    A resonator between two stable ones, each of whose coefficients lies between theirs, is stable, too.

    Args:
      line: [T] float64, replaced by the filtered samples.
      cascade: [B, F, 3] float64.
      block: samples of a block.
    """
    last, before = np.zeros(cascade.shape[1]), np.zeros(cascade.shape[1])
    for t in range(len(line)):
        place = min(max((t + 0.5) / block - 0.5, 0.0), len(cascade) - 1.0)
        at = min(int(place), len(cascade) - 2)
        way = place - at
        x = line[t]
        for f in range(cascade.shape[1]):
            b = cascade[at, f, 1] + way * (cascade[at + 1, f, 1] - cascade[at, f, 1])
            c = cascade[at, f, 2] + way * (cascade[at + 1, f, 2] - cascade[at, f, 2])
            x = (1 - b - c) * x + b * last[f] + c * before[f]
            before[f] = last[f]
            last[f] = x
        line[t] = x
