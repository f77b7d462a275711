"""Division of words into syllables, and the consonants that may stand in their onsets and codas."""

import dataclasses
import functools
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from babble_jax.tacotron.phonotactics.phrase import PhoneSet, Syllable, Word

Cluster = tuple[str, ...]
Position = Literal["initial", "medial_onsets", "medial_codas", "final"]
_FEWEST = 2
"""Words in which a cluster must stand before it is taken for more than a slip."""


def onset_position(syllable: int) -> Position:
    """Returns the position of the onset of a syllable, numbered from 0."""
    return "medial_onsets" if syllable else "initial"


def coda_position(syllable: int, count: int) -> Position:
    """Returns the position of the coda of a syllable, numbered from 0, of a word of `count` syllables."""
    return "final" if syllable == count - 1 else "medial_codas"


@dataclasses.dataclass(frozen=True)
class Clusters:
    """Consonants that stand together, by position in a word; a cluster may be empty.

    Attributes:
      initial: onsets of first syllables.
      medial_onsets: onsets of the others.
      medial_codas: codas of all but the last syllable.
      final: codas of last syllables.
    """

    initial: frozenset[Cluster]
    medial_onsets: frozenset[Cluster]
    medial_codas: frozenset[Cluster]
    final: frozenset[Cluster]

    def hold(self, position: Position, cluster: Cluster) -> bool:
        """Says if a cluster is one of those of a position."""
        return cluster in getattr(self, position)

    def allow(self, word: Word) -> bool:
        """Says if all onsets and codas of a word are among the clusters."""
        count = len(word.syllables)
        return all(
            self.hold(onset_position(i), one.onset) and self.hold(coda_position(i, count), one.coda)
            for i, one in enumerate(word.syllables)
        )

    def following(self, position: Position, cluster: Cluster) -> tuple[str, ...]:
        """Returns the consonants with which a cluster is, or begins, one of those of a position, sorted."""
        return self._following[position].get(cluster, ())

    @functools.cached_property
    def _following(self) -> dict[str, dict[Cluster, tuple[str, ...]]]:
        tables: dict[str, dict[Cluster, tuple[str, ...]]] = {}
        for field in dataclasses.fields(self):
            table: dict[Cluster, set[str]] = {}
            for cluster in getattr(self, field.name):
                for i, phone in enumerate(cluster):
                    table.setdefault(cluster[:i], set()).add(phone)
            tables[field.name] = {begin: tuple(sorted(phones)) for begin, phones in table.items()}
        return tables

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values: phones of a cluster with a space between them."""
        return {
            field.name: sorted(" ".join(cluster) for cluster in getattr(self, field.name))
            for field in dataclasses.fields(self)
        }


def clusters_from_json(values: Any, phones: PhoneSet) -> Clusters:
    """Reads clusters from the values that `Clusters.to_json` returned.

    Raises:
      ValueError: values of another form; one sentence.
    """
    names = [field.name for field in dataclasses.fields(Clusters)]
    if not isinstance(values, dict) or sorted(values) != sorted(names):
        raise ValueError(f"clusters are lists of {', '.join(names)}")
    if not all(isinstance(x, list) and x and all(isinstance(one, str) for one in x) for x in values.values()):
        raise ValueError("clusters are lists of strings, none of them empty")
    read = {name: frozenset(tuple(one.split()) for one in values[name]) for name in names}
    others = {phone for some in read.values() for one in some for phone in one} - {*phones.consonants}
    if others:
        raise ValueError(
            f"clusters hold {', '.join(sorted(others))}, which are no consonants of the phone set"
        )
    return Clusters(**read)


def initial_clusters(words: Iterable[Sequence[str]], phones: PhoneSet) -> frozenset[Cluster]:
    """Lists what words begin with before their first vowel: clusters of `_FEWEST` words, and all single consonants."""
    counts: Counter[Cluster] = Counter()
    for word in words:
        vowels = [i for i, phone in enumerate(word) if phones.is_vowel(phone)]
        counts[tuple(word[: vowels[0]])] += bool(vowels)
    singles = {(phone,) for phone in phones.consonants}
    return frozenset({cluster for cluster, n in counts.items() if n >= _FEWEST} | singles | {()})


def syllabify(word: Sequence[str], phones: PhoneSet, onsets: frozenset[Cluster]) -> Word:
    """Divides a word so that each onset is the longest that may begin a word (Kahn 1976).

    Args:
      word: phones with one vowel at least.
      phones: of the language.
      onsets: that may begin a syllable within a word, single consonants among them.
    """
    at = [i for i, phone in enumerate(word) if phones.is_vowel(phone)]
    starts = [0]
    for last, nucleus in itertools.pairwise(at):
        starts.append(next(i for i in range(last + 1, nucleus + 1) if tuple(word[i:nucleus]) in onsets))
    ends = [*starts[1:], len(word)]
    return Word(
        tuple(
            Syllable(
                tuple(word[start:nucleus]),
                word[nucleus],
                tuple(word[nucleus + 1 : end]),
                phones.is_stressed(word[nucleus]),
            )
            for start, nucleus, end in zip(starts, at, ends, strict=True)
        )
    )


def find_clusters(words: Iterable[Word], fewest: int = _FEWEST) -> Clusters:
    """Collects the onsets and codas of words, by position; those of a single consonant or none count from one word."""
    counts: dict[str, Counter[Cluster]] = {
        field.name: Counter({(): fewest}) for field in dataclasses.fields(Clusters)
    }
    for word in words:
        for i, syllable in enumerate(word.syllables):
            counts[onset_position(i)][syllable.onset] += 1
            counts[coda_position(i, len(word.syllables))][syllable.coda] += 1
    return Clusters(
        **{
            name: frozenset(cluster for cluster, n in some.items() if n >= fewest or len(cluster) == 1)
            for name, some in counts.items()
        }
    )
