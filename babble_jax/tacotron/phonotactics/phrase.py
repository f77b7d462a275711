"""Phrases of words of syllables of phones, and the set of phones they are made of."""

import dataclasses
from collections.abc import Iterable
from typing import Any

from babble_jax.errors import BabbleError


def check_phones(phones: Iterable[str], names: Iterable[str]) -> None:
    """Raises `BabbleError` where a phone is none of a language; lists those that it has.

    Args:
      phones: names, as a user gave them.
      names: of the phones of the language.
    """
    names = sorted({*names})
    if unknown := sorted({*phones} - {*names}):
        raise BabbleError(
            f"There is no phone {', '.join(map(repr, unknown[:5]))}; the {len(names)} phones are {' '.join(names)}."
        )


@dataclasses.dataclass(frozen=True)
class PhoneSet:
    """Phones of a language, by what they can be in a syllable.

    Attributes:
      consonants: phones that stand in onsets and codas.
      vowels: phones that are nuclei, stressed or not.
      stressed: those vowels that are stressed.
      silence: label of a pause, which is in no word.
    """

    consonants: tuple[str, ...]
    vowels: tuple[str, ...]
    stressed: tuple[str, ...]
    silence: str = "pau"

    def __post_init__(self):
        phones = (*self.consonants, *self.vowels, self.silence)
        if len({*phones}) != len(phones):
            raise ValueError("a phone is a consonant, a vowel or silence, and one of them only")
        if not self.consonants or not self.stressed or not {*self.stressed} < {*self.vowels}:
            raise ValueError("phones are consonants, vowels without stress and vowels with stress")

    def is_vowel(self, phone: str) -> bool:
        """Says if a phone is a nucleus."""
        return phone in self.vowels

    def is_stressed(self, phone: str) -> bool:
        """Says if a phone is a stressed nucleus."""
        return phone in self.stressed

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values."""
        return {
            "consonants": list(self.consonants),
            "vowels": list(self.vowels),
            "stressed": list(self.stressed),
            "silence": self.silence,
        }


@dataclasses.dataclass(frozen=True)
class Syllable:
    """A vowel with the consonants before and after it.

    Attributes:
      onset: consonants before the vowel.
      nucleus: the vowel.
      coda: consonants after it.
      stressed: whether it carries the stress of its word.
    """

    onset: tuple[str, ...]
    nucleus: str
    coda: tuple[str, ...]
    stressed: bool

    @property
    def phones(self) -> tuple[str, ...]:
        """All phones, in order."""
        return (*self.onset, self.nucleus, *self.coda)


@dataclasses.dataclass(frozen=True)
class Word:
    """A prosodic word: syllables with one stress among them."""

    syllables: tuple[Syllable, ...]

    @property
    def phones(self) -> tuple[str, ...]:
        """All phones, in order."""
        return tuple(phone for syllable in self.syllables for phone in syllable.phones)

    @property
    def stress(self) -> int:
        """Position of the stressed syllable, from 0."""
        return next(i for i, syllable in enumerate(self.syllables) if syllable.stressed)

    def __str__(self) -> str:
        """Shows phones with a space between them, syllables with a dot, and ' before the stressed one."""
        return " . ".join(("'" if one.stressed else "") + " ".join(one.phones) for one in self.syllables)


@dataclasses.dataclass(frozen=True)
class Phrase:
    """Words between two pauses.

    Attributes:
      words: in order, one at least.
      final: the utterance ends here; else it is held, and goes on after a pause.
    """

    words: tuple[Word, ...]
    final: bool

    @property
    def phones(self) -> tuple[str, ...]:
        """All phones, in order, without silence."""
        return tuple(phone for word in self.words for phone in word.phones)

    def __str__(self) -> str:
        """Shows words with a bar between them; a full stop at the end if it is final, else a comma."""
        return " | ".join(map(str, self.words)) + (" ." if self.final else " ,")
