"""Adapts the unit language model of a speaker to another one, of whom there are few minutes.

The runs of the new speaker are put beside those of the other one, each several times: its counts are weighted and
merged (Bacchiani & Roark 2003, "Unsupervised language model adaptation", ICASSP). A context that the recordings of the
new speaker hold is mostly followed as it is there; another one as by the other speaker. Phrases and pauses go with the
runs. The weight is the one under which new phrases of the new speaker are the most probable.

Axes: N runs of a unit, P phrases.
"""

import collections
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from babble_jax.ngram import Context, NGram, fit_ngram
from babble_jax.voice.conditioning.unit_lm import UnitLM

SHARES = (0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8)
"""Shares of the new speaker's runs that are tried; beside them, all runs."""
_ORDER = 3  # a run given the two before it, as in the unit language model
_SILENCE = 0.2  # seconds between two speakers' recordings, where neither has a pause


class AdaptedUnitLM(NamedTuple):
    """A unit language model that was adapted.

    Attributes:
      unit_lm: of the new speaker.
      share: of its runs that are the new speaker's own, (0, 1].
      bits: per run of new phrases of the new speaker, under a trigram of the counts that were merged.
      own_bits: the same with the new speaker's runs alone.
      other_bits: the same with the other speaker's runs alone.
    """

    unit_lm: UnitLM
    share: float
    bits: float
    own_bits: float
    other_bits: float

    def __str__(self) -> str:
        """Says how many runs are the new speaker's own, and why."""
        text = (
            f"{self.share:.0%} of the runs are the new speaker's own, {self.bits:.2f} bits per run of held-out "
            f"phrases; {self.own_bits:.2f} by its own alone, {self.other_bits:.2f} by the other speaker's alone"
        )
        if self.other_bits < self.bits:
            text += ", which are never taken alone, since phrases, pauses and melody are to be the new speaker's, too"
        return text


def adapt_unit_lm(own: UnitLM, other: UnitLM, held_out: UnitLM, units: int) -> AdaptedUnitLM:
    """Adapts a unit language model, with the share of the new speaker's runs that held-out phrases ask for.

    Args:
      own: of the new speaker.
      other: of a speaker of whom there is more.
      held_out: of phrases of the new speaker that are not in `own`.
      units: number of units of the codebook.

    Returns:
      The model, whose unit of silence is that of `other`; of equally good shares it has the largest.
    """
    symbols = tuple(map(str, range(units)))
    phrases = phrase_strings(held_out)
    counts = [fit_ngram(phrase_strings(lm), _ORDER, symbols).counts for lm in (own, other)]
    repeats = {(1, 0): 1.0, (0, 1): 0.0}  # of own and of other runs, and the share of own ones
    for share in SHARES:
        times = max(1, round(share / (1 - share) * len(other.units) / len(own.units)))
        repeats[times, 1] = times * len(own.units) / (times * len(own.units) + len(other.units))
    bits = {
        one: NGram(_ORDER, symbols, _merge(zip(counts, one, strict=True))).cross_entropy(phrases)
        for one in repeats
    }
    best = min((one for one in repeats if one[0]), key=lambda one: (bits[one], -repeats[one]))
    merged = join_unit_lms([own] * best[0] + [other] * best[1], other.silence_unit)
    return AdaptedUnitLM(merged, repeats[best], bits[best], bits[1, 0], bits[0, 1])


def phrase_strings(unit_lm: UnitLM) -> list[tuple[str, ...]]:
    """Lists the phrases of a unit language model as strings of units."""
    edges = [0, *(np.flatnonzero(unit_lm.ends_phrase) + 1).tolist()]
    names = list(map(str, unit_lm.units.tolist()))
    return [tuple(names[first:stop]) for first, stop in itertools.pairwise(edges)]


def _merge(parts: Iterable[tuple[Mapping[Context, Mapping[str, int]], int]]) -> dict[Context, dict[str, int]]:
    """Adds counts of symbols by context, each times a whole number."""
    merged: dict[Context, dict[str, int]] = collections.defaultdict(lambda: collections.defaultdict(int))
    for counts, times in parts:
        for context, row in counts.items() if times else ():
            for symbol, count in row.items():
                merged[context][symbol] += times * count
    return merged


def join_unit_lms(unit_lms: Sequence[UnitLM], silence_unit: int) -> UnitLM:
    """Joins unit language models to that of one speaker, whose recordings follow each other.

    Args:
      unit_lms: one at least; the same may stand there several times.
      silence_unit: unit of silence of the joined model.
    """
    between = np.concatenate([lm.pauses[lm.ends_recording[:-1]] for lm in unit_lms])
    pause = [float(np.median(between)) if len(between) else _SILENCE]  # between the recordings of two models
    pauses = [part for lm in unit_lms for part in (lm.pauses, pause)][:-1]

    def join(name: str) -> np.ndarray:
        return np.concatenate([getattr(lm, name) for lm in unit_lms])

    return UnitLM(
        join("units"),
        join("durations"),
        join("ends_phrase"),
        join("pitch"),
        join("rms_db"),
        join("ends_recording"),
        np.concatenate(pauses).astype(np.float32).astype(np.float64),  # as a file holds them
        silence_unit,
    )
