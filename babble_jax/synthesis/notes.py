"""Notes with the timing of speech: phrases of a speaker's unit language model, whose runs of a unit become notes.

Axes: F frames of 10 ms, K phrases.

When phrases begin and end, how long each sound of them lasts, how its pitch and level move, and which sound follows
which, is all drawn from the unit language model. What is added is the melody: the range of the pitch is widened, and
each note gets one pitch of a scale.
"""

import dataclasses
import itertools
from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from babble_jax.audio.units import HOP, UnitSequence
from babble_jax.errors import BabbleError
from babble_jax.synthesis import kinds, waves
from babble_jax.voice.conditioning.unit_lm import UnitLM

Scale = Literal["none", "chromatic", "major", "minor", "pentatonic"]
_STEPS: dict[str, tuple[int, ...]] = {
    "chromatic": tuple(range(12)),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "pentatonic": (0, 2, 4, 7, 9),
}
"""Semitones above the root, of each scale."""
_CONCERT_PITCH, _CONCERT_NOTE = 440.0, 69  # Hz, and number of that note
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
PAUSE = "pau"
"""Label of silence."""
SHORTEST = 3
"""Frames; a shorter run joins the note before it, where both are voiced or both are not."""
_MOST_SECONDS, _MOST_HOLD = 600.0, 100.0  # of sound that is made at once, and by which phrases are held
_ROUNDING = 1e-6  # frames and seconds, of a sum of floats


@dataclasses.dataclass(frozen=True)
class Note:
    """A sound of a phrase, or a rest in it.

    Attributes:
      onset: frame of 10 ms.
      end: frame.
      unit: acoustic unit of most of its frames.
      pitch: octaves above the speaker's median, the mean of its frames; NaN where it is not voiced.
      rms_db: dB of full scale, the mean of its frames.
      rest: whether it is silent.
    """

    onset: int
    end: int
    unit: int
    pitch: float
    rms_db: float
    rest: bool = False

    @property
    def voiced(self) -> bool:
        """Tells whether it has a pitch."""
        return bool(np.isfinite(self.pitch))


@dataclasses.dataclass(frozen=True)
class Melody:
    """The pitches that a speaker's are mapped onto.

    Attributes:
      lowest: Hz, the lowest pitch.
      highest: Hz; the middle, in semitones, is that of the speaker's median.
      widening: factor of the speaker's range of pitch, in octaves.
      scale: whose notes are taken; "none" leaves the pitch as it is.
      root: note of the scale, semitones above C.
    """

    lowest: float
    highest: float
    widening: float = 2.25
    scale: Scale = "chromatic"
    root: int = 0

    def __post_init__(self):
        """Checks the values.

        Raises:
          BabbleError: there is no such scale, or no octave between the lowest and the highest pitch.
        """
        if self.scale not in get_args(Scale):
            raise BabbleError(
                f"{self.scale}: there is no such scale; choose from {', '.join(get_args(Scale))}."
            )
        if not 0 < 2 * self.lowest <= self.highest < np.inf or not 0 <= self.widening < np.inf:
            raise BabbleError(
                f"pitches from {self.lowest} to {self.highest} Hz, widened {self.widening} times: choose an octave or "
                "more, and a factor of 0 or more."
            )

    def frequency(self, pitch: float) -> float:
        """Maps a pitch.

        Args:
          pitch: octaves above the speaker's median.

        Returns:
          Hz within the range, of a note of the scale.
        """
        low, high = (note_number(hz) for hz in (self.lowest, self.highest))
        number = np.clip((low + high) / 2 + 12 * self.widening * pitch, low, high)
        if self.scale != "none":
            steps = {(self.root + step) % 12 for step in _STEPS[self.scale]}
            inside = [n for n in range(int(np.ceil(low - 1e-6)), int(high + 1e-6) + 1) if n % 12 in steps]
            number = min(inside, key=lambda n: abs(n - number))
        return note_frequency(float(number))


def check_babble(
    unit_lm: UnitLM,
    units: int,
    seconds: float,
    rate: int,
    seeds: tuple[int | tuple[int, ...], ...],
    hold: float = 1.0,
    lowest_rate: int = waves.RATES[0],
) -> None:
    """Checks what is asked of babble.

    Args:
      unit_lm: unit language model of a speaker.
      units: number of its units.
      seconds: of all.
      rate: Hz.
      seeds: of what is said and of the voice.
      hold: see `draw_phrases`.
      lowest_rate: Hz.

    Raises:
      BabbleError: the model has more units, or a value is out of its range.
    """
    least = 1 + max(int(unit_lm.units.max()), unit_lm.silence_unit)
    if units < least:
        raise BabbleError(f"units is {units}, but the unit language model has {least}; give as many or more.")
    if not HOP <= seconds <= _MOST_SECONDS:
        raise BabbleError(f"seconds is {seconds:g} s; choose from {HOP:g} to {_MOST_SECONDS:g} s.")
    waves.check_rate(rate, lowest_rate)
    if not 1 <= hold <= _MOST_HOLD:
        raise BabbleError(
            f"hold is {hold:g}, by which phrases are longer than a speaker's; choose from 1 to {_MOST_HOLD:g}."
        )
    for seed in seeds:
        kinds.check_seeds(*(seed if isinstance(seed, tuple) else (seed,)))


def note_number(hz: float) -> float:
    """Returns the number of a note, in semitones: 69 for 440 Hz."""
    return _CONCERT_NOTE + 12 * float(np.log2(hz / _CONCERT_PITCH))


def note_frequency(number: float) -> float:
    """Returns the frequency, in Hz, of the number of a note."""
    return float(_CONCERT_PITCH * np.exp2((number - _CONCERT_NOTE) / 12))


def note_name(hz: float) -> str:
    """Names the note that is nearest to a frequency: "A4" for 440 Hz."""
    number = round(note_number(hz))
    return f"{_NAMES[number % 12]}{number // 12 - 1}"


def draw_phrases(
    unit_lm: UnitLM,
    draws: np.random.Generator,
    seconds: float,
    hold: float = 1.0,
    shortest: int = SHORTEST,
) -> list[list[Note]]:
    """Draws when to speak and to pause, and a phrase for each stretch of speech.

    Args:
      unit_lm: unit language model of a speaker.
      draws: consumed.
      seconds: of all, from the start of the first pause on; the last phrase ends there at the latest.
      hold: factor by which phrases, not pauses, are longer than the speaker's, 1 or more; their voiced notes are held
        for that.
      shortest: see `find_notes`.

    Returns:
      [K] phrases of notes that follow each other, from the phrase's onset to its end.
    """
    phrases: list[list[Note]] = []
    shift, total = 0.0, int(seconds / HOP + _ROUNDING)  # no frame ends after the sound
    for onset, end in unit_lm.draw_activity(draws, seconds):
        first, stop = round((onset + shift) / HOP), round((onset + shift + hold * (end - onset)) / HOP)
        shift += (hold - 1) * (end - onset)
        stop = min(stop, total)
        frames = max(1, round((stop - first) / hold))
        if stop - first < SHORTEST:
            break
        phrase = find_notes(unit_lm.draw_phrase(draws, frames), first, unit_lm.silence_unit, shortest)
        phrases.append(hold_notes(phrase, stop - first))
    return phrases


def hold_notes(phrase: list[Note], frames: int) -> list[Note]:
    """Lengthens the voiced notes of a phrase, all by the same factor, until it has so many frames.

    Args:
      phrase: its notes, which follow each other.
      frames: of the phrase; no fewer than it has. Where no note is voiced, all are lengthened.
    """
    lengths = np.array([note.end - note.onset for note in phrase], np.float64)
    held = np.array([note.voiced for note in phrase])
    held = held if held.any() else ~held
    lengths[held] *= 1 + (frames - lengths.sum()) / lengths[held].sum()
    edges = phrase[0].onset + np.floor(np.concatenate([[0.0], np.cumsum(lengths)]) + 0.5).astype(int)
    return [
        dataclasses.replace(note, onset=first, end=end)
        for note, (first, end) in zip(phrase, itertools.pairwise(edges.tolist()), strict=True)
    ]


def find_notes(phrase: UnitSequence, onset: int, silence_unit: int, shortest: int = SHORTEST) -> list[Note]:
    """Finds the notes of a phrase: frames of the same unit, voiced or not.

    Args:
      phrase: [F] frames.
      onset: frame at which it begins.
      silence_unit: the unit of silence, which becomes a rest.
      shortest: frames; a voiced note that has fewer takes in the voiced run behind it.

    Returns:
      Notes that follow each other, of at least 30 ms where one of their kind is before them.
    """
    voiced = np.isfinite(phrase.pitch)
    changes = np.flatnonzero((np.diff(phrase.units) != 0) | (np.diff(voiced.astype(int)) != 0)) + 1
    spans: list[tuple[int, int]] = []
    for first, stop in itertools.pairwise([0, *changes.tolist(), len(voiced)]):
        joins = bool(spans) and voiced[first] == voiced[spans[-1][0]]
        if joins:
            short = voiced[first] and spans[-1][1] - spans[-1][0] < shortest
            joins = stop - first < SHORTEST or short
        spans.append((spans.pop()[0], stop) if joins else (first, stop))
    return [
        Note(
            onset + first,
            onset + stop,
            int(np.bincount(phrase.units[first:stop]).argmax()),
            float(phrase.pitch[first:stop].mean()),
            float(phrase.rms_db[first:stop].mean()),
            bool(np.bincount(phrase.units[first:stop]).argmax() == silence_unit),
        )
        for first, stop in spans
    ]


def label(phrases: list[list[Note]], name: Callable[[Note], str], seconds: float) -> list[tuple[float, str]]:
    """Labels the notes of phrases and the pauses between them.

    Args:
      phrases: [K] phrases of notes.
      name: names each note, one after another.
      seconds: of all.

    Returns:
      The end of each label, in seconds, and its name, one after another from 0 on.
    """
    labels, now = [], 0
    for phrase in phrases:
        if phrase[0].onset > now:
            labels.append((phrase[0].onset * HOP, PAUSE))
        labels += [(note.end * HOP, name(note)) for note in phrase]
        now = phrase[-1].end
    return [*labels, (seconds, PAUSE)] if seconds - now * HOP > _ROUNDING else labels


def loud_level(unit_lm: UnitLM) -> float:
    """Returns the level, in dB of full scale, that nine of ten voiced runs of a speaker do not exceed."""
    return float(np.percentile(unit_lm.rms_db[np.isfinite(unit_lm.pitch)], 90))
