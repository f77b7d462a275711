"""Reads a phonotactic and a prosody model from JSON values, and writes the former; `ValueError` says what is wrong."""

import itertools
import lzma
import math
from typing import Any

import numpy as np

from babble_jax import config
from babble_jax.ngram import ngram_from_json
from babble_jax.tacotron.phonotactics.lexicon import Lexicon, pack_words, unpack, unpack_words
from babble_jax.tacotron.phonotactics.model import PhonotacticCard, PhonotacticModel
from babble_jax.tacotron.phonotactics.phrase import PhoneSet
from babble_jax.tacotron.phonotactics.pronunciations import BloomFilter, PronouncedLexicon
from babble_jax.tacotron.phonotactics.prosody import AdditiveTarget, ProsodyModel
from babble_jax.tacotron.phonotactics.prosody_features import FEATURES
from babble_jax.tacotron.phonotactics.readings import Readings
from babble_jax.tacotron.phonotactics.syllables import clusters_from_json

_ENDS = {"held": False, "final": True}
_PARTS = ("card", "phones", "clusters", "ngram", "shapes", "lengths", "readings", "pronunciations")


def model_to_json(model: PhonotacticModel) -> dict[str, Any]:
    """Returns plain JSON values of a model but for what `pack_lexicon` writes; exact."""
    lexicon = model.lexicon
    readings = lexicon.readings if isinstance(lexicon, Lexicon) else {}
    pronunciations = None
    if isinstance(lexicon, PronouncedLexicon):
        filters = [[len(one.content), one.hashes] for one in lexicon.filters]
        pronunciations = {"voice": lexicon.voice, "filters": filters}
    return {
        "card": config.to_json(model.card),
        "phones": model.phones.to_json(),
        "clusters": model.clusters.to_json(),
        "ngram": model.ngram.to_json(),
        "shapes": [[*shape, count] for shape, count in sorted(model.shapes.items())],
        "lengths": {
            name: [[words, count] for words, count in sorted(model.lengths[final].items())]
            for name, final in _ENDS.items()
        },
        "readings": {
            letter: {" ".join(reading): share for reading, share in some.items()}
            for letter, some in readings.items()
        },
        "pronunciations": pronunciations,
    }


def pack_lexicon(model: PhonotacticModel) -> bytes:
    """Compresses the words of the lexicon of a model, or the filters of their pronunciations (xz)."""
    if isinstance(model.lexicon, PronouncedLexicon):
        return lzma.compress(b"".join(one.content for one in model.lexicon.filters))
    return pack_words(model.lexicon.words if model.lexicon else ())


def model_from_json(values: Any, packed: bytes, source: str, packed_source: str) -> PhonotacticModel:
    """Reads a model.

    Args:
      values: as `model_to_json` gave them.
      packed: as `pack_lexicon` gave it.
      source: file of the values, for messages.
      packed_source: file of the lexicon, for messages.

    Raises:
      ValueError: values of another form; one sentence.
      BabbleError: another card, or a lexicon that is none; the message names the file.
    """
    card, phones, clusters, ngram, shapes, lengths, readings, pronunciations = _take(
        values, _PARTS, "a phonotactic model"
    )
    card = config.from_json(PhonotacticCard, card, f"{source}: card")
    phones = _phones(phones)
    counts = [
        {count: number for count, number in _rows(some, 2)} for some in _take(lengths, (*_ENDS,), "lengths")
    ]
    read = _readings(readings)
    if pronunciations is None:
        words = unpack_words(packed, packed_source)
        lexicon = Lexicon(words, read, card.lexica, phones) if words else None
    else:
        lexicon = _pronounced(pronunciations, unpack(packed, packed_source), card, phones)
    return PhonotacticModel(
        phones,
        clusters_from_json(clusters, phones),
        ngram_from_json(ngram),
        {(count, stress): number for count, stress, number in _rows(shapes, 3)},
        dict(zip(_ENDS.values(), counts, strict=True)),
        lexicon,
        card,
    )


def _pronounced(values: Any, content: bytes, card: PhonotacticCard, phones: PhoneSet) -> PronouncedLexicon:
    voice, filters = _take(values, ("voice", "filters"), "a lexicon of pronunciations")
    rows = _rows(filters, 2)
    sizes = [size for size, _ in rows]
    if not isinstance(voice, str) or min(sizes, default=0) < 1 or sum(sizes) != len(content):
        raise ValueError(
            "a lexicon of pronunciations has a voice, and filters of a byte or more, as many as are stored"
        )
    ends = itertools.accumulate(sizes)
    parts = [content[end - size : end] for end, (size, _) in zip(ends, rows, strict=True)]
    built = (BloomFilter(part, hashes) for part, (_, hashes) in zip(parts, rows, strict=True))
    return PronouncedLexicon(voice, tuple(built), card.lexica, phones)


def prosody_from_json(values: Any) -> ProsodyModel:
    """Reads a prosody model from what `ProsodyModel.to_json` returned.

    Raises:
      ValueError: values of another form; one sentence.
    """
    parts = ("phones", "duration", "f0", "level", "voiced", "silence_level", "pauses", "median_f0")
    phones, duration, f0, level, voiced, silence_level, pauses, median_f0 = _take(
        values, parts, "a prosody model"
    )
    phones = _phones(phones)
    names = {*phones.consonants, *phones.vowels}
    if not isinstance(voiced, list) or not names.issuperset(voiced):
        raise ValueError("voiced is a list of phones")
    after = [_numbers(one, 2) for one in _take(pauses, (*_ENDS,), "pauses")]
    silence, median = _numbers([silence_level, median_f0], 2)
    return ProsodyModel(
        phones,
        _target(duration, names),
        _target(f0, names),
        _target(level, names),
        frozenset(voiced),
        silence,
        {final: (one[0], one[1]) for final, one in zip(_ENDS.values(), after, strict=True)},
        median,
    )


def _target(values: Any, phones: set[str]) -> AdditiveTarget:
    parts = ("phone_means", "weights", "vowel_sd", "consonant_sd", "phrase_sd")
    means, weights, *spreads = _take(values, parts, "a target of prosody")
    if not isinstance(means, dict) or {*means} != phones:
        raise ValueError("a target of prosody has the mean of each phone")
    return AdditiveTarget(
        dict(zip(means, _numbers([*means.values()], len(means)), strict=True)),
        np.array(_numbers(_take(weights, FEATURES, "the weights of prosody"), len(FEATURES))),
        *_numbers(spreads, 3),
    )


def _take(values: Any, names: tuple[str, ...], what: str) -> list[Any]:
    """Returns the values of an object in the order of `names`, which are all that it has.

    Args:
      values: the object.
      names: of its values.
      what: the object is, for the message.
    """
    if not isinstance(values, dict) or {*values} != {*names}:
        shown = ", ".join(names) if len(names) < 10 else f"{len(names)} values"
        raise ValueError(f"{what} has {shown}")
    return [values[name] for name in names]


def _phones(values: Any) -> PhoneSet:
    consonants, vowels, stressed, silence = _take(
        values, ("consonants", "vowels", "stressed", "silence"), "a set of phones"
    )
    for some in (consonants, vowels, stressed, [silence]):
        if not isinstance(some, list) or not all(
            isinstance(one, str) and one.split() == [one] for one in some
        ):
            raise ValueError("a set of phones has lists of names, of a sign or more without spaces")
    return PhoneSet(tuple(consonants), tuple(vowels), tuple(stressed), silence)


def _rows(values: Any, length: int) -> list[list[int]]:
    if not isinstance(values, list) or not all(
        isinstance(row, list) and len(row) == length and all(type(x) is int for x in row) for row in values
    ):
        raise ValueError(f"shapes, lengths and filters are rows of {length} whole numbers")
    return values


def _numbers(values: Any, length: int) -> list[float]:
    if not isinstance(values, list) or len(values) != length:
        raise ValueError(f"there are not {length} numbers where they should be")
    if not all(type(x) in (int, float) and math.isfinite(x) for x in values):
        raise ValueError("a value that should be a number is none")
    return [float(x) for x in values]


def _readings(values: Any) -> Readings:
    if not isinstance(values, dict) or not all(isinstance(some, dict) for some in values.values()):
        raise ValueError("readings are shares by letter and phones")
    return {
        letter: dict(
            zip((tuple(key.split()) for key in some), _numbers([*some.values()], len(some)), strict=True)
        )
        for letter, some in values.items()
    }
