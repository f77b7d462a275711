"""Tilts a spectrum by a constant number of dB per octave, and changes its level.

Axes: B streams, T samples, S sections.
"""

import numpy as np

from babble_jax.audio.filters import BandpassStates, run_sections

SPEECH_HZ = (
    63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500, 3150, 4000, 5000, 6300,
    8000, 10_000, 12_500, 16_000,
)  # fmt: skip
"""Middles of thirds of an octave."""
SPEECH_DB = (
    38.6, 43.5, 54.4, 57.7, 56.8, 60.2, 60.3, 59.0, 62.1, 62.1, 60.5, 56.8, 53.7, 53.0, 52.0, 48.7, 48.1, 46.8, 45.6,
    44.5, 44.3, 43.7, 43.4, 41.3, 40.7,
)  # fmt: skip
"""Level of speech in each: the long-term average spectrum of men and women of 12 languages (Byrne et al. 1994, An
international comparison of long-term average speech spectra, J. Acoust. Soc. Am. 96(4), 2108-2120)."""
_LOWEST = 20.0  # Hz, below which the tilt levels off: two octaves below the slope that is promised
_DB_PER_OCTAVE = 20 * np.log10(2)  # of a pole or a zero alone


class Tilt:
    """Tilts streams block by block, by real poles and zeros an octave apart; the sizes of blocks change nothing.

    Poles and zeros that are spaced evenly on a logarithmic axis, zeros shifted against poles, approach a constant slope
    (Smith & Smith 2016, arXiv:1606.06154). They go on beyond half the rate, and each section has the gain of its analog
    model at 0 Hz and at half the rate. The filter is causal and of minimum phase, so that it delays nothing that is
    heard. From 80 Hz to 0.45 of the rate the gain lies within 1.5 dB of a straight line.

    Speech of the spectrum `SPEECH_DB` keeps its level; a voice of more or less sibilants or bass does so about.

    Args:
      slope: dB per octave, -6 to 6; above 0 the high frequencies gain.
      rate: Hz.
      level: dB of gain of such speech.
    """

    def __init__(self, slope: float, rate: int, level: float = 0.0):
        poles = _LOWEST * 2.0 ** (np.arange(0, np.log2(rate / _LOWEST)) + 0.5)
        zeros = poles * 2.0 ** (-slope / _DB_PER_OCTAVE)
        self._sections = np.stack([_first_order(z, p, rate) for z, p in zip(zeros, poles, strict=True)])
        hz, power = np.array(SPEECH_HZ), 10 ** (np.array(SPEECH_DB) / 10)
        inside = hz < rate / 2
        delay = np.exp(-2j * np.pi * hz[inside] / rate)[:, None]
        response = np.prod(
            (self._sections[:, 0] + self._sections[:, 1] * delay) / (1 + self._sections[:, 4] * delay), axis=1
        )
        ratio = np.average(np.square(np.abs(response)), weights=power[inside])
        self._sections[0, :2] *= 10 ** (level / 20) / np.sqrt(ratio)

    def __call__(self, audio: np.ndarray, states: BandpassStates = ()) -> tuple[np.ndarray, BandpassStates]:
        """Filters the next block and clips it to [-1, 1].

        Args:
          audio: [B, T] float32.
          states: after the blocks before; empty before the first one, which silence precedes.

        Returns:
          The block, [B, T] float32, and the states after it.
        """
        if not states:
            states = tuple(np.zeros((len(self._sections), 2)) for _ in audio)
        tilted, after = np.empty(audio.shape, np.float32), []
        for b, state in enumerate(states):
            stream, state = run_sections(self._sections, audio[b], state)
            tilted[b] = np.clip(stream, -1, 1)
            after.append(state)
        return tilted, tuple(after)


def _first_order(zero: float, pole: float, rate: int) -> np.ndarray:
    """Designs a section [6] of a zero and a pole, in Hz: of gain 1 at 0 Hz, and of the analog gain at half the rate."""
    a = np.exp(-2 * np.pi * pole / rate)
    highest = np.hypot(1, rate / 2 / zero) / np.hypot(1, rate / 2 / pole)
    total, difference = 1 - a, highest * (1 + a)  # of the two coefficients of the zero
    return np.array([(total + difference) / 2, (total - difference) / 2, 0.0, 1.0, -a, 0.0])
