"""Measures the phones that an ear hears in a sound, and in real speech and noise: what they are compared with.

The ear decodes without its n-gram here, which would draw what it hears towards the language.

Axes: T samples, P pieces of 10 s.
"""

from collections.abc import Callable

import numpy as np

from babble_jax.audio.resampling import resample
from babble_jax.ear.config import EarConfig
from babble_jax.ear.ear import Ear
from babble_jax.ear.matching import SoundMatch, find_match
from babble_jax.ear.spelling import SPACE, hears_letters
from babble_jax.judge.phones import PHONE_MEASURES, PhoneMeasures, PhoneText, measure_pieces
from babble_jax.judge.reference import (
    HIGH,
    LOW,
    PhoneReference,
    Range,
    cut_pieces,
    lay_pieces,
    make_noise,
)
from babble_jax.pretrained.hearing import check_samples, hear_blocks


def silences_of(config: EarConfig) -> tuple[str, ...]:
    """Returns the symbols of an ear that are no phones: silence, and the space between words of letters."""
    return (config.silence, SPACE) if hears_letters(config) else (config.silence,)


def judge_phones(
    audio: np.ndarray, rate: int, ear: Ear, text: PhoneText | None = None, match: SoundMatch | None = None
) -> PhoneMeasures:
    """Measures the phones that an ear hears in a sound; those of a sound of more than 12 s by pieces of 10 s.

    Args:
      audio: [T] float amplitudes.
      rate: Hz.
      ear: the ear.
      text: of its training; None leaves the measures of runs out.
      match: what brings the sound to that of the ear's training (`ear.matching.find_match`); None finds it.
    """
    samples = resample(check_samples(audio), rate, ear.config.sample_rate)
    match = find_match([samples], ear.config, ear.card) if match is None else match
    segments = hear_blocks([samples], ear, 0, match=match)
    pieces = lay_pieces(len(audio) / rate)
    return measure_pieces(segments, pieces, ear.ngram, text, silences_of(ear.config))


def measure_phone_reference(
    audio: np.ndarray,
    rate: int,
    ear: Ear,
    name: str,
    text: PhoneText | None = None,
    advance: Callable[[int], None] = lambda pieces: None,
    match: bool = True,
) -> PhoneReference:
    """Measures the phones that an ear hears in real speech of one speaker, and in noise.

    Args:
      audio: [T] float amplitudes, one recording after the other.
      rate: Hz.
      ear: the ear.
      name: of the ear.
      text: of its training; None leaves the measures of runs out.
      advance: called with 1 after each of the P + min(P, 10) pieces.
      match: whether the spectrum of a piece that lies off that of the ear's training is brought to it.

    Raises:
      BabbleError: there are fewer than two pieces of 10 s.
    """
    pieces = cut_pieces(np.asarray(audio, np.float32), rate)

    def collect(pieces: np.ndarray) -> dict[str, np.ndarray]:
        rows = []
        for piece in pieces:
            samples = resample(check_samples(piece), rate, ear.config.sample_rate)
            piece_match = find_match([samples], ear.config, ear.card, match)
            rows.append(judge_phones(samples, ear.config.sample_rate, ear, text, piece_match))
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
