"""Plans the next phrase of a babbler: words that mean nothing, with their prosody, as a model is told them.

Axes: N phones, silence at both ends among them.
"""

import dataclasses
from typing import NamedTuple

import numpy as np

from babble_jax.tacotron.phonotactics.phonotactics import Phonotactics
from babble_jax.tacotron.phonotactics.phrase import Phrase
from babble_jax.tacotron.phonotactics.prosody import LONGEST, SHORTEST, PhraseProsody, ProsodyModel

_LEAD = 0.1  # seconds of silence before the first phone and, at the end of an utterance, after the last
_PHONE = 0.085  # seconds of a phone, of phonotactics without prosody: about 12 phones a second
FITTED = 3.0
"""Seconds until the end of an utterance from which on a phrase is to end with it."""
_CANDIDATES = 8  # phrases that are drawn, of which the one that fits best is said
_SLOWEST, _FASTEST = 1.25, 0.8  # factors on its durations
_SHORT_SYLLABLES, _TRIES = 2, 20
_SHORT_PITCH = -0.08  # octaves


class PlannedPhrase(NamedTuple):
    """A phrase that is to be spoken.

    Attributes:
      phones: N names.
      channels: [N] by the name of the channel of prosody; none without prosody.
      seconds: that it takes, with the silence around it.
    """

    phones: tuple[str, ...]
    channels: dict[str, np.ndarray]
    seconds: float


def plan_phrase(
    phonotactics: Phonotactics, phrase: Phrase, rng: np.random.Generator, longest_pause: float
) -> PlannedPhrase:
    """Adds prosody to a phrase, and silence around it.

    Args:
      phonotactics: of the language.
      phrase: that was drawn.
      rng: draws the prosody.
      longest_pause: seconds of silence after the phrase, at most.
    """
    prosody, silence = phonotactics.prosody, phonotactics.model.phones.silence
    if prosody is None:
        phones = (silence, *phrase.phones, silence)
        return PlannedPhrase(phones, {}, _PHONE * len(phrase.phones) + 2 * _LEAD)
    return _surround(prosody, prosody.predict(phrase, rng), longest_pause)


def plan_last(phonotactics: Phonotactics, rng: np.random.Generator, seconds: float) -> PlannedPhrase:
    """Draws the last phrase of an utterance, which is final and ends with it.

    Args:
      phonotactics: of the language.
      rng: draws all that is random.
      seconds: until the end of the utterance.
    """
    phrases = [phonotactics.model.draw_phrase(rng, True) for _ in range(_CANDIDATES)]
    prosody = phonotactics.prosody
    if prosody is None:
        phrase = min(phrases, key=lambda one: abs(_PHONE * len(one.phones) - seconds))
        return plan_phrase(phonotactics, phrase, rng, _LEAD)
    spoken = [_fit(prosody.predict(phrase, rng), seconds) for phrase in phrases]
    nearest = min(spoken, key=lambda one: abs(float(one.seconds.sum()) - seconds))
    return _surround(prosody, nearest, _LEAD)


def plan_short(phonotactics: Phonotactics, rng: np.random.Generator) -> PlannedPhrase:
    """Draws a backchannel: one word of one or two syllables where there is one among some, a little lower.

    Args:
      phonotactics: of the language.
      rng: draws all that is random.
    """
    words = []
    for _ in range(_TRIES):
        words.append(phonotactics.model.draw_word(rng))
        if len(words[-1].syllables) <= _SHORT_SYLLABLES:
            break
    phrase = Phrase((min(words, key=lambda word: len(word.syllables)),), True)
    prosody = phonotactics.prosody
    if prosody is None:
        return plan_phrase(phonotactics, phrase, rng, _LEAD)
    spoken = prosody.predict(phrase, rng)
    return _surround(prosody, dataclasses.replace(spoken, f0=spoken.f0 + _SHORT_PITCH), _LEAD)


def _surround(prosody: ProsodyModel, spoken: PhraseProsody, longest_pause: float) -> PlannedPhrase:
    """Adds the silence before a phrase and its pause after it."""
    joined = prosody.join([spoken], _LEAD)
    pause = max(SHORTEST, min(spoken.pause, longest_pause))
    joined = dataclasses.replace(joined, seconds=np.append(joined.seconds[:-1], pause))
    return PlannedPhrase(joined.phones, joined.channels(), float(joined.seconds.sum()))


def _fit(spoken: PhraseProsody, seconds: float) -> PhraseProsody:
    """Makes a phrase as long as it is to be, as far as a speaker would go."""
    factor = np.clip(seconds / spoken.seconds.sum(), _FASTEST, _SLOWEST)
    return dataclasses.replace(spoken, seconds=np.clip(factor * spoken.seconds, SHORTEST, LONGEST))
