"""Draws and plans the phrases of a stream of a voice that speaks phones.

Phrase n depends on the key of the stream, on n and on the prosody alone, and each of its words on nothing else of it,
so that words may be drawn before the phrase is planned.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from babble_jax.tacotron.phonotactics.phonotactics import Phonotactics
from babble_jax.tacotron.phonotactics.phrase import Phrase, Word
from babble_jax.tacotron.planned_phrase import FITTED, PlannedPhrase, plan_last, plan_phrase, plan_short
from babble_jax.voice.conditioning.prosody import Prosody
from babble_jax.voice.conditioning.prosody_response import LINEAR, ProsodyResponse

_PURPOSE = 4  # of random numbers, apart from those of units, of features and of an agent's backchannels


class StreamFrame(NamedTuple):
    """What a stream is told in a top frame.

    Attributes:
      active: whether it speaks, 0 or 1.
      short: whether what begins is a backchannel, 0 or 1.
      until_end: seconds until it is told to stop, NaN if unknown.
      time: seconds from the start of the session.
    """

    active: float
    short: float
    until_end: float
    time: float


class StreamPhrases:
    """The phrases of a stream.

    Args:
      phonotactics: of the language.
      key: words of the stream's key.
      longest_pause: seconds of silence between two phrases of an utterance, at most.
      response: of the speaker to what is told.
    """

    def __init__(
        self,
        phonotactics: Phonotactics,
        key: Sequence[int],
        longest_pause: float,
        response: ProsodyResponse = LINEAR,
    ):
        self._phonotactics, self._key = phonotactics, tuple(key)
        self._pause, self._response = longest_pause, response

    def _draws(self, number: int, part: int) -> np.random.Generator:
        """Makes the generator of a part of phrase `number`: 0 its prosody, 1 + n its word n."""
        return np.random.default_rng([_PURPOSE, *self._key, number, part])

    def draw_length(self, number: int) -> int:
        """Draws how many words phrase `number` has."""
        return self._phonotactics.model.draw_length(self._draws(number, 0))[0]

    def draw_word(self, number: int, n: int, temperature: float) -> Word:
        """Draws word `n` of phrase `number`.

        Args:
          number: of the phrase.
          n: place of the word in it.
          temperature: see `PhonotacticModel.draw_word`.
        """
        return self._phonotactics.model.draw_word(self._draws(number, 1 + n), temperature)

    def plan(self, number: int, words: Sequence[Word], now: StreamFrame, prosody: Prosody) -> PlannedPhrase:
        """Plans phrase `number`.

        Args:
          number: of the phrase.
          words: its first ones, those that are drawn already.
          now: what the stream is told as the phrase begins.
          prosody: how it is to be spoken.
        """
        phonotactics, rng = self._phonotactics, self._draws(number, 0)
        if now.short:
            return plan_short(phonotactics, rng, prosody, now.time, self._response)
        if now.until_end * prosody.rate <= FITTED:
            return plan_last(phonotactics, rng, now.until_end, prosody, now.time, self._response)
        count, final = phonotactics.model.draw_length(rng)
        rest = (self.draw_word(number, n, prosody.entropy) for n in range(len(words), count))
        final = final and math.isnan(now.until_end)  # another phrase follows
        phrase = Phrase((*words, *rest), final)
        return plan_phrase(phonotactics, phrase, rng, self._pause, prosody, now.time, self._response)
