"""The kind of experiment that fits phonotactics and prosody on labelled recordings, and measures what they draw."""

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from tyro.conf import arg

from babble_jax import input_files
from babble_jax.audio import level, pitch, wave
from babble_jax.dataset import recipes
from babble_jax.dataset.labelled.reading import read_labelled
from babble_jax.tacotron.phonotactics.fitting import ORDER, fit_model, held_out_bits, one_stress
from babble_jax.tacotron.phonotactics.lexicon import Lexicon, read_word_list
from babble_jax.tacotron.phonotactics.model import PhonotacticModel
from babble_jax.tacotron.phonotactics.phonotactics import Phonotactics
from babble_jax.tacotron.phonotactics.phrase import PhoneSet, Word
from babble_jax.tacotron.phonotactics.prosody_fitting import fit_prosody, measure_phrase
from babble_jax.tacotron.phonotactics.utterances import LabelledUtterance, SpokenPhrase, SpokenPhrases, divide
from experiments.pipelines.phone_strings import compare_strings

_HELD_OUT = 10
"""Every tenth utterance is held out."""
_ORDERS = range(1, 7)
_VOICE = "usr/share/festival/voices/russian/msu_ru_nsh_clunits"
_DICTIONARY = "dict/msu_ru_nsh_dict.scm"
_ENTRY = re.compile(r'^\("([^"]+)" ', re.MULTILINE)
LICENCE = "BSD-like, Copyright 2005 Nickolay V. Shmyrev"
RUSSIAN = PhoneSet(
    consonants=(
        *(
            "p",
            "pp",
            "b",
            "bb",
            "t",
            "tt",
            "d",
            "dd",
            "k",
            "kk",
            "g",
            "gg",
            "c",
            "ch",
            "f",
            "ff",
            "v",
            "vv",
            "s",
            "ss",
        ),
        *("z", "zz", "sh", "sch", "zh", "h", "hh", "m", "mm", "n", "nn", "l", "ll", "r", "rr", "j"),
    ),
    vowels=tuple(["a", "e", "i", "y", "u", "ae", "ay", "ur", "aa", "ee", "ii", "oo", "uu", "yy"]),
    stressed=tuple(["aa", "ee", "ii", "oo", "uu", "yy"]),
)
"""Phones of festvox-ru: a doubled consonant is palatalized, a doubled vowel stressed."""


@dataclasses.dataclass(frozen=True)
class PhonotacticsExperiment:
    """Fits phonotactics on festvox-ru, and measures them on held-out utterances.

    Attributes:
      words: Words that are drawn for the measures.
      folder: The unpacked voice of the Debian package festvox-ru; empty to fetch it. Where it lies is no value of the
        experiment.
      seed: Random seed.
      independent: Package of a hunspell dictionary in which drawn words are looked up, too.
    """

    words: int
    folder: Annotated[str, arg(name="from")] = dataclasses.field(default="", compare=False)
    seed: int = 0
    independent: str = "hunspell-ru"

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Fits, measures and writes.

        Args:
          work: for `phonotactics`, fitted on all utterances, and for the packages; `work/PACKAGE/tree` is taken where
            it is there.
          results: unused.
        """
        del results
        folder = Path(self.folder) if self.folder else unpack("festvox-ru", work) / _VOICE
        utterances = read_utterances(folder)
        dictionary = read_dictionary(folder / _DICTIONARY)
        stems = read_word_list(next(unpack(self.independent, work).glob("usr/share/hunspell/*.dic")))
        stems = {"".join(filter(str.isalpha, word.lower())) for word in stems}
        spoken = divide(utterances, RUSSIAN)
        fitting, held_out = split(spoken)
        model = fit_model(fitting, RUSSIAN, "ru", "festvox-ru", LICENCE)
        assert isinstance(model.lexicon, Lexicon)
        without = dataclasses.replace(model, lexicon=None)
        full = _with_lexicon(model, model.lexicon.add(dictionary, "dictionary of festvox-ru", LICENCE))
        measures = {
            "texts": describe(spoken, utterances),
            "orders": measure_orders(fitting, held_out),
            "lexicon": self._measure_lexicon(
                without, full, Lexicon(tuple(sorted(stems)), spoken.readings, (), RUSSIAN)
            ),
            "strings": self._measure_strings(without, full, fitting, held_out),
            "prosody": measure_prosody(fitting, held_out, utterances),
        }
        every = fit_model(spoken, RUSSIAN, "ru", "festvox-ru", LICENCE)
        assert isinstance(every.lexicon, Lexicon)
        every = _with_lexicon(every, every.lexicon.add(dictionary, "dictionary of festvox-ru", LICENCE))
        assert every.lexicon is not None
        matches = sum(every.lexicon.holds(word.phones) for word in self._draw(every))
        every = note_measures(every, bits_of(measures["orders"]), self.words, matches)
        Phonotactics(every, fit_prosody(spoken.phrases, utterances, RUSSIAN)).save(work / "phonotactics")
        return measures

    def _measure_lexicon(
        self, without: PhonotacticModel, full: PhonotacticModel, independent: Lexicon
    ) -> dict[str, Any]:
        """Looks up words that are drawn without a lexicon, with that which ships, and with the independent one, too."""
        assert isinstance(full.lexicon, Lexicon)
        both = _with_lexicon(full, full.lexicon.add(independent.words, self.independent, "not shipped"))
        table = {}
        for name, model in (("any", without), ("shipped", full), ("both", both)):
            words = self._draw(model)
            matches = [full.lexicon.find(word.phones) for word in words]
            table[name] = {
                "words": len(words),
                "different": len({word.phones for word in words}),
                "legal": sum(map(full.clusters.allow, words)),
                "in_lexicon": sum(match is not None for match in matches),
                "in_independent": sum(independent.find(word.phones) is not None for word in words),
                "syllables": float(np.mean([len(word.syllables) for word in words])),
                "phones": float(np.mean([len(word.phones) for word in words])),
            }
        return {
            "lexicon_words": len(full.lexicon.words),
            "independent_words": len(independent.words),
            **table,
        }

    def _draw(self, model: PhonotacticModel) -> list[Word]:
        rng = np.random.default_rng(self.seed)
        return [model.draw_word(rng) for _ in range(self.words)]

    def _measure_strings(
        self,
        without: PhonotacticModel,
        full: PhonotacticModel,
        fitting: SpokenPhrases,
        held_out: SpokenPhrases,
    ) -> dict[str, Any]:
        """Compares strings of as many phrases and words: held-out speech, drawn phrases, bigrams of phones."""
        text = [one.phrase.phones for one in fitting.phrases]
        real = [one.phrase for one in held_out.phrases]
        rng = np.random.default_rng(self.seed)
        phrases = {
            name: [model.draw_phrase(rng, one.final, len(one.words)).phones for one in real]
            for name, model in (("any", without), ("shipped", full))
        }
        return compare_strings([one.phones for one in real], text, phrases, rng)


def read_utterances(folder: Path) -> list[LabelledUtterance]:
    """Reads the recordings of a folder with their labels and texts, and measures pitch and level."""
    utterances = []
    for one in read_labelled(folder, symbols="phones").recordings:
        if one.labels is None or one.labels.onset is None or one.labels.end is None or one.text is None:
            continue
        audio, rate = wave.read(one.path)
        utterances.append(
            LabelledUtterance(
                one.text,
                one.labels.symbols,
                one.labels.onset,
                one.labels.end,
                pitch.f0_contour(audio, rate),
                level.rms_db(audio, rate),
            )
        )
    return utterances


def read_dictionary(path: Path) -> list[str]:
    """Reads the words of a dictionary of Festival."""
    return _ENTRY.findall(input_files.read_text(path))


def split(spoken: SpokenPhrases) -> tuple[SpokenPhrases, SpokenPhrases]:
    """Splits phrases by utterances into those to fit on and those that are held out."""
    parts = [
        tuple(one for one in spoken.phrases if (one.utterance % _HELD_OUT == 0) == out)
        for out in (False, True)
    ]
    return dataclasses.replace(spoken, phrases=parts[0]), dataclasses.replace(spoken, phrases=parts[1])


def describe(spoken: SpokenPhrases, utterances: Sequence[LabelledUtterance]) -> dict[str, Any]:
    """Counts what was aligned."""
    words = [word for one in spoken.phrases for word in one.phrase.words]
    return {
        "utterances": len(utterances),
        "not_aligned": len(spoken.skipped),
        "text_words": sum(len(group) for one in spoken.phrases for group in one.spellings),
        "prosodic_words": len(words),
        "one_stress": sum(map(one_stress, words)),
        "phrases": len(spoken.phrases),
        "final_phrases": sum(one.phrase.final for one in spoken.phrases),
        "phones": sum(len(one.phrase.phones) for one in spoken.phrases),
        "labelled_phones": sum(symbol != RUSSIAN.silence for one in utterances for symbol in one.symbols),
        "syllables": float(np.mean([len(word.syllables) for word in words])),
        "phones_per_word": float(np.mean([len(word.phones) for word in words])),
    }


def measure_orders(fitting: SpokenPhrases, held_out: SpokenPhrases) -> list[dict[str, Any]]:
    """Computes the bits per symbol of held-out words under n-grams of each order."""
    words = [word for one in held_out.phrases for word in one.phrase.words]
    return [
        {
            "order": order,
            "bits": held_out_bits(words, fit_model(fitting, RUSSIAN, "ru", "festvox-ru", LICENCE, order)),
        }
        for order in _ORDERS
    ]


def measure_prosody(
    fitting: SpokenPhrases, held_out: SpokenPhrases, utterances: Sequence[LabelledUtterance]
) -> dict[str, Any]:
    """Compares what the model predicts, and the means of phones alone, with what was measured of held-out phrases."""
    model = fit_prosody(fitting.phrases, utterances, RUSSIAN)
    measured = [
        measure_phrase(one, utterances[one.utterance], model.median_f0, RUSSIAN) for one in held_out.phrases
    ]
    predicted = [model.predict(one.phrase) for one in held_out.phrases]
    names = [phone for one in held_out.phrases for phone in one.phrase.phones]
    rows = {}
    for name, field, scale in (
        ("log_duration", "duration", 1.0),
        ("f0", "f0", 12.0),
        ("level", "level", 1.0),
    ):
        truth = np.concatenate([getattr(one, name) for one in measured]) * scale
        values = [np.log(one.seconds) if field == "duration" else getattr(one, field) for one in predicted]
        means = np.array([getattr(model, field).phone_means[phone] for phone in names]) * scale
        rows[name] = _compare(truth, np.concatenate(values) * scale) | {"phone_means": _compare(truth, means)}
    seconds = [
        np.exp(np.concatenate([one.log_duration for one in measured])),
        np.concatenate([one.seconds for one in predicted]),
    ]
    rows["duration_ms"] = _compare(1000 * seconds[0], 1000 * seconds[1])
    rows["ratios"] = {
        name: [float(np.nanmedian(some[above]) / np.nanmedian(some[below])) for some in seconds]
        for name, above, below in _contrasts(held_out.phrases)
    }
    rows["last_vowel_semitones"] = {
        "final" if final else "held": [
            float(12 * np.nanmean(_last_vowel_f0(held_out.phrases, contours, final)))
            for contours in ([one.f0 for one in measured], [one.f0 for one in predicted])
        ]
        for final in (False, True)
    }
    return rows | {"median_f0": model.median_f0, "phones": len(names)}


def _contrasts(phrases: Sequence[SpokenPhrase]) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Returns names of ratios of durations, and of which vowels they are: [N] bool each."""
    last, stressed, vowel = [], [], []
    for one in phrases:
        syllables = [syllable for word in one.phrase.words for syllable in word.syllables]
        for i, syllable in enumerate(syllables):
            for at in range(len(syllable.phones)):
                nucleus = at == len(syllable.onset)
                vowel.append(nucleus)
                last.append(nucleus and i == len(syllables) - 1)
                stressed.append(nucleus and syllable.stressed)
    v, s, e = np.array(vowel), np.array(stressed), np.array(last)
    return [
        ("stressed to unstressed vowels", s & ~e, v & ~s & ~e),
        ("last to other unstressed vowels of a phrase", v & ~s & e, v & ~s & ~e),
        ("last to other stressed vowels of a phrase", s & e, s & ~e),
    ]


def _last_vowel_f0(
    phrases: Sequence[SpokenPhrase], contours: Sequence[np.ndarray], final: bool
) -> list[float]:
    """Returns the pitch of the last vowel of each phrase that is final, or held; octaves."""
    return [
        f0[max(i for i, phone in enumerate(one.phrase.phones) if RUSSIAN.is_vowel(phone))]
        for one, f0 in zip(phrases, contours, strict=True)
        if one.phrase.final == final
    ]


def _compare(truth: np.ndarray, values: np.ndarray) -> dict[str, float]:
    both = np.isfinite(truth) & np.isfinite(values)
    truth, values = truth[both], values[both]
    return {
        "n": len(truth),
        "correlation": float(np.corrcoef(truth, values)[0, 1]),
        "rmse": float(np.sqrt(np.mean((truth - values) ** 2))),
        "median_error": float(np.median(np.abs(truth - values))),
        "sd": float(truth.std()),
    }


def bits_of(orders: Sequence[dict[str, Any]]) -> float:
    """Returns the bits per symbol of the order that ships, of what `measure_orders` returned."""
    return next(one["bits"] for one in orders if one["order"] == ORDER)


def note_measures(model: PhonotacticModel, bits: float, count: int, matches: int) -> PhonotacticModel:
    """Writes measures onto the card of a model.

    Args:
      model: that ships.
      bits: per symbol of held-out words.
      count: drawn words that were looked up.
      matches: how many of them the lexica hold.
    """
    card = dataclasses.replace(model.card, held_out_bits=bits, checked=count, in_lexicon=matches)
    return dataclasses.replace(model, card=card)


def _with_lexicon(model: PhonotacticModel, lexicon: Lexicon) -> PhonotacticModel:
    card = dataclasses.replace(model.card, lexica=lexicon.cards)
    return dataclasses.replace(model, lexicon=lexicon, card=card)


def unpack(package: str, work: Path) -> Path:
    """Returns the root of the files of a Debian package, which is fetched where `work/PACKAGE/tree` is not there."""
    folder = work / package
    if (folder / "tree").exists():
        return folder / "tree"
    folder.mkdir(parents=True)
    return recipes.unpack_package(package, folder)
