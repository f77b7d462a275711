"""Measures of strings of phones: their longest run that stands in a text, their pairs beside those of it, entropy."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from babble_jax.judge.phones import PhoneText, bigram_entropy, phone_entropy
from babble_jax.ngram import fit_ngram

_BOUNDS = (5, 50, 95)


def compare_strings(
    real: Sequence[Sequence[str]],
    text: Sequence[Sequence[str]],
    draws: Mapping[str, Sequence[Sequence[str]]],
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Compares strings of phones: those that are held out, drawn ones, a bigram's and shuffled ones.

    Args:
      real: that are held out.
      text: that was fitted.
      draws: of models, by name.
      rng: draws those of the bigram, and shuffles.
    """
    bigram = fit_ngram(text, 2)
    table = {
        "held_out": real,
        **draws,
        "bigram": [bigram.sample_of_length(rng, len(one)) for one in real],
        "shuffled": shuffle(real, rng),
    }
    runs = PhoneText(text)
    return {name: describe_strings(strings, text, runs) for name, strings in table.items()}


def describe_strings(
    strings: Sequence[Sequence[str]], text: Sequence[Sequence[str]], runs: PhoneText
) -> dict[str, Any]:
    """Measures strings of phones beside a text.

    Args:
      strings: that are measured.
      text: of which the pairs of phones are compared.
      runs: the text, of which the longest run of each string is looked for.
    """
    longest = [len(runs.longest_run(one)) for one in strings]
    shares = [longest[i] / len(one) for i, one in enumerate(strings)]
    phones = [phone for one in strings for phone in one]
    return {
        "phones": len(phones),
        "longest_run": [float(x) for x in np.percentile(longest, _BOUNDS)],
        "longest_run_mean": float(np.mean(longest)),
        "phrases_in_text": sum(share == 1 for share in shares),
        "bigram_distance": _divergence(_bigrams(strings), _bigrams(text)),
        "phone_entropy": phone_entropy(phones),
        "bigram_entropy": bigram_entropy(phones),
    }


def _bigrams(strings: Sequence[Sequence[str]]) -> Counter:
    return Counter(pair for one in strings for pair in itertools.pairwise(one))


def _divergence(a: Counter, b: Counter) -> float:
    """Computes the Jensen-Shannon divergence of two distributions from their counts, bits."""
    names = sorted({*a, *b})
    p, q = (np.array([some[name] for name in names]) / some.total() for some in (a, b))
    m = (p + q) / 2
    return float(sum(0.5 * np.sum(x[x > 0] * np.log2(x[x > 0] / m[x > 0])) for x in (p, q)))


def shuffle(strings: Sequence[Sequence[str]], rng: np.random.Generator) -> list[tuple[str, ...]]:
    """Shuffles the phones of all strings, whose lengths stay."""
    phones = [phone for one in strings for phone in one]
    order, ends = rng.permutation(len(phones)), np.cumsum([len(one) for one in strings])
    shuffled = [phones[i] for i in order]
    return [tuple(shuffled[end - len(one) : end]) for one, end in zip(strings, ends, strict=True)]
