"""Lexica of pronunciations: whether some phones are those of a word of a list, as espeak-ng reads it.

For languages of which the letters do not say how a word is spoken. A list is kept as a Bloom filter (Bloom 1970,
"Space/time trade-offs in hash coding with allowable errors") of its pronunciations without stress: it finds all of
them, and takes one other string in 32 for one of them, so that a word may be drawn again for nothing. Several lists
take more (`PronouncedLexicon.false_match_rate`). A filter lists no words, but anybody can test if it holds one.
"""

import dataclasses
import hashlib
import math
from collections.abc import Iterable, Sequence

import numpy as np

from babble_jax.tacotron.phonotactics import espeak
from babble_jax.tacotron.phonotactics.lexicon import WordListCard
from babble_jax.tacotron.phonotactics.phrase import PhoneSet, check_phones

_HASHES, _MOST_HASHES = 5, 64
_WORD = (1 << 64) - 1


@dataclasses.dataclass(frozen=True)
class BloomFilter:
    """A set of strings that finds all its members, and few others.

    Attributes:
      content: the bits, in bytes.
      hashes: bits of each member.
    """

    content: bytes
    hashes: int

    def __post_init__(self):
        if not self.content or not 1 <= self.hashes <= _MOST_HASHES:
            raise ValueError(
                f"a Bloom filter has a byte and a hash at least, and {_MOST_HASHES} hashes at most"
            )

    def __contains__(self, key: str) -> bool:
        """Says if a string is one of the set, or is taken for one."""
        first, step = _hash(key)
        size = 8 * len(self.content)
        places = (((first + i * step) & _WORD) % size for i in range(self.hashes))
        return all(self.content[place // 8] >> (7 - place % 8) & 1 for place in places)

    @property
    def false_match_rate(self) -> float:
        """Share of other strings that are taken for members: that of the bits that are set, once for each hash."""
        return (int.from_bytes(self.content, "big").bit_count() / (8 * len(self.content))) ** self.hashes


def build_filter(keys: Iterable[str], hashes: int = _HASHES) -> BloomFilter:
    """Builds a Bloom filter that takes one other string in 2 ** `hashes` for a member.

    Args:
      keys: the members.
      hashes: bits of each.
    """
    values = np.array([_hash(key) for key in sorted({*keys})], np.uint64).reshape(-1, 2)
    size = 8 * max(1, int(np.ceil(len(values) * hashes / np.log(2) / 8)))
    bits = np.zeros(size, bool)
    for i in range(hashes):
        bits[(values[:, 0] + np.uint64(i) * values[:, 1]) % np.uint64(size)] = True
    return BloomFilter(np.packbits(bits).tobytes(), hashes)


@dataclasses.dataclass(frozen=True)
class PronouncedLexicon:
    """Pronunciations of the words of one or several lists.

    Attributes:
      voice: of espeak-ng, by which the lists are read.
      filters: of the pronunciations, one for each list.
      cards: of the lists.
      phones: of the language.
    """

    voice: str
    filters: tuple[BloomFilter, ...]
    cards: tuple[WordListCard, ...]
    phones: PhoneSet

    def __post_init__(self):
        if len(self.filters) != len(self.cards):
            raise ValueError("a lexicon of pronunciations has a filter for each list")

    def holds(self, phones: Sequence[str]) -> bool:
        """Says if phones are a pronunciation of a word, wherever the stress is; of a few other strings, too.

        Args:
          phones: names of the set, a stressed vowel with its mark or without.

        Raises:
          BabbleError: one that the language does not have.
        """
        names = (*self.phones.consonants, *self.phones.vowels)
        check_phones(map(_without_stress, phones), map(_without_stress, names))
        key = join_phones(phones)
        return any(key in one for one in self.filters)

    @property
    def false_match_rate(self) -> float:
        """Share of the strings in no list that are taken for a pronunciation of one, by any of the filters."""
        return 1 - math.prod(1 - one.false_match_rate for one in self.filters)

    def add(self, words: Iterable[str], name: str, licence: str) -> "PronouncedLexicon":
        """Returns a lexicon that holds more words.

        Args:
          words: spellings.
          name: of the list.
          licence: under which it may be used.

        Raises:
          BabbleError: espeak-ng is not installed, or has no such voice.
        """
        words = sorted({*words})
        return self.add_pronunciations(pronounce_words(words, self.voice), name, licence, len(words))

    def add_pronunciations(
        self, keys: Iterable[str], name: str, licence: str, words: int
    ) -> "PronouncedLexicon":
        """Returns a lexicon that holds more pronunciations.

        Args:
          keys: as `join_phones` gives them.
          name: of the list.
          licence: under which it may be used.
          words: of the list.
        """
        card = WordListCard(name, licence, words)
        return dataclasses.replace(
            self, filters=(*self.filters, build_filter(keys)), cards=(*self.cards, card)
        )


def pronounce_words(words: Sequence[str], voice: str) -> set[str]:
    """Returns the pronunciations of words as `join_phones` gives them; of one that is read as several, of these, too.

    Raises:
      BabbleError: espeak-ng is not installed, or has no such voice.
    """
    keys: set[str] = set()
    for parts in espeak.pronounce(words, voice):
        keys.update(join_phones(part.phones) for part in parts)
        keys.add(join_phones([phone for part in parts for phone in part.phones]))
    return keys - {""}


def join_phones(phones: Sequence[str]) -> str:
    """Joins phones to a string, without their stress."""
    return " ".join(map(_without_stress, phones))


def _without_stress(phone: str) -> str:
    return phone.removeprefix(espeak.STRESS)


def _hash(key: str) -> tuple[int, int]:
    digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big") | 1
