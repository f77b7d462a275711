"""Measures the phones that an ear hears in a sound: how fast, how varied, how like a language, and how like its words.

Some measures of a short sound say little alone: a string of a hundred phones repeats few of its pairs, and any string
shares some runs of phones with a long text. Each of these stands beside its *chance*: the value of strings of as many
phones that an n-gram of the language draws. Such strings have the phones and the sequences of the language but none of
its words, which a string whose phones are shuffled has neither.

Axes: N phones and silences in order of time. Times are seconds, entropies bits.
"""

import dataclasses
import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from babble_jax.ear.segments import PhoneSegments
from babble_jax.judge.judgement import MIN_PAUSE, median_of
from babble_jax.judge.ranges import Tail
from babble_jax.ngram import END, NGram

SILENCES = ("pau",)
"""Symbols of an ear that are no phones."""
CHANCE_STRINGS = 20
"""Strings that are drawn for the chance of a measure."""
_MOST_TRIES = 100
"""Symbols that are drawn for each phone of a string at most, where an n-gram draws little but silence."""


@dataclasses.dataclass(frozen=True)
class PhoneMeasures:
    """The measures of the phones in one sound; None where there are too few phones, or no text.

    Of a sound of several pieces (`measure_pieces`) they are medians over those that have a value, but for `phones`,
    `longest_run_phones`, `whole_run` and `whole_run_high`, which are of all of it.

    Attributes:
      phones: their number, silences left out.
      phone_rate: phones per second of speech (`speech_seconds`).
      phone_entropy: bits of the distribution of phones, as they are counted.
      phone_entropy_chance: its mean over strings of as many phones that the n-gram draws.
      bigram_entropy: bits of a phone given the one before, as they are counted; a short sound has far less than its
        language, and a loop less than its chance.
      bigram_entropy_chance: its mean over drawn strings.
      ngram_distance: bits per symbol by which the cross-entropy of the phones under the n-gram lies above the entropy
        of the n-gram itself; 0 for strings that it draws, and less for strings that are more probable than those.
      confidence: mean of the ear's confidence in the phones, [0, 1].
      longest_run: number of phones of the longest run that stands in the ear's training text.
      longest_run_chance: its mean over drawn strings.
      longest_run_high: its 95th percentile over drawn strings.
      longest_run_phones: the phones of the longest run of the whole sound, with blanks between them.
      whole_run: their number.
      whole_run_high: 95th percentile of the longest run over drawn strings of as many phones as the whole sound has.
      pieces: the measures of each piece in order of time; None of a sound that is one piece.
    """

    phones: int
    phone_rate: float | None
    phone_entropy: float | None
    phone_entropy_chance: float | None
    bigram_entropy: float | None
    bigram_entropy_chance: float | None
    ngram_distance: float | None
    confidence: float | None
    longest_run: float | None
    longest_run_chance: float | None
    longest_run_high: float | None
    longest_run_phones: str | None
    whole_run: int | None
    whole_run_high: float | None
    pieces: tuple["PhoneMeasures", ...] | None = None

    @property
    def parts(self) -> tuple["PhoneMeasures", ...]:
        """The measures of each piece, of a sound that is one piece its own."""
        return self.pieces or (self,)


PHONE_MEASURES = (
    "phone_rate",
    "phone_entropy",
    "bigram_entropy",
    "ngram_distance",
    "confidence",
    "longest_run",
)
"""Measures that real speech has a range of."""
PHONE_CHANCES = ("phone_entropy_chance", "bigram_entropy_chance", "longest_run_chance", "longest_run_high")
"""Measures of strings that the n-gram draws."""
PHONE_EXPLANATIONS = {
    "phone_rate": "phones per second of speech",
    "phone_entropy": "how varied the phones are, bits; chance: strings that the n-gram draws",
    "bigram_entropy": "how varied a phone is after the one before, bits; below chance: a loop",
    "ngram_distance": "how improbable the sequences of phones are in the language, bits; 0: as in it",
    "confidence": "how sure the ear is of the phones; low: sounds that are none of its phones",
    "longest_run": "longest run of phones that stands in the training text; far above chance: words",
}
"""What each measure says, by its name, in a line."""
PHONE_WORSE_TAILS: Mapping[str, Tail] = MappingProxyType(
    {"ngram_distance": "above", "confidence": "below", "longest_run": "neither"}
)
"""Side of the range of real speech on which a sound is less like speech, of the measures that have one such side.

Speech of the training has sequences of phones that are more probable than those of other speech, and the ear is surer
of it: neither makes it less like speech. The longest run has neither side: a long one tells words from babble, which
its chance says, and a short one is what babble without words has.
Rates and entropies are unlike speech on both sides: too fast and too slow, a few sounds again and again and sounds at
random.
"""
PHONE_MISSING = {
    "phone_rate": "the ear hears no phone",
    "phone_entropy": "the ear hears no phone",
    "bigram_entropy": "the ear hears fewer than two phones in a piece",
    "ngram_distance": "the ear hears no phone, or has no n-gram",
    "confidence": "the ear hears no phone",
    "longest_run": "the ear hears no phone, or has no training text",
}
"""Why a measure has no value, by its name."""


class PhoneText:
    """Strings of phones in which runs of other strings are looked for.

    Args:
      strings: of the text, an utterance each; no run crosses from one to the next.
      silences: symbols that are left out.
    """

    def __init__(self, strings: Iterable[Sequence[str]], silences: Sequence[str] = SILENCES):
        self._silences = frozenset(silences)
        self._codes: dict[str, str] = {}
        encoded = ("".join(map(self._code, self._sounding(string))) for string in strings)
        self._text = "\n".join(encoded)

    def longest_run(self, string: Sequence[str]) -> tuple[str, ...]:
        """Finds the longest run of phones of a string that stands in the text; the first of several; () for none."""
        phones = self._sounding(string)
        codes = "".join(self._codes.get(phone, "\0") for phone in phones)
        begin = length = 0
        for start in range(len(codes)):
            while start + length < len(codes) and codes[start : start + length + 1] in self._text:
                begin, length = start, length + 1
        return tuple(phones[begin : begin + length])

    def __bool__(self) -> bool:
        return bool(self._text.strip("\n"))

    def _sounding(self, string: Sequence[str]) -> list[str]:
        return [symbol for symbol in string if symbol not in self._silences]

    def _code(self, phone: str) -> str:
        """Returns the character that stands for a phone: not NUL, which stands for none, nor a line end."""
        return self._codes.setdefault(phone, chr(0x100 + len(self._codes)))


def measure_phones(
    segments: PhoneSegments,
    ngram: NGram | None,
    text: PhoneText | None = None,
    silences: Sequence[str] = SILENCES,
) -> PhoneMeasures:
    """Measures the phones that an ear hears in a sound.

    Args:
      segments: [N] phones and silences of the sound.
      ngram: of the language, over the symbols of the ear with its silences or without; None leaves out what it gives.
      text: of the ear's training; None leaves the measures of runs out.
      silences: symbols that are no phones.

    Returns:
      The measures; those with a chance draw `CHANCE_STRINGS` strings from a fixed seed.
    """
    sounding = segments.without(silences)
    phones, count = sounding.symbols, len(sounding)
    seconds = speech_seconds(sounding.onset, sounding.end)
    draws = draw_strings(ngram, count, silences) if ngram is not None and count else []
    drawn_phones = [[symbol for symbol in one if symbol not in silences] for one in draws]
    run = text.longest_run(phones) if text and count else None
    run_lengths = [len(text.longest_run(one)) for one in drawn_phones] if text else []
    distance = None
    if ngram is not None and draws:
        string = [symbol for symbol in segments.symbols if symbol in ngram.symbols]
        distance = cross_entropy(ngram, string) - float(np.mean([cross_entropy(ngram, one) for one in draws]))
    return PhoneMeasures(
        phones=count,
        phone_rate=count / seconds if seconds > 0 else None,
        phone_entropy=phone_entropy(phones) if count else None,
        phone_entropy_chance=float(np.mean([*map(phone_entropy, drawn_phones)])) if draws else None,
        bigram_entropy=bigram_entropy(phones) if count > 1 else None,
        bigram_entropy_chance=float(np.mean([*map(bigram_entropy, drawn_phones)]))
        if draws and count > 1
        else None,
        ngram_distance=distance,
        confidence=float(np.mean(sounding.confidence)) if count else None,
        longest_run=None if run is None else len(run),
        longest_run_chance=float(np.mean(run_lengths)) if run_lengths else None,
        longest_run_high=float(np.quantile(run_lengths, 0.95)) if run_lengths else None,
        longest_run_phones=None if run is None else " ".join(run),
        whole_run=None if run is None else len(run),
        whole_run_high=float(np.quantile(run_lengths, 0.95)) if run_lengths else None,
    )


def measure_pieces(
    segments: PhoneSegments,
    pieces: np.ndarray,
    ngram: NGram | None,
    text: PhoneText | None = None,
    silences: Sequence[str] = SILENCES,
) -> PhoneMeasures:
    """Measures the phones of a sound by its pieces, since entropies and runs grow with the length.

    Args:
      segments: [N] phones and silences of the whole sound.
      pieces: [P, 2] seconds, start and end of each, P > 0; those phones belong to a piece that begin in it.
      ngram: as of `measure_phones`.
      text: as of `measure_phones`.
      silences: symbols that are no phones.

    Returns:
      The medians; of one piece its measures.
    """
    all_phones = measure_phones(segments, ngram, text, silences)
    if len(pieces) == 1:
        return all_phones
    rows = [
        measure_phones(
            segments.select((segments.onset >= start) & (segments.onset < end)), ngram, text, silences
        )
        for start, end in pieces
    ]
    names = (*PHONE_MEASURES, *PHONE_CHANCES)
    return dataclasses.replace(
        all_phones,
        **{name: median_of(getattr(row, name) for row in rows) for name in names},
        pieces=tuple(rows),
    )


def speech_seconds(onset: np.ndarray, end: np.ndarray) -> float:
    """Sums the lengths of the stretches of phones that pauses of 0.2 s or more part; shorter gaps belong to them.

    Args:
      onset: [N] seconds of the phones, not descending.
      end: [N] seconds.
    """
    if not len(onset):
        return 0.0
    until = np.maximum.accumulate(np.asarray(end, np.float64))
    gaps = np.asarray(onset, np.float64)[1:] - until[:-1]
    return float(until[-1] - onset[0] - gaps[gaps >= MIN_PAUSE - 1e-9].sum())


def phone_entropy(phones: Sequence[str]) -> float:
    """Computes the entropy of the distribution of phones [N] in bits, by their counts; N > 0."""
    return _entropy(Counter(phones))


def bigram_entropy(phones: Sequence[str]) -> float:
    """Computes the entropy of a phone given the one before in bits, by the counts of the pairs; 0 for N < 2."""
    pairs = [*itertools.pairwise(phones)]
    return max(0.0, _entropy(Counter(pairs)) - _entropy(Counter(phones[:-1]))) if pairs else 0.0


def _entropy(counts: Counter) -> float:
    share = np.array([*counts.values()], np.float64) / counts.total()
    return float(np.sum(share * -np.log2(share)))


def cross_entropy(ngram: NGram, string: Sequence[str]) -> float:
    """Computes the bits per symbol of a string that is a part of a longer one: neither its start nor its end counts.

    Args:
      ngram: of the language.
      string: [N] of its symbols, N > 0.
    """
    context, total = (), 0.0
    for symbol in string:
        total += ngram.log_prob(symbol, context)
        context = ngram.advance(context, symbol)
    return float(-total / np.log(2) / len(string))


def draw_strings(
    ngram: NGram, phones: int, silences: Sequence[str] = SILENCES, count: int = CHANCE_STRINGS, seed: int = 0
) -> list[list[str]]:
    """Draws strings of a number of phones from an n-gram, an utterance after the other until there are enough.

    Args:
      ngram: of the language.
      phones: of each string, silences left out.
      silences: symbols that are not counted as phones.
      count: number of strings.
      seed: of the generator.

    Returns:
      [count] strings of symbols, silences among them; fewer phones where the n-gram draws little but silence.
    """
    rng = np.random.default_rng(seed)
    strings = []
    for _ in range(count):
        string, sounding, context = [], 0, ngram.start
        for _ in range(_MOST_TRIES * phones):
            if sounding == phones:
                break
            symbol = ngram.draw(context, rng)
            context = ngram.start if symbol == END else ngram.advance(context, symbol)
            if symbol != END:
                string.append(symbol)
                sounding += symbol not in silences
        strings.append(string)
    return [string for string in strings if any(symbol not in silences for symbol in string)]
