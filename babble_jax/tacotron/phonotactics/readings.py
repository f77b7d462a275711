"""Readings of letters: which phones a letter stands for, found by aligning texts with phone labels.

Labels of recordings name phones and have no words. Each letter of a text is taken to stand for no, one or two phones,
and each gap between words for a pause or nothing. Which pairs are likely is estimated by Viterbi training (many-to-many
alignment, Jiampojamarn et al. 2007): align all texts at the least cost, count the pairs, and again. The first costs
come from letters and phones that stand at like places of their utterances.

Axes: B texts, I letters, J phones, A kinds of letters, P kinds of phones.
"""

import dataclasses
import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

GAP = " "
"""Stands for what is between two words, and before the first and after the last."""
_WORD = re.compile(r"[^\W\d_]+(?:['’+-][^\W\d_]+)*")  # noqa: RUF001 (an apostrophe)
_BATCH = 64
_ROUNDS = 6
_RARE = 1e-4
"""Probability of a pair that was never counted, beside which the others are."""

Reading = tuple[str, ...]
Readings = Mapping[str, Mapping[Reading, float]]
"""Phones that a letter stands for, and how probable that is."""


@dataclasses.dataclass(frozen=True)
class TextWord:
    """A word of a text.

    Attributes:
      spelling: letters in lower case.
      mark: punctuation up to the next word.
    """

    spelling: str
    mark: str


@dataclasses.dataclass(frozen=True)
class Alignment:
    """The phones of each letter.

    Attributes:
      letters: of the whole text, `GAP` around each word.
      spans: of each letter, the first of its phones and the one after its last.
    """

    letters: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    def words(self) -> list[tuple[int, int]]:
        """Returns the first phone and the one after the last of each word."""
        gaps = [i for i, letter in enumerate(self.letters) if letter == GAP]
        return [(self.spans[a + 1][0], self.spans[b - 1][1]) for a, b in itertools.pairwise(gaps)]


def split_words(text: str) -> list[TextWord]:
    """Splits a text into words, without signs within them such as hyphens or marks of stress."""
    matches = list(_WORD.finditer(text))
    ends = [match.start() for match in matches[1:]] + [len(text)] * bool(matches)
    return [
        TextWord(
            "".join(filter(str.isalpha, match.group().lower())), "".join(text[match.end() : end].split())
        )
        for match, end in zip(matches, ends, strict=True)
    ]


def letters_of(words: Sequence[TextWord]) -> tuple[str, ...]:
    """Lists the letters of a text with `GAP` before, between and after its words."""
    return tuple(GAP + "".join(word.spelling + GAP for word in words))


class _Costs:
    """Costs, nats, of letters that stand for no phone [A], one [A, P] and two [A, P, P]."""

    def __init__(self, letters: Sequence[str], phones: Sequence[str], silence: str):
        self.letters = {letter: i for i, letter in enumerate(letters)}
        self.phones = {phone: i for i, phone in enumerate(phones)}
        self.gap, self.silence = self.letters[GAP], self.phones[silence]

    def start(self, together: np.ndarray) -> None:
        """Sets the first costs from how much letters and phones are together, [A, P]."""
        share = together / together.sum(1, keepdims=True) / (together.sum(0) / together.sum())
        one = -np.log(np.maximum(share, 1e-3))
        self._set(np.full(len(self.letters), 3.0), one, 3.0 + one[:, :, None] + one[:, None, :])

    def count(self, pairs: Counter[tuple[str, Reading]]) -> None:
        """Sets costs from how often pairs were counted."""
        none = np.full(len(self.letters), _RARE)
        one = np.full((len(self.letters), len(self.phones)), _RARE)
        two = np.full((*one.shape, len(self.phones)), _RARE**1.5)
        for (letter, reading), number in pairs.items():
            at = (self.letters[letter], *(self.phones[phone] for phone in reading))
            (none, one, two)[len(reading)][at] += number
        total = np.maximum(none + one.sum(1) + two.sum((1, 2)), 1)
        self._set(
            *(-np.log(table / total.reshape((-1,) + (1,) * (table.ndim - 1))) for table in (none, one, two))
        )

    def _set(self, none: np.ndarray, one: np.ndarray, two: np.ndarray) -> None:
        never = np.inf
        one[:, self.silence], two[:, self.silence], two[:, :, self.silence] = never, never, never
        one[self.gap], two[self.gap] = never, never
        none[self.gap], one[self.gap, self.silence] = 0.5, 0.5
        self.none, self.one, self.two = none, one, two


def align(
    texts: Sequence[Sequence[str]], phones: Sequence[Sequence[str]], silence: str, rounds: int = _ROUNDS
) -> tuple[list[Alignment | None], Readings]:
    """Aligns letters with phones and estimates the readings of letters.

    Args:
      texts: letters of each text, as `letters_of` gives them.
      phones: labels of each, one `silence` at most in a row.
      silence: label of a pause.
      rounds: of alignment.

    Returns:
      Of each text its alignment, None where there is none (more than two phones for each letter, say); and the
      readings.
    """
    costs = _Costs(sorted({GAP}.union(*texts)), sorted({silence}.union(*phones)), silence)
    costs.start(_together(texts, phones, costs))
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    pairs: Counter[tuple[str, Reading]] = Counter()
    alignments: list[Alignment | None] = [None] * len(texts)
    for _ in range(rounds):
        pairs = Counter()
        for at in range(0, len(order), _BATCH):
            batch = order[at : at + _BATCH]
            batch_spans = _align_batch([texts[i] for i in batch], [phones[i] for i in batch], costs)
            for i, spans in zip(batch, batch_spans, strict=True):
                alignments[i] = None if spans is None else Alignment(tuple(texts[i]), spans)
                for letter, (start, stop) in zip(texts[i], spans or (), strict=bool(spans)):
                    pairs[letter, tuple(phones[i][start:stop])] += 1
        costs.count(pairs)
    return alignments, _shares(pairs)


def _together(texts: Sequence[Sequence[str]], phones: Sequence[Sequence[str]], costs: _Costs) -> np.ndarray:
    together = np.full((len(costs.letters), len(costs.phones)), 0.1)
    for text, labels in zip(texts, phones, strict=True):
        letter, phone = _one_hot(text, costs.letters), _one_hot(labels, costs.phones)
        place = [np.arange(n)[:, None] / max(n - 1, 1) * len(text) for n in (len(text), len(labels))]
        together += letter.T @ np.exp(-np.square(place[0] - place[1].T) / 8) @ phone
    return together


def _one_hot(symbols: Sequence[str], index: Mapping[str, int]) -> np.ndarray:
    return np.eye(len(index))[[index[symbol] for symbol in symbols]]


def _align_batch(
    texts: Sequence[Sequence[str]], phones: Sequence[Sequence[str]], costs: _Costs
) -> list[tuple[tuple[int, int], ...] | None]:
    """Finds the spans of least cost by dynamic programming over letters, for B texts and all J at once."""
    rows, columns = max(map(len, texts)), max(map(len, phones))
    letter, phone = np.zeros((len(texts), rows), int), np.zeros((len(texts), columns), int)
    for b, (text, one) in enumerate(zip(texts, phones, strict=True)):
        letter[b, : len(text)] = [costs.letters[x] for x in text]
        phone[b, : len(one)] = [costs.phones[x] for x in one]
    best = np.full((len(texts), columns + 1), np.inf)
    best[:, 0] = 0
    steps = np.zeros((rows, *best.shape), np.int8)
    history = []
    for i in range(rows):
        now = letter[:, i, None]
        choices = np.full((3, *best.shape), np.inf)
        choices[0] = best + costs.none[now]
        choices[1, :, 1:] = best[:, :-1] + costs.one[now, phone]
        choices[2, :, 2:] = best[:, :-2] + costs.two[now, phone[:, :-1], phone[:, 1:]]
        steps[i] = choices.argmin(0)
        best = choices.min(0)
        history.append(best)
    spans: list[tuple[tuple[int, int], ...] | None] = []
    for b, (text, one) in enumerate(zip(texts, phones, strict=True)):
        if not np.isfinite(history[len(text) - 1][b, len(one)]):
            spans.append(None)
            continue
        at, backwards = len(one), []
        for i in reversed(range(len(text))):
            backwards.append((at - int(steps[i, b, at]), at))
            at = backwards[-1][0]
        spans.append(tuple(reversed(backwards)))
    return spans


def _shares(pairs: Counter[tuple[str, Reading]]) -> Readings:
    totals: Counter[str] = Counter()
    for (letter, _), number in pairs.items():
        totals[letter] += number
    readings: dict[str, dict[Reading, float]] = {letter: {} for letter in sorted(totals) if letter != GAP}
    for (letter, reading), number in sorted(pairs.items()):
        if letter != GAP:
            readings[letter][reading] = number / totals[letter]
    return readings
