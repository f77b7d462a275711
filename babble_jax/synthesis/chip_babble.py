"""Babble of 8-bit sounds: chip music with human timing.

Axes: T samples, K phrases.

Each acoustic unit of a speaker has a sound of its own, drawn once from a seed: one of the categories of chip sounds,
pitched for its voiced runs and noisy for the others. What recurs in speech thus recurs here, and a unit language model
can be learned of it anew. The note of a run fits its sound to its length, its pitch and, in 16 steps, its level.
"""

import dataclasses

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.audio.units import HOP
from babble_jax.synthesis import chip, chip_categories, notes, waves
from babble_jax.voice.conditioning.unit_lm import UnitLM

REGISTER = notes.Melody(65.4, 392.1)
"""C2 to G4, two octaves and a half: what the project's estimator of pitch hears (60 to 400 Hz). Nine of ten voiced runs
of the speakers of babblers lie within it after the widening; the others get its lowest or highest note."""
_OTHERS: tuple[chip_categories.Category, ...] = ("pickup", "laser", "power-up", "jump")
_BLIPS = 0.5  # share of the units whose voiced runs are plain tones
_UNVOICED_GAIN_DB = 6.0  # of noise, whose volume is that of a hiss through a mouth else


@dataclasses.dataclass(frozen=True)
class ChipVoice:
    """The sounds of a chip voice.

    Attributes:
      pitched: by acoustic unit, for its voiced runs.
      noisy: by acoustic unit, for the others.
    """

    pitched: tuple[chip.ChipSound, ...]
    noisy: tuple[chip.ChipSound, ...]


def draw_voice(units: int, draws: np.random.Generator) -> ChipVoice:
    """Draws a sound of each kind for each of so many units.

    Args:
      units: number of acoustic units.
      draws: consumed.
    """
    pitched, noisy = [], []
    for _ in range(units):
        plain = draws.random() < _BLIPS
        category = "blip" if plain else _OTHERS[draws.integers(len(_OTHERS))]
        pitched.append(chip_categories.draw_sound(category, draws))
        noise = chip_categories.NOISY[draws.integers(len(chip_categories.NOISY))]
        noisy.append(chip_categories.draw_sound(noise, draws))
    return ChipVoice(tuple(pitched), tuple(noisy))


def fit_notes(
    phrase: list[notes.Note], voice: ChipVoice, melody: notes.Melody, loud_db: float
) -> list[chip.ChipSound | None]:
    """Fits a sound to each note of a phrase.

    Args:
      phrase: its notes.
      voice: the sounds of the units.
      melody: the pitches.
      loud_db: level, in dB of full scale, of the loudest volume; each step below is of the amplitude.

    Returns:
      The sounds; None for silence. A note that is voiced is never silent.
    """
    sounds: list[chip.ChipSound | None] = []
    for note in phrase:
        seconds = (note.end - note.onset) * HOP
        gain = 0.0 if note.voiced else _UNVOICED_GAIN_DB
        volume = round(chip.LOUDEST * 10 ** ((note.rms_db + gain - loud_db) / 20))
        volume = int(np.clip(volume, 1 if note.voiced else 0, chip.LOUDEST))
        if note.voiced:
            sound = voice.pitched[note.unit]
            frequency = melody.frequency(note.pitch)
            sounds.append(chip_categories.fit_sound(sound, frequency, seconds, volume))
        elif volume and not note.rest:
            sound = voice.noisy[note.unit]
            sounds.append(chip_categories.fit_sound(sound, sound.frequency, seconds, volume))
        else:
            sounds.append(None)
    return sounds


def render_phrases(
    phrases: list[list[notes.Note]],
    sounds: list[list[chip.ChipSound | None]],
    seconds: float,
    rate: int,
    draws: np.random.Generator,
) -> np.ndarray:
    """Makes the sound of phrases.

    Args:
      phrases: [K] phrases of notes.
      sounds: [K] of `fit_notes`.
      seconds: of all.
      rate: Hz.
      draws: consumed.

    Returns:
      [T] float32 within (-1, 1), T = seconds x rate, rounded; zeros outside of the phrases but for the ringing of the
      resampling.
    """
    samples = round(seconds * rate)
    frame = HOP * rate * waves.OVERSAMPLING
    wave = np.zeros(samples * waves.OVERSAMPLING, np.float32)
    for phrase, fitted in zip(phrases, sounds, strict=True):
        for note, sound in zip(phrase, fitted, strict=True):
            first, stop = (min(round(at * frame), len(wave)) for at in (note.onset, note.end))
            if sound is not None and stop > first:
                wave[first:stop] = chip.oversampled_sound(sound, stop - first, rate, draws)
    return waves.downsample(wave, rate)


@check_arguments
def babble(
    unit_lm: UnitLM,
    units: int,
    seconds: float,
    rate: int,
    seed: int | tuple[int, ...],
    voice_seed: int = 0,
    melody: notes.Melody = REGISTER,
) -> tuple[np.ndarray, list[tuple[float, str]]]:
    """Makes babble of 8-bit sounds with the timing, melody and level of a speaker.

    Args:
      unit_lm: unit language model of the speaker.
      units: number of its units.
      seconds: of all, from 0.01 to 600.
      rate: Hz, one of `waves.RATES`.
      seed: of what is said.
      voice_seed: of the sounds that say it.
      melody: the pitches that the speaker's are mapped onto.

    Returns:
      (audio, labels): [T] float32; the end of each label, in seconds, and its name: of a note, "noise" or "pau", one
      after another from 0 on.

    Raises:
      BabbleError: the model has more units, or a value is out of its range.
    """
    notes.check_babble(unit_lm, units, seconds, rate, (seed, voice_seed))
    draws = np.random.default_rng(seed)
    voice = draw_voice(units, np.random.default_rng(voice_seed))
    phrases = notes.draw_phrases(unit_lm, draws, seconds)
    loud_db = notes.loud_level(unit_lm)
    sounds = [fit_notes(phrase, voice, melody, loud_db) for phrase in phrases]
    audio = render_phrases(phrases, sounds, seconds, rate, draws)
    names = iter(
        _name(note, sound)
        for phrase, fitted in zip(phrases, sounds, strict=True)
        for note, sound in zip(phrase, fitted, strict=True)
    )
    return audio, notes.label(phrases, lambda _: next(names), seconds)


def _name(note: notes.Note, sound: chip.ChipSound | None) -> str:
    """Names the note of a sound."""
    if sound is None:
        return notes.PAUSE
    return notes.note_name(sound.frequency) if note.voiced else "noise"
