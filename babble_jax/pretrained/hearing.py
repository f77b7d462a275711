"""Hears the phones of sound with a pretrained ear, and aligns sound with phones that are known.

Axes: T samples, N segments.
"""

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.audio.resampling import resample
from babble_jax.ear.decoding.beam import BeamConfig
from babble_jax.ear.ear import Ear
from babble_jax.ear.matching import SoundMatch, find_match
from babble_jax.ear.pieces import cut_at_quiet
from babble_jax.ear.segments import PhoneSegments, join_segments
from babble_jax.ear.spelling import read_symbols
from babble_jax.errors import BabbleError
from babble_jax.pretrained.ear import load_ear

LARGEST_BEAM = 1000
LEAST_STEPS, MOST_STEPS = 1500, 3000
"""Steps of a piece of a long recording, 30 s and 60 s as ears stand."""
_AHEAD_STEPS = 10
"""Steps after the longest piece that must be there before it is cut."""


@check_arguments
def hear(
    audio: np.ndarray,
    rate: int,
    ear: Ear | str | os.PathLike,
    beam: int | None = None,
    match_spectrum: bool = True,
) -> PhoneSegments:
    """Hears the phones of a sound, each with its times.

    An ear hears the phones of the language of its training, in other sounds those that are most like them. The sound
    is brought to the level of that training first, and to its spectrum if it lies off that, where the card of the ear
    has them. A long sound is cut at its quietest places, into pieces of a minute at most.

    Args:
      audio: [T] float amplitudes in [-1, 1].
      rate: samples per second.
      ear: name of an ear that ships, folder of one, or what `load_ear` gave.
      beam: number of strings that a search follows, in which the n-gram of the ear weighs sequences of phones; 0 takes
        the most probable symbol of each step; None searches as the ear does by itself.
      match_spectrum: whether a sound whose spectrum lies off that of the training, through another microphone for
        example, is brought to it.

    Returns:
      [N] phones and silences with their times in seconds, and how sure the ear is of each.

    Raises:
      BabbleError: there is no such ear, or the audio is no array [T] of finite numbers.

    Examples:
      >>> noise = np.random.default_rng(0).normal(0, 0.05, 32_000)
      >>> phones = hear(noise, 16_000, "ear")
      >>> len(phones.symbols) == len(phones.onset) == len(phones.confidence)
      True
    """
    ear = ear if isinstance(ear, Ear) else load_ear(ear)
    samples = resample(check_samples(audio), rate, ear.config.sample_rate)
    match = find_match([samples], ear.config, ear.card, match_spectrum)
    return hear_blocks([samples], ear, beam, match=match)


def hear_blocks(
    blocks: Iterable[np.ndarray],
    ear: Ear,
    beam: int | None = None,
    advance: Callable[[int], None] = lambda samples: None,
    match: SoundMatch = SoundMatch(),
) -> PhoneSegments:
    """Hears the phones of a sound that comes in blocks, with about a minute of it in memory.

    Args:
      blocks: [T] float32 each, at the rate of the ear.
      ear: the ear.
      beam: see `hear`.
      advance: called with the number of samples after each piece.
      match: what brings the sound to that of the ear's training, as `ear.matching.find_match` finds it.

    Returns:
      [N] phones and silences; a silence goes on from one piece to the next.
    """
    config = _choose_beam(ear, beam)
    rate, pieces = ear.config.sample_rate, []
    for start, piece in cut_pieces(blocks, round(ear.config.seconds_per_step * rate)):
        piece_segments = ear.hear(np.float32(match.gain) * piece, rate, config, match.curve)
        pieces.append(piece_segments.shift(start / rate))
        advance(len(piece))
    return _join_silences(join_segments(pieces), ear.config.silence)


def check_beam(beam: int | None) -> None:
    """Raises `BabbleError` where a number of strings to follow is negative or too large."""
    if beam is not None and not 0 <= beam <= LARGEST_BEAM:
        raise BabbleError(f"beam is {beam}; follow 0 to {LARGEST_BEAM} strings.")


def _choose_beam(ear: Ear, beam: int | None) -> BeamConfig | None:
    """Returns the settings of the search, those of the ear but for the number of strings; None for no search."""
    check_beam(beam)
    if beam == 0:
        return None
    return ear.beam if beam is None else dataclasses.replace(ear.beam, beam_size=beam)


def cut_pieces(
    blocks: Iterable[np.ndarray], samples: int, least: int = LEAST_STEPS, most: int = MOST_STEPS
) -> Iterator[tuple[int, np.ndarray]]:
    """Cuts a sound that comes in blocks at its quietest places.

    Args:
      blocks: [T] float each.
      samples: of a step.
      least: steps of a piece, but the last.
      most: steps of a piece.

    Yields:
      (start, piece): the sample at which a piece begins, and its amplitudes [T], T > 0.
    """
    start, rest = 0, np.zeros(0, np.float32)
    for block in blocks:
        rest = np.concatenate([rest, block])
        while len(rest) > (most + _AHEAD_STEPS) * samples:
            cut = samples * cut_at_quiet(rest[: (most + _AHEAD_STEPS) * samples], samples, least, most)[1]
            yield start, rest[:cut]
            start, rest = start + cut, rest[cut:]
    if len(rest):
        yield start, rest


def _join_silences(segments: PhoneSegments, silence: str) -> PhoneSegments:
    """Joins silences that follow each other, as they do where the sound was cut."""
    silent = np.array([symbol == silence for symbol in segments.symbols], bool)
    rows = np.flatnonzero(~(silent[1:] & silent[:-1])) + 1  # where one does not go on
    groups = np.split(np.arange(len(segments)), rows)
    if len(groups) == len(segments) or not len(segments):
        return segments
    first, last = (np.array([group[i] for group in groups]) for i in (0, -1))
    return PhoneSegments(
        tuple(segments.symbols[i] for i in first),
        segments.onset[first],
        segments.end[last],
        np.array([np.average(segments.confidence[g], weights=1e-9 + segments.duration[g]) for g in groups]),
    )


@check_arguments
def align(
    audio: np.ndarray,
    rate: int,
    symbols: str | Sequence[str],
    ear: Ear | str | os.PathLike,
    match_spectrum: bool = True,
) -> PhoneSegments:
    """Finds when each of the phones that are said in a sound begins and ends.

    Args:
      audio: [T] float amplitudes in [-1, 1].
      rate: samples per second.
      symbols: the phones in order: a list, or a string with blanks between them. A silence among them says where a
        pause may stand; one may always stand before the first and after the last.
      ear: as `hear` takes it.
      match_spectrum: as `hear` takes it.

    Returns:
      [N] the phones, and the pauses that there are, with their times in seconds.

    Raises:
      BabbleError: there is no such ear, it does not have one of the phones, or the audio is too short for them.

    Examples:
      >>> noise = np.random.default_rng(0).normal(0, 0.05, 32_000)
      >>> phones = align(noise, 16_000, "a b a", "ear")
      >>> [symbol for symbol in phones.symbols if symbol != "pau"]
      ['a', 'b', 'a']
    """
    ear = ear if isinstance(ear, Ear) else load_ear(ear)
    samples = resample(check_samples(audio), rate, ear.config.sample_rate)
    string = read_symbols(symbols, ear.config)
    return align_matched(samples, string, ear, find_match([samples], ear.config, ear.card, match_spectrum))


def align_matched(samples: np.ndarray, symbols: Sequence[str], ear: Ear, match: SoundMatch) -> PhoneSegments:
    """Finds when each of the phones begins and ends in a sound of which it is known how it is matched.

    Args:
      samples: [T] float32 at the rate of the ear.
      symbols: the phones in order, all of which the ear has.
      ear: the ear.
      match: what brings the sound to that of the ear's training, as `ear.matching.find_match` finds it.

    Returns:
      As of `align`.

    Raises:
      BabbleError: the audio is too short for the phones, or too long.
    """
    return ear.align(np.float32(match.gain) * samples, ear.config.sample_rate, symbols, match.curve)


def check_samples(audio: np.ndarray) -> np.ndarray:
    """Converts audio to [T] float32, or raises `BabbleError`."""
    try:
        samples = np.asarray(audio, np.float32)
    except (TypeError, ValueError):
        samples = np.zeros(0, np.float32)
    if samples.ndim != 1 or not len(samples) or not np.isfinite(samples).all():
        raise BabbleError(
            "Sound to hear is an array [T] of finite numbers, a sample at least; give one channel."
        )
    return samples
