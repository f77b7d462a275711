"""Reads a phonotactic and a prosody model from JSON values, and writes the former; `ValueError` says what is wrong."""

import math
from typing import Any

import numpy as np

from babble_jax import config
from babble_jax.ngram import ngram_from_json
from babble_jax.tacotron.phonotactics.lexicon import Lexicon
from babble_jax.tacotron.phonotactics.model import PhonotacticCard, PhonotacticModel
from babble_jax.tacotron.phonotactics.phrase import PhoneSet
from babble_jax.tacotron.phonotactics.prosody import AdditiveTarget, ProsodyModel
from babble_jax.tacotron.phonotactics.prosody_features import FEATURES
from babble_jax.tacotron.phonotactics.readings import Readings
from babble_jax.tacotron.phonotactics.syllables import clusters_from_json

_ENDS = {"held": False, "final": True}
_PARTS = ("card", "phones", "clusters", "ngram", "shapes", "lengths", "readings")


def model_to_json(model: PhonotacticModel) -> dict[str, Any]:
    """Returns plain JSON values of a model but for the words of its lexicon; exact."""
    readings = model.lexicon.readings if model.lexicon else {}
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
    }


def model_from_json(values: Any, words: tuple[str, ...], source: str) -> PhonotacticModel:
    """Reads a model.

    Args:
      values: as `model_to_json` gave them.
      words: of its lexicon, sorted.
      source: file of the values, for messages.

    Raises:
      ValueError: values of another form; one sentence.
      BabbleError: another card; the message names the file.
    """
    card, phones, clusters, ngram, shapes, lengths, readings = _take(values, _PARTS, "a phonotactic model")
    card = config.from_json(PhonotacticCard, card, f"{source}: card")
    phones = _phones(phones)
    counts = [
        {count: number for count, number in _rows(some, 2)} for some in _take(lengths, (*_ENDS,), "lengths")
    ]
    return PhonotacticModel(
        phones,
        clusters_from_json(clusters, phones),
        ngram_from_json(ngram),
        {(count, stress): number for count, stress, number in _rows(shapes, 3)},
        dict(zip(_ENDS.values(), counts, strict=True)),
        Lexicon(words, _readings(readings), card.lexica) if words else None,
        card,
    )


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
        if not isinstance(some, list) or not all(isinstance(one, str) for one in some):
            raise ValueError("a set of phones has lists of names")
    return PhoneSet(tuple(consonants), tuple(vowels), tuple(stressed), silence)


def _rows(values: Any, length: int) -> list[list[int]]:
    if not isinstance(values, list) or not all(
        isinstance(row, list) and len(row) == length and all(type(x) is int for x in row) for row in values
    ):
        raise ValueError(f"shapes and lengths are rows of {length} whole numbers")
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
