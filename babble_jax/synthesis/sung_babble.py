"""Babble of sung vowels: opera with the phrasing of speech.

Each acoustic unit of a speaker has a vowel, drawn once from a seed. A voiced run of less than 120 ms takes in the
voiced run behind it; the last one of a voiced stretch has none, and may stay shorter. Voiced notes are held until a
phrase lasts `HOLD` times as long as in speech; what is not voiced keeps its length.
"""

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.errors import BabbleError
from babble_jax.synthesis import notes, singing
from babble_jax.synthesis.formants import VOICE_TYPES, VOWELS, VoiceType
from babble_jax.voice.conditioning.unit_lm import UnitLM

HOLD = 2.5
"""Factor by which phrases are longer than a speaker's: syllables become as long as they are sung."""
_SHORTEST = 12  # frames of a note before it is held: a syllable
_LOWEST_RATE = 11_025  # Hz, above twice the highest formant of the table
_VIBRATO_RATE, _VIBRATO_EXTENT, _VIBRATO_DELAY = (5.0, 7.0), (50.0, 100.0), (0.1, 0.3)
REGISTERS: dict[VoiceType, notes.Melody] = {
    "soprano": notes.Melody(261.6, 880.0, widening=1.5, scale="major"),
    "alto": notes.Melody(174.6, 587.4, widening=1.5, scale="major"),
    "tenor": notes.Melody(130.8, 370.0, widening=1.5, scale="major"),
    "bass": notes.Melody(82.4, 329.7, widening=1.5, scale="major"),
}
"""Ranges of opera singers; the tenor's ends at F#4, within what the project's estimator of pitch hears with vibrato
(60 to 400 Hz). It does not hear the upper notes of soprano and alto."""


def draw_singer(voice_type: VoiceType, units: int, draws: np.random.Generator) -> singing.Singer:
    """Draws a singer: a vowel for each of so many units, and the vibrato.

    Args:
      voice_type: of the singer.
      units: number of acoustic units.
      draws: consumed.
    """
    vowels = tuple(draws.integers(len(VOWELS), size=units).tolist())
    vibrato = (float(draws.uniform(*span)) for span in (_VIBRATO_RATE, _VIBRATO_EXTENT, _VIBRATO_DELAY))
    return singing.Singer(voice_type, vowels, *vibrato)


@check_arguments
def babble(
    voice_type: VoiceType,
    unit_lm: UnitLM,
    units: int,
    seconds: float,
    rate: int,
    seed: int | tuple[int, ...],
    voice_seed: int = 0,
    melody: notes.Melody | None = None,
    hold: float = HOLD,
) -> tuple[np.ndarray, list[tuple[float, str]]]:
    """Makes babble of sung vowels with the phrasing, melody and level of a speaker.

    Args:
      voice_type: of the singer.
      unit_lm: unit language model of the speaker.
      units: number of its units.
      seconds: of all, from 0.01 to 600.
      rate: Hz, from 11,025 to 192,000.
      seed: of what is sung.
      voice_seed: of the singer.
      melody: the pitches that the speaker's are mapped onto; None for those of `REGISTERS`.
      hold: factor by which phrases are longer than the speaker's, from 1 to 100.

    Returns:
      (audio, labels): [T] float32; the end of each label, in seconds, and its name: a vowel, "h" for breath, or "pau",
      one after another from 0 on.

    Raises:
      BabbleError: there is no such voice type, the model has more units, or a value is out of its range.
    """
    if voice_type not in VOICE_TYPES:
        raise BabbleError(f"{voice_type}: there is no such voice type; choose from {', '.join(VOICE_TYPES)}.")
    notes.check_babble(unit_lm, units, seconds, rate, (seed, voice_seed), hold, _LOWEST_RATE)
    draws = np.random.default_rng(seed)
    singer = draw_singer(voice_type, units, np.random.default_rng(voice_seed))
    phrases = notes.draw_phrases(unit_lm, draws, seconds, hold, _SHORTEST)
    score = singing.write_score(
        phrases, singer, melody or REGISTERS[voice_type], notes.loud_level(unit_lm), seconds
    )
    audio = singing.render_score(score, seconds, rate, draws)
    return audio, notes.label(phrases, lambda note: _name(note, singer), seconds)


def _name(note: notes.Note, singer: singing.Singer) -> str:
    """Names the vowel of a note."""
    if note.voiced:
        return VOWELS[singer.vowels[note.unit]]
    return notes.PAUSE if note.rest else "h"
