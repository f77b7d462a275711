"""Texts without recordings, divided into phrases of words of syllables: their phones are those of espeak-ng.

A phrase is what stands between two marks of punctuation. Words that have no main stress there (articles, many
prepositions) are left out, as are those with several, those that are read by the rules of another language and those
with a phone that hardly any word has; the length of a phrase counts the words that are left. Languages with tones are
not covered.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence

from babble_jax.errors import BabbleError
from babble_jax.tacotron.phonotactics import espeak
from babble_jax.tacotron.phonotactics.espeak import STRESS, is_vowel
from babble_jax.tacotron.phonotactics.phrase import PhoneSet, Phrase
from babble_jax.tacotron.phonotactics.syllables import initial_clusters, syllabify

_CLAUSE = re.compile(r"(?<=[.?!…;:,])[\s\"”’)]+|\s+[-–—]+\s+")  # noqa: RUF001 (quotes and dashes)
_FINAL = re.compile(r"[.?!…]\W*$")
_TONE = re.compile(r"[\d.]")
"""What names of vowels hold in languages with tones."""
_FEWEST_WORDS = 5
"""Words with a phone from which on it is one of the language."""


@dataclasses.dataclass(frozen=True)
class TextPhrase:
    """A phrase of a text.

    Attributes:
      phrase: its words with one stress.
      utterance: number of the text.
    """

    phrase: Phrase
    utterance: int


@dataclasses.dataclass(frozen=True)
class TextPhrases:
    """All phrases of some texts.

    Attributes:
      phrases: in order, without those of which no word is left.
      phones: of the language.
      spoken: the phones of each word that was read, those that are left out among them.
    """

    phrases: tuple[TextPhrase, ...]
    phones: PhoneSet
    spoken: tuple[tuple[str, ...], ...]


def split_clauses(text: str) -> list[tuple[str, bool]]:
    """Splits a text at punctuation; beside each part stands whether it ends a sentence, as the last one does."""
    clauses = [clause for clause in _CLAUSE.split(text.strip()) if any(map(str.isalpha, clause))]
    return [
        (clause, i == len(clauses) - 1 or _FINAL.search(clause) is not None)
        for i, clause in enumerate(clauses)
    ]


def divide_texts(texts: Sequence[str], voice: str) -> TextPhrases:
    """Divides texts into phrases of words of syllables.

    Args:
      texts: with punctuation, one utterance each.
      voice: of espeak-ng that reads them.

    Raises:
      BabbleError: espeak-ng is not installed or has no such voice, its language has tones, or no words are left.
    """
    clauses = [(i, *clause) for i, text in enumerate(texts) for clause in split_clauses(text)]
    clause_words = espeak.pronounce([text for _, text, _ in clauses], voice)
    usable = [
        [word.phones for word in words if not word.foreign and _count_stresses(word.phones) == 1]
        for words in clause_words
    ]
    counts = Counter(
        name for words in usable for word in words for name in {phone.removeprefix(STRESS) for phone in word}
    )
    common = {name for name, n in counts.items() if n >= _FEWEST_WORDS}
    if tones := sorted(filter(_TONE.search, common)):
        raise BabbleError(
            f"The voice {voice} of espeak-ng marks tones, as in {tones[0]!r}, which phonotactics do not cover; take "
            "texts of a language without tones."
        )
    usable = [
        [word for word in words if common.issuperset(phone.removeprefix(STRESS) for phone in word)]
        for words in usable
    ]
    every = [word for words in usable for word in words]
    vowels = sorted({phone for word in every for phone in word if is_vowel(phone)})
    stressed = [phone for phone in vowels if phone.startswith(STRESS)]
    consonants = sorted({phone for word in every for phone in word} - {*vowels})
    if not consonants or len(stressed) in (0, len(vowels)):
        raise BabbleError(
            f"There are too few words for phonotactics in the {len(texts)} texts, as the voice {voice} of "
            f"espeak-ng reads them; give some hundred sentences or more, of its language."
        )
    phones = PhoneSet(tuple(consonants), tuple(vowels), tuple(stressed))
    onsets = initial_clusters(every, phones)
    phrases = tuple(
        TextPhrase(Phrase(tuple(syllabify(word, phones, onsets) for word in words), final), utterance)
        for (utterance, _, final), words in zip(clauses, usable, strict=True)
        if words
    )
    return TextPhrases(phrases, phones, tuple(word.phones for words in clause_words for word in words))


def _count_stresses(phones: Sequence[str]) -> int:
    return sum(phone.startswith(STRESS) for phone in phones)
