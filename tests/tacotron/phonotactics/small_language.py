"""A small language with texts, labels, pitch and level, of which everything is known."""

import functools
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from babble_jax import files
from babble_jax.tacotron.phonotactics.espeak import PronouncedWord
from babble_jax.tacotron.phonotactics.phonotactics import KIND, Phonotactics, load_phonotactics
from babble_jax.tacotron.phonotactics.phrase import PhoneSet
from babble_jax.tacotron.phonotactics.utterances import LabelledUtterance

PHONES = PhoneSet(("p", "t", "k", "s"), ("a", "i", "aa", "ii"), ("aa", "ii"))
READINGS = {"p": ("p",), "t": ("t",), "c": ("k",), "s": ("s",), "x": ("k", "s"), "h": ()}
WORDS = [
    "pata",
    "sita",
    "xapi",
    "stach",
    "pisasta",
    "hatapa",
    "cataspi",
    "tihpis",
    "passit",
    "taxi",
    "si",
    "ci",
    "pa",
]
"""Words of which the second syllable is stressed, or the only one; "si", "ci" and "pa" have no stress."""


def pronounce(word: str) -> tuple[str, ...]:
    """Returns the phones of a word."""
    vowels = [i for i, letter in enumerate(word) if letter in "ai"]
    stressed = None if len(word) == 2 else vowels[min(1, len(vowels) - 1)]
    phones: list[str] = []
    for i, letter in enumerate(word):
        phones += (letter * (1 + (i == stressed)),) if letter in "ai" else READINGS[letter]
    return tuple(phones)


def read_aloud(texts: Iterable[str], voice: str) -> list[list[PronouncedWord]]:
    """Reads texts as espeak-ng would, if it knew the language: a stressed vowel has its mark."""
    marks = {"aa": "ˈa", "ii": "ˈi"}  # noqa: RUF001
    return [
        [
            PronouncedWord(tuple(marks.get(phone, phone) for phone in pronounce(word)), False)
            for word in text.strip(" ,.").split()
        ]
        for text in texts
    ]


def make_utterance(rng: np.random.Generator) -> LabelledUtterance:
    """Makes an utterance of two phrases, of which the last is final: its last vowel is long and low."""
    text, symbols, seconds, f0, level = "", ["pau"], [0.2], [np.nan], [-60.0]
    for end in (",", "."):
        words = [*rng.choice(WORDS[:-3], 2), WORDS[-3 + rng.integers(3)], rng.choice(WORDS[:-3])]
        text += " ".join(words) + end + " "
        phones = [phone for word in words for phone in pronounce(word)]
        last = max(i for i, phone in enumerate(phones) if phone in PHONES.vowels)
        for i, phone in enumerate(phones):
            vowel = phone in PHONES.vowels
            symbols.append(phone)
            seconds.append(round((0.12 if phone in PHONES.stressed else 0.08) * (1 + (i == last)), 2))
            f0.append((100.0 if i == last and end == "." else 200.0) if vowel else np.nan)
            level.append(-10.0 if vowel else -20.0)
        symbols.append("pau")
        seconds.append(0.3)
        f0.append(np.nan)
        level.append(-60.0)
    ends = np.cumsum(seconds)
    frames = np.rint(np.array(seconds) / 0.01).astype(int)
    return LabelledUtterance(
        text, tuple(symbols), ends - seconds, ends, np.repeat(f0, frames), np.repeat(level, frames)
    )


@functools.cache
def make_utterances(count: int = 40) -> list[LabelledUtterance]:
    """Makes some utterances, always the same."""
    rng = np.random.default_rng(0)
    return [make_utterance(rng) for _ in range(count)]


@functools.cache
def fit_small() -> Phonotactics:
    """Fits phonotactics on the language."""
    return Phonotactics.fit(make_utterances(), PHONES, "und", "a small language", "none")


@functools.cache
def load_shipped(language: str) -> Phonotactics:
    """Loads the phonotactics of a language that ship."""
    return load_phonotactics(language)


def load_russian() -> Phonotactics:
    """Loads those of Russian."""
    return load_shipped("ru")


def sign(folder: Path) -> None:
    """Writes the manifest of a folder of phonotactics anew, after its files were changed."""
    digests = {name: files.sha256(folder / name) for name in ("phonotactics.json", "words.xz")}
    files.write_json(folder / files.MANIFEST, {"kind": KIND, "sha256": digests})
