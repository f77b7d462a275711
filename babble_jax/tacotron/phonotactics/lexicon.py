"""Lexica: whether some phones can be read as a word of a list, whatever its stress."""

import bisect
import dataclasses
import itertools
import lzma
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from babble_jax import input_files
from babble_jax.errors import BabbleError
from babble_jax.tacotron.phonotactics.phrase import PhoneSet, check_phones
from babble_jax.tacotron.phonotactics.readings import Reading, Readings

_LEAST_SHARE = 0.005
"""Readings of a letter that are rarer are slips of the alignment."""
_OFTEN_SILENT = 0.2
"""Share from which a letter is silent as often as one likes; others are silent in one place of a word at most."""
_MOST_BYTES = 256 * 1024**2
_DAMAGED = "it holds no compressed words; save the model again."
_LAST = "\U0010ffff"


@dataclasses.dataclass(frozen=True)
class WordListCard:
    """Says which words a lexicon holds.

    Attributes:
      name: of the list.
      licence: under which it may be used.
      words: how many it has.
    """

    name: str
    licence: str
    words: int

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Lexicon:
    """Words of one or several lists, and how their letters are read.

    Attributes:
      words: spellings in lower case, sorted, each once.
      readings: of the letters; a letter that has none is in no word that is found.
      cards: of the lists.
      phones: of the language.
    """

    words: tuple[str, ...]
    readings: Readings
    cards: tuple[WordListCard, ...]
    phones: PhoneSet

    def __post_init__(self):
        if not all(a < b for a, b in itertools.pairwise(self.words)):
            raise ValueError("the words of a lexicon are not sorted, each once")

    def find(self, phones: Sequence[str]) -> str | None:
        """Returns a word of which the phones are a reading, the first in the alphabet; None if there is none."""
        seen: set[tuple[int, str, bool]] = set()
        ahead = [(0, "", False, 0, len(self.words))]
        matches = []
        while ahead:
            at, prefix, skipped, low, high = ahead.pop()
            if at == len(phones) and low < high and self.words[low] == prefix:
                matches.append(prefix)
            for length in range(min(2, len(phones) - at) + 1):
                for letter, rare in self._letters.get(tuple(phones[at : at + length]), ()):
                    state = (at + length, prefix + letter, skipped or rare)
                    if state in seen or (skipped and rare):
                        continue
                    start = bisect.bisect_left(self.words, state[1], low, high)
                    stop = bisect.bisect_left(self.words, state[1] + _LAST, start, high)
                    if start < stop:
                        seen.add(state)
                        ahead.append((*state, start, stop))
        return min(matches, default=None)

    def holds(self, phones: Sequence[str]) -> bool:
        """Says if phones are a reading of a word.

        Args:
          phones: names of the set.

        Raises:
          BabbleError: one that the language does not have.
        """
        check_phones(phones, (*self.phones.consonants, *self.phones.vowels))
        return self.find(phones) is not None

    def add(self, words: Iterable[str], name: str, licence: str) -> "Lexicon":
        """Returns a lexicon that holds more words.

        Args:
          words: spellings; signs that are no letters are left out of them.
          name: of the list.
          licence: under which it may be used.
        """
        cleaned = {"".join(filter(str.isalpha, word.lower())) for word in words} - {""}
        card = WordListCard(name, licence, len(cleaned))
        words = tuple(sorted(cleaned | {*self.words}))
        return dataclasses.replace(self, words=words, cards=(*self.cards, card))

    @cached_property
    def _letters(self) -> dict[Reading, list[tuple[str, bool]]]:
        """Letters that are read so, and whether each is then silent although it seldom is."""
        letters: dict[Reading, list[tuple[str, bool]]] = {}
        for letter, readings in self.readings.items():
            for reading, share in readings.items():
                if share >= _LEAST_SHARE:
                    rare = not reading and share < _OFTEN_SILENT
                    letters.setdefault(reading, []).append((letter, rare))
        return letters


def read_word_list(path: Path) -> list[str]:
    """Reads a list of words, one a line, or a dictionary of hunspell (`.dic`), of whose words the stems are read.

    The encoding of a dictionary is that which the `.aff` file beside it names; that of other lists is UTF-8.

    Raises:
      BabbleError: a file that cannot be read or is no text.
    """
    encoding = "utf-8"
    if path.suffix == ".dic" and path.with_suffix(".aff").is_file():
        lines = input_files.read_bytes(path.with_suffix(".aff")).decode("latin-1").splitlines()
        encoding = next((line.split()[1] for line in lines if line.startswith("SET ")), encoding)
    try:
        text = input_files.read_bytes(path, _MOST_BYTES).decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise BabbleError(f"{path}: its words are not in {encoding}; convert it to UTF-8.") from error
    words = [line.split("/")[0].split("\t")[0].strip() for line in text.splitlines()]
    return [word for word in words if word and not word.isdigit()]


def pack_words(words: Sequence[str]) -> bytes:
    """Compresses words, one a line (xz)."""
    return lzma.compress("\n".join(words).encode())


def unpack(content: bytes, source: str) -> bytes:
    """Decompresses what `pack_words` or `lzma.compress` returned.

    Raises:
      BabbleError: the content is no such file.
    """
    try:
        decompressor = lzma.LZMADecompressor()
        unpacked = decompressor.decompress(content, _MOST_BYTES)
        if not decompressor.eof:
            raise lzma.LZMAError("cut off")
    except lzma.LZMAError as error:
        raise BabbleError(f"{source}: {_DAMAGED}") from error
    return unpacked


def unpack_words(content: bytes, source: str) -> tuple[str, ...]:
    """Reads what `pack_words` returned.

    Raises:
      BabbleError: the content is no such file.
    """
    try:
        text = unpack(content, source).decode()
    except UnicodeDecodeError as error:
        raise BabbleError(f"{source}: {_DAMAGED}") from error
    return tuple(text.split("\n")) if text else ()
