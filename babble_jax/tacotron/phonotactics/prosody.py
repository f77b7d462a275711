"""The prosody model: how long the phones of a phrase last, at what pitch and at what level.

Each of the three is a mean of the phone plus a sum over what `prosody_features` says of it. Durations are log-normal:
their logarithm has that sum as its mean and one standard deviation for vowels and one for consonants. A phrase as a
whole is slower or faster, higher or lower, and louder or softer, by a normal deviate.

Axes: N phones, K features.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from babble_jax.tacotron.config import F0, LEVEL, LOG_DURATION
from babble_jax.tacotron.phonotactics.phrase import PhoneSet, Phrase, check_phones
from babble_jax.tacotron.phonotactics.prosody_features import FEATURES, features

TARGETS = (LOG_DURATION, F0, LEVEL)
"""As the channels of prosody of a voice: the natural logarithm of seconds, octaves from the median of the speaker,
and dB from the level of the utterance divided by 10."""
SHORTEST, LONGEST = 0.02, 0.6
"""Seconds: bounds of drawn durations."""


@dataclasses.dataclass(frozen=True)
class AdditiveTarget:
    """Means of one target.

    Attributes:
      phone_means: by phone.
      weights: [K] of the features.
      vowel_sd: standard deviation around the sum, of vowels.
      consonant_sd: of consonants.
      phrase_sd: standard deviation of what all phones of a phrase share.
    """

    phone_means: Mapping[str, float]
    weights: np.ndarray
    vowel_sd: float
    consonant_sd: float
    phrase_sd: float

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; weights by the names of the features."""
        weights = dict(zip(FEATURES, self.weights.tolist(), strict=True))
        return {**dataclasses.asdict(self), "phone_means": dict(self.phone_means), "weights": weights}


@dataclasses.dataclass(frozen=True)
class PhraseProsody:
    """Prosody of the phones of a phrase, or of several with silence between them.

    Attributes:
      phones: N names.
      seconds: [N] durations.
      f0: [N] octaves from the median of the speaker, NaN where a phone has no voice.
      level: [N] dB from the level of the utterance.
      pause: seconds of silence after the phrase.
    """

    phones: tuple[str, ...]
    seconds: np.ndarray
    f0: np.ndarray
    level: np.ndarray
    pause: float

    def channels(self) -> dict[str, np.ndarray]:
        """Returns [N] float32 arrays as a voice with prosody takes them: `TARGETS`, 0 where there is no pitch."""
        values = (np.log(self.seconds), np.nan_to_num(self.f0), self.level / 10)
        return {name: np.asarray(one, np.float32) for name, one in zip(TARGETS, values, strict=True)}

    def contour(self, hop: float = 0.010) -> np.ndarray:
        """Draws the contour of pitch through the middles of voiced phones, [F] octaves, a value every `hop` seconds.

        It is NaN within phones that have no voice, and beyond the middles of the first and the last it stays level.
        """
        ends = np.cumsum(self.seconds)
        times = (np.arange(max(1, round(ends[-1] / hop))) + 0.5) * hop
        voiced = np.isfinite(self.f0)
        if not voiced.any():
            return np.full(len(times), np.nan)
        contour = np.interp(times, (ends - self.seconds / 2)[voiced], self.f0[voiced])
        phone = np.minimum(np.searchsorted(ends, times, side="right"), len(ends) - 1)
        return np.where(voiced[phone], contour, np.nan)


@dataclasses.dataclass(frozen=True)
class ProsodyModel:
    """Distribution over the prosody of phrases.

    Attributes:
      phones: of the language.
      duration: of the natural logarithm of seconds.
      f0: octaves from the median of the speaker.
      level: dB from the level of the utterance, which is the mean over its phones.
      voiced: phones of which most frames are voiced.
      silence_level: dB from the level of the utterance, of pauses.
      pauses: mean and standard deviation of the logarithm of the seconds of a pause, after phrases that are held and
        after phrases that are final.
      median_f0: Hz, of the speaker.
    """

    phones: PhoneSet
    duration: AdditiveTarget
    f0: AdditiveTarget
    level: AdditiveTarget
    voiced: frozenset[str]
    silence_level: float
    pauses: Mapping[bool, tuple[float, float]]
    median_f0: float

    def predict(self, phrase: Phrase, rng: np.random.Generator | None = None) -> PhraseProsody:
        """Returns the median prosody of a phrase, or draws one.

        Args:
          phrase: of words; whether it is final decides on its last syllables and its pitch.
          rng: draws what is random; nothing is if None.

        Raises:
          BabbleError: the phrase has phones that the model does not have.
        """
        names = phrase.phones
        check_phones(names, self.duration.phone_means)
        table = features(phrase, self.phones)
        vowels = np.array([self.phones.is_vowel(phone) for phone in names])
        values = []
        for target in (self.duration, self.f0, self.level):
            value = np.array([target.phone_means[phone] for phone in names]) + table @ target.weights
            if rng is not None:
                spread = np.where(vowels, target.vowel_sd, target.consonant_sd)
                value = value + target.phrase_sd * rng.normal() + spread * rng.normal(size=len(names))
            values.append(value)
        mean, sd = self.pauses[phrase.final]
        pause = float(np.exp(mean + (0 if rng is None else sd * rng.normal())))
        voiced = np.array([phone in self.voiced for phone in names])
        seconds = np.clip(np.exp(values[0]), SHORTEST, LONGEST)
        return PhraseProsody(names, seconds, np.where(voiced, values[1], np.nan), values[2], pause)

    def join(self, spoken: Sequence[PhraseProsody], lead: float = 0.1) -> PhraseProsody:
        """Joins phrases to an utterance with silence before, between and after them.

        Args:
          spoken: what `predict` returned of each phrase, one at least.
          lead: seconds of silence before the first phrase and after the last.

        Returns:
          All phones, silence among them; no pause follows.
        """
        names, parts = (
            [self.phones.silence],
            [(np.array([lead]), np.array([np.nan]), np.array([self.silence_level]))],
        )
        for i, one in enumerate(spoken):
            pause = one.pause if i < len(spoken) - 1 else lead
            names += [*one.phones, self.phones.silence]
            parts.append(
                (
                    np.append(one.seconds, pause),
                    np.append(one.f0, np.nan),
                    np.append(one.level, self.silence_level),
                )
            )
        seconds, f0, level = (np.concatenate(some) for some in zip(*parts, strict=True))
        return PhraseProsody(tuple(names), seconds, f0, level, 0.0)

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; exact."""
        return {
            "phones": self.phones.to_json(),
            "duration": self.duration.to_json(),
            "f0": self.f0.to_json(),
            "level": self.level.to_json(),
            "voiced": sorted(self.voiced),
            "silence_level": self.silence_level,
            "pauses": {"held": list(self.pauses[False]), "final": list(self.pauses[True])},
            "median_f0": self.median_f0,
        }
