"""Plans the next phrase of a babbler: words that mean nothing, with their prosody, as a model is told them.

A `Prosody` acts on the durations, pitch and level of the phones, before the model is told them. Its level and its
effort do not: they act on the sound.

Axes: N phones, silence at both ends among them.
"""

import dataclasses
import math
from typing import NamedTuple

import numpy as np

from babble_jax.tacotron.phonotactics.phonotactics import Phonotactics
from babble_jax.tacotron.phonotactics.phrase import Phrase
from babble_jax.tacotron.phonotactics.prosody import LONGEST, SHORTEST, PhraseProsody, ProsodyModel
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from babble_jax.voice.conditioning.prosody_response import LINEAR, ProsodyResponse

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
    phonotactics: Phonotactics,
    phrase: Phrase,
    rng: np.random.Generator,
    longest_pause: float,
    prosody: Prosody = NEUTRAL,
    start: float = 0.0,
    response: ProsodyResponse = LINEAR,
) -> PlannedPhrase:
    """Adds prosody to a phrase, and silence around it.

    Args:
      phonotactics: of the language.
      phrase: that was drawn.
      rng: draws the prosody.
      longest_pause: seconds of silence after the phrase, at most.
      prosody: how it is to be spoken; of phonotactics without prosody, it changes nothing.
      start: seconds from the start of the stream to the first phone, by which it is placed on a contour.
      response: of the speaker to what is told.
    """
    model, silence = phonotactics.prosody, phonotactics.model.phones.silence
    if model is None:
        phones = (silence, *phrase.phones, silence)
        return PlannedPhrase(phones, {}, _PHONE * len(phrase.phones) + 2 * _LEAD)
    spoken = _shape(model, model.predict(phrase, rng), phrase.final, prosody, start, response)
    return _surround(model, spoken, longest_pause)


def plan_last(
    phonotactics: Phonotactics,
    rng: np.random.Generator,
    seconds: float,
    prosody: Prosody = NEUTRAL,
    start: float = 0.0,
    response: ProsodyResponse = LINEAR,
) -> PlannedPhrase:
    """Draws the last phrase of an utterance, which is final and ends with it.

    Args:
      phonotactics: of the language.
      rng: draws all that is random.
      seconds: until the end of the utterance.
      prosody: see `plan_phrase`; entropy is of its words.
      start: see `plan_phrase`.
      response: see `plan_phrase`.
    """
    phrases = [
        phonotactics.model.draw_phrase(rng, True, temperature=prosody.entropy) for _ in range(_CANDIDATES)
    ]
    model = phonotactics.prosody
    if model is None:
        phrase = min(phrases, key=lambda one: abs(_PHONE * len(one.phones) - seconds))
        return plan_phrase(phonotactics, phrase, rng, _LEAD)
    seconds *= prosody.rate  # at which it is spoken in the seconds that are left
    spoken = [_fit(model.predict(phrase, rng), seconds) for phrase in phrases]
    nearest = min(spoken, key=lambda one: abs(float(one.seconds.sum()) - seconds))
    return _surround(model, _shape(model, nearest, True, prosody, start, response), _LEAD)


def plan_short(
    phonotactics: Phonotactics,
    rng: np.random.Generator,
    prosody: Prosody = NEUTRAL,
    start: float = 0.0,
    response: ProsodyResponse = LINEAR,
) -> PlannedPhrase:
    """Draws a backchannel: one word of one or two syllables where there is one among some, a little lower.

    Args:
      phonotactics: of the language.
      rng: draws all that is random.
      prosody: see `plan_last`.
      start: see `plan_phrase`.
      response: see `plan_phrase`.
    """
    words = []
    for _ in range(_TRIES):
        words.append(phonotactics.model.draw_word(rng, prosody.entropy))
        if len(words[-1].syllables) <= _SHORT_SYLLABLES:
            break
    phrase = Phrase((min(words, key=lambda word: len(word.syllables)),), True)
    model = phonotactics.prosody
    if model is None:
        return plan_phrase(phonotactics, phrase, rng, _LEAD)
    spoken = model.predict(phrase, rng)
    spoken = dataclasses.replace(spoken, f0=spoken.f0 + _SHORT_PITCH)
    return _surround(model, _shape(model, spoken, True, prosody, start, response), _LEAD)


def _shape(
    model: ProsodyModel,
    spoken: PhraseProsody,
    final: bool,
    prosody: Prosody,
    start: float,
    response: ProsodyResponse,
) -> PhraseProsody:
    """Changes how the phones of a phrase are spoken; its pause stays as it is.

    Args:
      model: that the phrase has its prosody of.
      spoken: the phrase.
      final: whether the utterance ends with it.
      prosody: how it is to be spoken.
      start: seconds from the start of the stream to its first phone.
      response: of the speaker to what is told.
    """
    if not prosody.conditions:
        return spoken
    seconds = spoken.seconds / prosody.rate  # as they are to be heard
    middles = start + np.cumsum(seconds) - seconds / 2
    levels = model.silence_level, math.inf
    f0, level = prosody.shape_contours(spoken.f0, spoken.level, middles, seconds, levels, response, final)
    seconds = spoken.seconds / response.conditioned_rate(prosody.rate)
    return dataclasses.replace(spoken, seconds=seconds, f0=f0, level=level)


def _surround(model: ProsodyModel, spoken: PhraseProsody, longest_pause: float) -> PlannedPhrase:
    """Adds the silence before a phrase and its pause after it."""
    joined = model.join([spoken], _LEAD)
    pause = max(SHORTEST, min(spoken.pause, longest_pause))
    joined = dataclasses.replace(joined, seconds=np.append(joined.seconds[:-1], pause))
    return PlannedPhrase(joined.phones, joined.channels(), float(joined.seconds.sum()))


def _fit(spoken: PhraseProsody, seconds: float) -> PhraseProsody:
    """Makes a phrase as long as it is to be, as far as a speaker would go."""
    factor = np.clip(seconds / spoken.seconds.sum(), _FASTEST, _SLOWEST)
    return dataclasses.replace(spoken, seconds=np.clip(factor * spoken.seconds, SHORTEST, LONGEST))
