"""Babble of an instrument of sound files: its notes, with the timing of speech.

Each acoustic unit of a speaker has a number, drawn once from a seed, which decides among the notes that are near to a
pitch: so that what recurs in speech recurs here. A voiced run of less than 80 ms takes in the voiced run behind it.
"""

import dataclasses

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.audio.units import HOP
from babble_jax.synthesis import chip_babble, notes
from babble_jax.synthesis.sampled import Instrument, SampledNote, play_note
from babble_jax.voice.conditioning.unit_lm import UnitLM

_SHORTEST = 8  # frames of a note
_NEAR = 3.0  # semitones by which a note is played higher or lower, where there is one
_OCTAVE = 12.0  # semitones
_CHOICES = 1000  # numbers that a unit may have


def range_of(instrument: Instrument) -> notes.Melody:
    """Chooses the pitches of an instrument: what it has of those of 8-bit sounds, or else an octave or more of its own.

    Args:
      instrument: the instrument; one without a pitched note has those of 8-bit sounds.
    """
    numbers = [note.number for note in instrument.pitched]
    if not numbers:
        return chip_babble.REGISTER
    low, high = numbers[0] - _NEAR, numbers[-1] + _NEAR
    register = [notes.note_number(hz) for hz in (chip_babble.REGISTER.lowest, chip_babble.REGISTER.highest)]
    shared = max(low, register[0]), min(high, register[1])
    if shared[1] - shared[0] < _OCTAVE:
        middle, reach = (low + high) / 2, max(_OCTAVE, high - low) / 2
        shared = middle - reach, middle + reach
    return dataclasses.replace(
        chip_babble.REGISTER,
        lowest=notes.note_frequency(shared[0] - 1e-6),
        highest=notes.note_frequency(shared[1] + 1e-6),
    )


@check_arguments
def babble(
    instrument: Instrument,
    unit_lm: UnitLM,
    units: int,
    seconds: float,
    rate: int,
    seed: int | tuple[int, ...],
    voice_seed: int = 0,
    melody: notes.Melody | None = None,
) -> tuple[np.ndarray, list[tuple[float, str]]]:
    """Makes babble of the notes of an instrument with the timing, melody and level of a speaker.

    What is not voiced is one of the notes without pitch, or silence where the instrument has none. An instrument
    without pitched notes plays the others at speeds that follow the melody.

    Args:
      instrument: the notes, at the same rate.
      unit_lm: unit language model of the speaker.
      units: number of its units.
      seconds: of all, from 0.01 to 600.
      rate: Hz, one of `waves.RATES`.
      seed: of what is played.
      voice_seed: of which note each unit has.
      melody: the pitches that the speaker's are mapped onto; None for `range_of`.

    Returns:
      (audio, labels): [T] float32 within (-1, 1); the end of each label, in seconds, and its name: of a note, "noise"
      or "pau", one after another from 0 on.

    Raises:
      BabbleError: the model has more units, or a value is out of its range.
    """
    notes.check_babble(unit_lm, units, seconds, rate, (seed, voice_seed))
    draws = np.random.default_rng(seed)
    choices = np.random.default_rng(voice_seed).integers(_CHOICES, size=units).tolist()
    melody = melody or range_of(instrument)
    phrases = notes.draw_phrases(unit_lm, draws, seconds, shortest=_SHORTEST)
    loud_db, samples = notes.loud_level(unit_lm), round(seconds * rate)
    audio = np.zeros(samples, np.float32)
    for note in (note for phrase in phrases for note in phrase):
        first, stop = (min(round(at * HOP * rate), samples) for at in (note.onset, note.end))
        sound = choose_note(instrument, note, choices[note.unit], melody)
        if sound is not None and stop > first:
            gain = 10 ** (min(0.0, note.rms_db - loud_db) / 20)
            audio[first:stop] = gain * play_note(*sound, stop - first, rate)
    return audio, notes.label(phrases, lambda note: _name(instrument, note, melody), seconds)


def choose_note(
    instrument: Instrument, note: notes.Note, choice: int, melody: notes.Melody
) -> tuple[SampledNote, float] | None:
    """Chooses what is played for a note of a phrase.

    Args:
      instrument: the instrument.
      note: of the phrase.
      choice: number of its unit, which decides where several are possible.
      melody: the pitches.

    Returns:
      The instrument's note, and the semitones by which it is played higher; None for silence.
    """
    if not note.voiced:
        noisy = instrument.noisy
        return None if note.rest or not noisy else (noisy[choice % len(noisy)], 0.0)
    target = notes.note_number(melody.frequency(note.pitch))
    if not instrument.pitched:
        middle = (notes.note_number(melody.lowest) + notes.note_number(melody.highest)) / 2
        return instrument.noisy[choice % len(instrument.noisy)], target - middle
    distances = [abs(one.number - target) for one in instrument.pitched]
    reach = max(_NEAR, min(distances))
    near = [
        one for one, distance in zip(instrument.pitched, distances, strict=True) if distance <= reach + 1e-6
    ]
    own = near[choice % len(near)]
    return own, target - own.number


def _name(instrument: Instrument, note: notes.Note, melody: notes.Melody) -> str:
    """Names what is played for a note."""
    if note.voiced:
        return notes.note_name(melody.frequency(note.pitch))
    return notes.PAUSE if note.rest or not instrument.noisy else "noise"
