"""Utterances with phone labels and a text, divided into phrases of prosodic words of syllables.

Axes: N phones, F frames of 10 ms.
"""

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

from babble_jax.tacotron.phonotactics.phrase import PhoneSet, Phrase
from babble_jax.tacotron.phonotactics.readings import Readings, TextWord, align, letters_of, split_words
from babble_jax.tacotron.phonotactics.syllables import initial_clusters, syllabify

_FINAL = ".?!…"
"""Marks that end an utterance."""


@dataclasses.dataclass(frozen=True)
class LabelledUtterance:
    """An utterance as a folder of labelled recordings has it.

    Attributes:
      text: what is said; only letters and punctuation are looked at.
      symbols: N phones, pauses among them.
      onset: [N] seconds.
      end: [N] seconds.
      f0: [F] Hz, NaN where it is not voiced; None if nothing of pitch is to be fitted.
      rms_db: [F] dB of full scale; None if nothing of level is to be fitted.
    """

    text: str
    symbols: tuple[str, ...]
    onset: np.ndarray
    end: np.ndarray
    f0: np.ndarray | None = None
    rms_db: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class SpokenPhrase:
    """A phrase that was said.

    Attributes:
      phrase: its words; some may have no stress or several, as none that are drawn have.
      spellings: of each word, that of the words of the text which are in it.
      utterance: number of the utterance.
      first: position of its first phone in the utterance.
    """

    phrase: Phrase
    spellings: tuple[tuple[str, ...], ...]
    utterance: int
    first: int


@dataclasses.dataclass(frozen=True)
class SpokenPhrases:
    """All phrases of some utterances.

    Attributes:
      phrases: in order.
      readings: of the letters of the texts.
      skipped: numbers of the utterances of which texts and labels could not be aligned.
    """

    phrases: tuple[SpokenPhrase, ...]
    readings: Readings
    skipped: tuple[int, ...]


def divide(utterances: Sequence[LabelledUtterance], phones: PhoneSet) -> SpokenPhrases:
    """Divides utterances into phrases of prosodic words of syllables.

    A phrase is what stands between two pauses. A word of the text that has no stress in the labels (a preposition, say)
    is one prosodic word with the word after it, or with the one before it at the end of a phrase.
    """
    texts = [split_words(utterance.text) for utterance in utterances]
    symbols = [_merge_pauses(utterance.symbols, phones.silence) for utterance in utterances]
    labels = [tuple(phone for phone, _ in one) for one in symbols]
    alignments, readings = align([letters_of(words) for words in texts], labels, phones.silence)
    spoken, skipped = [], []
    for number, alignment in enumerate(alignments):
        if alignment is None:
            skipped.append(number)
            continue
        for words in _between_pauses(
            list(zip(texts[number], alignment.words(), strict=True)), labels[number], phones
        ):
            final = any(mark in words[-1][0].mark for mark in _FINAL)
            if groups := _prosodic_words(words, labels[number], phones):  # else it has no vowel
                spoken.append((number, symbols[number][words[0][1][0]][1], groups, final))
    onsets = initial_clusters([one for _, _, groups, _ in spoken for _, one in groups], phones)
    phrases = []
    for number, first, groups, final in spoken:
        words = tuple(syllabify(one, phones, onsets) for _, one in groups)
        phrases.append(SpokenPhrase(Phrase(words, final), tuple(text for text, _ in groups), number, first))
    return SpokenPhrases(tuple(phrases), readings, tuple(skipped))


def _merge_pauses(symbols: Sequence[str], silence: str) -> list[tuple[str, int]]:
    """Returns labels with their positions, of pauses in a row the first."""
    merged: list[tuple[str, int]] = []
    for i, symbol in enumerate(symbols):
        if symbol != silence or not merged or merged[-1][0] != silence:
            merged.append((symbol, i))
    return merged


_Spoken = tuple[TextWord, tuple[int, int]]


def _between_pauses(words: list[_Spoken], labels: Sequence[str], phones: PhoneSet) -> list[list[_Spoken]]:
    """Cuts words where a pause is between them, without those that have no phones."""
    spoken = [word for word in words if word[1][0] < word[1][1]]
    cuts = [
        i + 1
        for i, ((_, (_, end)), (_, (start, _))) in enumerate(itertools.pairwise(spoken))
        if phones.silence in labels[end:start]
    ]
    return [spoken[a:b] for a, b in zip([0, *cuts], [*cuts, len(spoken)], strict=True) if a < b]


def _prosodic_words(
    words: list[_Spoken], labels: Sequence[str], phones: PhoneSet
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Returns the spellings and the phones of each prosodic word of a phrase."""
    groups: list[tuple[list[str], list[str]]] = []
    open_group = False
    for word, (start, stop) in words:
        if not open_group:
            groups.append(([], []))
        groups[-1][0].append(word.spelling)
        groups[-1][1].extend(labels[start:stop])
        open_group = not any(map(phones.is_stressed, labels[start:stop]))
    if open_group and len(groups) > 1:
        spellings, rest = groups.pop()
        groups[-1][0].extend(spellings)
        groups[-1][1].extend(rest)
    return [(tuple(a), tuple(b)) for a, b in groups if any(map(phones.is_vowel, b))]
