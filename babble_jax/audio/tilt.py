"""Tilts a spectrum by a constant number of dB per octave, and changes its level.

Axes: B streams, T samples, S sections.
"""

import numpy as np

from babble_jax.audio.filters import BandpassStates, run_sections

PIVOT = 1000.0
"""Hz at which the tilt changes nothing."""
_LOWEST = 60.0  # Hz, below which the tilt levels off: where voices begin
_DB_PER_OCTAVE = 20 * np.log10(2)  # of a pole or a zero alone


class Tilt:
    """Tilts streams block by block, by real poles and zeros an octave apart; the sizes of blocks change nothing.

    Poles and zeros that are spaced evenly on a logarithmic axis, zeros shifted against poles, approach a constant slope
    (Smith & Smith 2016, arXiv:1606.06154). The filter is causal and of minimum phase, so that it delays nothing that is
    heard. The slope holds from 60 Hz to near half the rate.

    Args:
      slope: dB per octave, -6 to 6; above 0 the high frequencies gain.
      rate: Hz.
      level: dB of gain at 1 kHz.
    """

    def __init__(self, slope: float, rate: int, level: float = 0.0):
        octaves = np.arange(0, np.log2(0.45 * rate / _LOWEST))
        poles = _LOWEST * 2.0 ** (octaves + 0.5)
        zeros = poles * 2.0 ** (-slope / _DB_PER_OCTAVE)
        self._sections = np.stack([_first_order(z, p, rate) for z, p in zip(zeros, poles, strict=True)])
        turn = np.exp(-2j * np.pi * min(PIVOT, rate / 4) / rate)
        response = np.prod(
            (self._sections[:, 0] + self._sections[:, 1] * turn) / (1 + self._sections[:, 4] * turn)
        )
        self._sections[0, :2] *= 10 ** (level / 20) / abs(response)

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
        lines, after = np.empty(audio.shape, np.float32), []
        for b, state in enumerate(states):
            stream, state = run_sections(self._sections, audio[b], state)
            lines[b] = np.clip(stream, -1, 1)
            after.append(state)
        return lines, tuple(after)


def _first_order(zero: float, pole: float, rate: int) -> np.ndarray:
    """Designs a section of one zero and one pole, in Hz, with gain 1 at 0 Hz, by the bilinear transform: [6]."""
    edge = rate / 2 * 0.98  # a zero beyond half the rate is none of a sampled signal
    z, p = (np.tan(np.pi * min(hz, edge) / rate) for hz in (zero, pole))
    gain = p / (1 + p) * (1 + z) / z
    return np.array([gain, gain * (z - 1) / (z + 1), 0.0, 1.0, (p - 1) / (p + 1), 0.0])
