"""The kind of experiment that fits phonotactics on transcripts of recordings, without their sound."""

import dataclasses
import gzip
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from tyro.conf import arg

from babble_jax import input_files
from babble_jax.errors import BabbleError
from babble_jax.tacotron.phonotactics.espeak import STRESS
from babble_jax.tacotron.phonotactics.fitting import fit_text_model, held_out_bits
from babble_jax.tacotron.phonotactics.lexicon import read_word_list
from babble_jax.tacotron.phonotactics.model import PhonotacticModel
from babble_jax.tacotron.phonotactics.phonotactics import Phonotactics, name_reader
from babble_jax.tacotron.phonotactics.phrase import Word
from babble_jax.tacotron.phonotactics.pronunciations import PronouncedLexicon, join_phones, pronounce_words
from babble_jax.tacotron.phonotactics.texts import TextPhrases, divide_texts
from experiments.pipelines.phone_strings import compare_strings
from experiments.pipelines.phonotactics import bits_of, note_measures, unpack

_HELD_OUT = 10
"""Every tenth text is held out."""
_ORDERS = range(1, 7)
_GZIP = b"\x1f\x8b"


@dataclasses.dataclass(frozen=True)
class WordList:
    """A list of words in a Debian package.

    Attributes:
      package: that holds it.
      path: in the package; where it is compressed, a line has a word in capitals, and its spellings if they have some.
      name: for the card.
      licence: for the card.
    """

    package: str
    path: str
    name: str
    licence: str

    def read(self, work: Path) -> list[str]:
        """Reads the words; the package is fetched where `work/PACKAGE/tree` is not there."""
        path = unpack(self.package, work) / self.path
        content = input_files.read_bytes(path)
        if not content.startswith(_GZIP):
            return sorted({*read_word_list(path)})
        lines = gzip.decompress(content).decode().split("\n")
        rows = [line.split() for line in lines if line]
        return sorted({word for row in rows for word in (row[1:] or [row[0].lower()])})


@dataclasses.dataclass(frozen=True)
class TextPhonotacticsExperiment:
    """Fits phonotactics on transcripts that espeak-ng reads, and measures them on held-out ones.

    Attributes:
      language: Code of ISO 639.
      voice: Voice of espeak-ng that reads the transcripts and the lists of words.
      source: Name of the recordings.
      licence: Of the recordings.
      lexicon: Words that are not drawn.
      independent: Words in which drawn words are looked up, too; they do not ship. None if there are none.
      words: Words that are drawn for the measures.
      folder: Folder of the recordings, with `metadata.csv` or `data/*.txt`. Where it lies is no value of the
        experiment.
      seed: Random seed.
    """

    language: str
    voice: str
    source: str
    licence: str
    lexicon: WordList
    independent: WordList | None
    words: int
    folder: Annotated[str, arg(name="from")] = dataclasses.field(default="", compare=False)
    seed: int = 0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Fits, measures and writes.

        Args:
          work: for `phonotactics`, fitted on all transcripts, and for the packages; `work/PACKAGE/tree` is taken where
            it is there.
          results: unused.
        """
        del results
        texts = read_texts(self.folder)
        text_phrases = divide_texts(texts, self.voice)
        fitting, held_out = (
            dataclasses.replace(
                text_phrases,
                phrases=tuple(one for one in text_phrases.phrases if (one.utterance % _HELD_OUT == 0) == out),
            )
            for out in (False, True)
        )
        spellings = self.lexicon.read(work)
        keys = pronounce_words(spellings, self.voice)
        orders = self._measure_orders(fitting, held_out)
        every = self._with_list(self._fit(text_phrases), keys, len(spellings))
        pronunciations = keys | {*map(join_phones, text_phrases.spoken)}
        draws = self._draw(every)
        matches = _count(draws, pronunciations)
        every = note_measures(every, bits_of(orders), len(draws), matches)
        Phonotactics(every, None).save(work / "phonotactics")
        return {
            "texts": _describe(texts, text_phrases),
            "orders": orders,
            "lexicon": self._measure_lexicon(every, draws, pronunciations, len(spellings), work),
            "strings": self._measure_strings(
                self._with_list(self._fit(fitting), keys, len(spellings)), fitting, held_out
            ),
            "megabytes": sum(path.stat().st_size for path in (work / "phonotactics").iterdir()) / 1e6,
            "phones_by": every.card.phones_by,
        }

    def _fit(self, text_phrases: TextPhrases, order: int | None = None) -> PhonotacticModel:
        reader = name_reader(self.voice)
        options = {} if order is None else {"order": order}
        return fit_text_model(
            text_phrases, self.voice, reader, self.language, self.source, self.licence, **options
        )

    def _with_list(self, model: PhonotacticModel, keys: set[str], words: int) -> PhonotacticModel:
        assert isinstance(model.lexicon, PronouncedLexicon)
        lexicon = model.lexicon.add_pronunciations(keys, self.lexicon.name, self.lexicon.licence, words)
        card = dataclasses.replace(model.card, lexica=lexicon.cards)
        return dataclasses.replace(model, lexicon=lexicon, card=card)

    def _draw(self, model: PhonotacticModel) -> list[Word]:
        rng = np.random.default_rng(self.seed)
        return [model.draw_word(rng) for _ in range(self.words)]

    def _measure_orders(self, fitting: TextPhrases, held_out: TextPhrases) -> list[dict[str, Any]]:
        """Computes the bits per symbol of held-out words under n-grams of each order."""
        words = [word for one in held_out.phrases for word in one.phrase.words]
        return [
            {"order": order, "bits": held_out_bits(words, self._fit(fitting, order))} for order in _ORDERS
        ]

    def _measure_lexicon(
        self, shipped: PhonotacticModel, draws: list[Word], pronunciations: set[str], words: int, work: Path
    ) -> dict[str, Any]:
        """Looks up words drawn with no lexicon, and those with the one that ships, in it and in the independent one.

        Args:
          shipped: model.
          draws: words of it.
          pronunciations: all of its lexicon.
          words: of the list in it.
          work: for the package of the independent list.
        """
        other: set[str] = set()
        other_words = 0
        if self.independent is not None:
            spellings = self.independent.read(work)
            other, other_words = pronounce_words(spellings, self.voice), len(spellings)
        free = self._draw(dataclasses.replace(shipped, lexicon=None))
        table = {}
        for name, some in (("any", free), ("shipped", draws)):
            table[name] = {
                "words": len(some),
                "different": len({word.phones for word in some}),
                "legal": sum(map(shipped.clusters.allow, some)),
                "in_lexicon": _count(some, pronunciations),
                "in_independent": _count(some, other) if other else None,
                "syllables": float(np.mean([len(word.syllables) for word in some])),
                "phones": float(np.mean([len(word.phones) for word in some])),
            }
        assert isinstance(shipped.lexicon, PronouncedLexicon)
        false_matches = sum(shipped.lexicon.holds(word.phones) for word in free) - table["any"]["in_lexicon"]
        return {
            "lexicon_words": words,
            "pronunciations": len(pronunciations),
            "independent_words": other_words,
            "taken_for_words": false_matches,
            "false_match_rate": shipped.lexicon.false_match_rate,
            **table,
        }

    def _measure_strings(
        self, full: PhonotacticModel, fitting: TextPhrases, held_out: TextPhrases
    ) -> dict[str, Any]:
        """Compares strings of as many phrases and words: held-out texts, drawn phrases, bigrams of phones."""
        rng = np.random.default_rng(self.seed)
        real = [one.phrase for one in held_out.phrases]
        draws = {
            name: [model.draw_phrase(rng, one.final, len(one.words)).phones for one in real]
            for name, model in (("any", dataclasses.replace(full, lexicon=None)), ("shipped", full))
        }
        text = [one.phrase.phones for one in fitting.phrases]
        return compare_strings([one.phones for one in real], text, draws, rng)


def read_texts(folder: str) -> list[str]:
    """Reads the transcripts of a folder, each once, sorted: `metadata.csv` (name|text), or `data/*.txt`.

    Raises:
      BabbleError: no folder is named, or it has no transcripts.
    """
    path = Path(folder)
    if (path / "metadata.csv").is_file() and folder:
        lines = input_files.read_text(path / "metadata.csv").splitlines()
        texts = {line.split("|")[1].strip() for line in lines if "|" in line}
    else:
        texts = {input_files.read_text(one).strip() for one in path.glob("data/*.txt")} if folder else set()
    if not texts - {""}:
        raise BabbleError(
            f"{folder or '--from'}: needs a folder with metadata.csv or data/*.txt; name it with --from."
        )
    return sorted(texts - {""})


def _count(words: list[Word], keys: set[str]) -> int:
    return sum(join_phones(word.phones) in keys for word in words)


def _describe(texts: list[str], text_phrases: TextPhrases) -> dict[str, Any]:
    words = [word for one in text_phrases.phrases for word in one.phrase.words]
    phones = text_phrases.phones
    return {
        "texts": len(texts),
        "spoken_words": len(text_phrases.spoken),
        "words": len(words),
        "phrases": len(text_phrases.phrases),
        "final_phrases": sum(one.phrase.final for one in text_phrases.phrases),
        "phones": len({phone.removeprefix(STRESS) for phone in (*phones.consonants, *phones.vowels)}),
        "syllables": float(np.mean([len(word.syllables) for word in words])),
        "phones_per_word": float(np.mean([len(word.phones) for word in words])),
    }
