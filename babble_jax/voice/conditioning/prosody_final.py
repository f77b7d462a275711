"""The final contour of an utterance: how its pitch rises, falls or holds where it ends.

Axes: N sounds: frames of 10 ms, or phones.
"""

from typing import Literal

import numpy as np

from babble_jax.audio.units import HOP, UnitSequence
from babble_jax.voice.conditioning.prosody_response import LINEAR, ProsodyResponse

Final = Literal["rise", "fall", "hold"]
"""How the pitch of an utterance ends."""

FINAL_SECONDS = 0.3
"""Seconds of audible voiced frames, the last of an utterance, over which its final contour runs."""
FINAL_SEMITONES = 6.0
"""Semitones of a final rise or fall. 't Hart, Collier & Cohen (1990), A perceptual study of intonation, stylize the
movements of Dutch with about as much; straight lines in semitones are their stylization, too."""
MOVEMENTS: dict[Final, float] = {"rise": FINAL_SEMITONES, "fall": -FINAL_SEMITONES, "hold": 0.0}
"""Semitones of each."""
AUDIBLE_DB = 20.0
"""Below the loudest voiced frame of a phrase, down to which a frame is audible: phrases fade out, and a contour that
moves while they do is not heard."""
_SEMITONES = 12  # of an octave


def end_contour(
    pitch: np.ndarray,
    final: Final,
    seconds: np.ndarray,
    level: np.ndarray,
    response: ProsodyResponse = LINEAR,
) -> np.ndarray:
    """Gives an utterance its final contour: a straight line in semitones over its last audible voiced sounds, 0.3 s.

    Args:
      pitch: [N] octaves, NaN where a sound is unvoiced.
      final: rise, fall or hold, from the pitch of the first of these sounds to the end of the last; voiced sounds after
        it stay there.
      seconds: [N] durations; the sound within which the 0.3 s begin counts as a whole.
      level: [N] dB.
      response: of the speaker. A line that goes further to make up for it begins as much before that pitch as it ends
        beyond, since voices follow less the further they are from their median.

    Returns:
      [N] octaves, NaN where `pitch` is.
    """
    audible = is_audible(pitch, level)
    sounds = np.flatnonzero(audible)
    if not len(sounds):
        return pitch
    from_the_end = np.cumsum(seconds[sounds[::-1]])
    first = sounds[-1 - min(int(np.searchsorted(from_the_end, FINAL_SECONDS - 1e-9)), len(sounds) - 1)]
    semitones = MOVEMENTS[final]
    movement = response.conditioned_final(semitones)
    begin = pitch[first] - (movement - semitones) / 2 / _SEMITONES
    share = np.cumsum((seconds * audible)[first:])
    line = begin + share / share[-1] * (movement / _SEMITONES)
    return np.concatenate([pitch[:first], np.where(np.isfinite(pitch[first:]), line, np.nan)])


def is_audible(pitch: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Tells which sounds of a phrase are voiced and not `AUDIBLE_DB` softer than the loudest of them, [N] bool.

    Args:
      pitch: [N] octaves, NaN where a sound is unvoiced.
      level: [N] dB.
    """
    voiced = np.isfinite(pitch)
    return voiced & (level >= np.max(level, where=voiced, initial=-np.inf) - AUDIBLE_DB)


def voiced_end(phrase: UnitSequence) -> float:
    """Measures for how many of the last 0.3 s of a phrase, over which a final contour runs, it is voiced and audible.

    Args:
      phrase: F frames as the unit language model draws them.
    """
    audible = is_audible(phrase.pitch, phrase.rms_db)
    return HOP * float(np.count_nonzero(audible[-round(FINAL_SECONDS / HOP) :]))
