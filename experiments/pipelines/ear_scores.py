"""Shares of errors in what an ear hears, with intervals, by what of a string is counted.

Axes: N utterances.
"""

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from babble_jax.dataset.labelled.recording import SILENCE, LabelledRecording
from babble_jax.dataset.labelled.transcripts import SPACE
from babble_jax.ear.scoring import count_errors

STRESS = {"aa": "a", "ee": "e", "ii": "i", "yy": "y", "uu": "u", "ur": "u", "ay": "ae"}
"""Folding of vowels that the phone set of festvox-ru tells apart by stress and degree of reduction: stressed with
unstressed a, e, i, y and u; the two reduced vowels of other syllables (ae after soft consonants, ay after hard ones),
to which the phone set gives the same features. Stress is a property of words, and labels have it from a dictionary."""
SOFTNESS = {f"{one}{one}": one for one in "pbtdkgfvszhmnlr"}
"""Folding of palatalized consonants with plain ones."""
UNCOUNTED = (SILENCE, SPACE)
"""What no error rate of phones counts."""

Strings = list[list[str]]
Reading = Callable[[Sequence[str]], list[str]]
"""What of a string is counted."""
_BOOTSTRAPS = 2000


def fold_symbols(string: Sequence[str], fold: Mapping[str, str]) -> list[str]:
    """Takes symbols of a string for others.

    Args:
      string: of symbols.
      fold: what is taken for what.
    """
    return [fold.get(symbol, symbol) for symbol in string]


UNFOLDED = functools.partial(fold_symbols, fold={})
PHONES: dict[str, Reading] = {
    "unfolded": UNFOLDED,
    "stress": functools.partial(fold_symbols, fold=STRESS),
    "stress_and_softness": functools.partial(fold_symbols, fold=STRESS | SOFTNESS),
}
"""Readings of strings of phones."""
GRAPHEMES: dict[str, Reading] = {
    "letters": lambda string: [symbol for symbol in string if symbol != SPACE],
    "characters": UNFOLDED,
    "words": lambda string: "".join(string).split(),
}
"""Readings of strings of letters with spaces, which are characters."""


def spell(recording: LabelledRecording, uncounted: Collection[str] = UNCOUNTED) -> list[str]:
    """Lists the symbols of a recording, but for those that are not counted."""
    assert recording.labels is not None
    return [symbol for symbol in recording.labels.symbols if symbol not in uncounted]


def score_strings(
    reference: Strings, strings: Mapping[str, Strings | list[Strings]], read: Reading = UNFOLDED
) -> dict[str, dict[str, float]]:
    """Scores strings by the share of errors, with a 95 % bootstrap interval over utterances.

    Args:
      reference: N right strings.
      strings: by name N strings; or several lists of N, of which the mean is taken.
      read: what of each string is counted.
    """
    right_strings = [read(one) for one in reference]
    lengths = np.array([len(one) for one in right_strings], float)
    scores = {}
    for name, every in strings.items():
        lists: Any = every if every and every[0] and isinstance(every[0][0], list) else [every]
        errors = np.mean(
            [
                [count_errors(right, read(other)) for right, other in zip(right_strings, one, strict=True)]
                for one in lists
            ],
            axis=0,
        )
        low, high = bootstrap(lambda at, errors=errors: errors[at].sum() / lengths[at].sum(), len(lengths))
        scores[name] = {"rate": float(errors.sum() / lengths.sum()), "low": low, "high": high}
    return scores


def bootstrap(statistic: Callable[[np.ndarray], float], count: int, seed: int = 0) -> tuple[float, float]:
    """Computes a 95 % percentile interval of a statistic over utterances.

    Args:
      statistic: of the positions of utterances, with repetitions.
      count: utterances.
      seed: random seed.
    """
    rng = np.random.default_rng(seed)
    draws = [statistic(rng.integers(0, count, count)) for _ in range(_BOOTSTRAPS)]
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)
