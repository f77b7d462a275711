"""Measures the phones that an ear hears in a sound, and in real speech and noise: what they are compared with.

The ear decodes without its n-gram here, which would draw what it hears towards the language.

Axes: T samples, P pieces of 10 s.
"""

from collections.abc import Callable

import numpy as np

from babble_jax.ear.config import EarConfig
from babble_jax.ear.ear import Ear
from babble_jax.ear.spelling import SPACE, hears_letters
from babble_jax.judge.phones import PHONE_MEASURES, PhoneMeasures, PhoneText, measure_phones
from babble_jax.judge.reference import HIGH, LOW, PhoneReference, Range, cut_pieces, make_noise
from babble_jax.pretrained.hearing import hear


def silences_of(config: EarConfig) -> tuple[str, ...]:
    """Returns the symbols of an ear that are no phones: silence, and the space between words of letters."""
    return (config.silence, SPACE) if hears_letters(config) else (config.silence,)


def judge_phones(
    audio: np.ndarray, rate: int, ear: Ear, text: PhoneText | None = None, match_spectrum: bool = True
) -> PhoneMeasures:
    """Measures the phones that an ear hears in a sound.

    Args:
      audio: [T] float amplitudes, best of about 10 s.
      rate: Hz.
      ear: the ear.
      text: of its training; None leaves the measures of runs out.
      match_spectrum: as of `hear`.
    """
    segments = hear(audio, rate, ear, 0, match_spectrum)
    return measure_phones(segments, ear.ngram, text, silences_of(ear.config))


def measure_phone_reference(
    audio: np.ndarray,
    rate: int,
    ear: Ear,
    name: str,
    text: PhoneText | None = None,
    advance: Callable[[int], None] = lambda pieces: None,
) -> PhoneReference:
    """Measures the phones that an ear hears in real speech of one speaker, and in noise.

    Args:
      audio: [T] float amplitudes, one recording after the other.
      rate: Hz.
      ear: the ear.
      name: of the ear.
      text: of its training; None leaves the measures of runs out.
      advance: called with 1 after each of the P + min(P, 10) pieces.

    Raises:
      BabbleError: there are fewer than two pieces of 10 s.
    """
    pieces = cut_pieces(np.asarray(audio, np.float32), rate)

    def collect(pieces: np.ndarray) -> dict[str, np.ndarray]:
        rows = []
        for piece in pieces:
            rows.append(judge_phones(piece, rate, ear, text))
            advance(1)
        columns = {name: [getattr(row, name) for row in rows] for name in PHONE_MEASURES}
        return {
            name: np.array(values, float)
            for name, column in columns.items()
            if (values := [value for value in column if value is not None])
        }

    speech, noise = collect(pieces), collect(make_noise(pieces))
    return PhoneReference(
        name,
        {one: Range(*np.quantile(values, (LOW, 0.5, HIGH)).tolist()) for one, values in speech.items()},
        {one: float(np.median(values)) for one, values in noise.items()},
    )
