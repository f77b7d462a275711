"""Counts the floor-transfer offsets (FTOs) of a large corpus in bins, conversation by conversation.

The counts are by bucket: groups of people are dealt to `BUCKETS` by their hashes, and a side of a split, or a fold, is
a number of buckets. So neither memory nor the time of a fit grows with the corpus, once its bins are full. Families are
fitted to quantiles of the counts, so many that no score shows it; held-out scores are of all offsets.

Axes: K bins of buckets, V distinct bins, S quantiles, B buckets.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.shards import follow
from babble_jax.timing.distributions.binned import bin_widths
from babble_jax.timing.events import Definitions, FtoLevel, floor_transfers, ipus
from babble_jax.timing.splits import TRAIN_SHARE, bucket

BIN = 0.001
"""Seconds: the width of a bin, far below the 5 ms within which a density hardly changes."""
BUCKETS = 1000
QUANTILES = 100_000
"""Offsets that stand for all in a fit: each for a hundred-thousandth of the distribution."""
_PENDING = 2**20  # offsets that are counted together
_BUCKET_SHIFT, _BIN_BITS = 52, 32  # of a key: bucket, number of the resolution, bin
_ZERO = 2**31  # of bins, so that all numbers are positive


@dataclasses.dataclass(frozen=True, eq=False)
class OffsetCounts:
    """The FTOs of a corpus in bins.

    Attributes:
      keys: [K] int64 in order; the bucket, the number of the resolution and the bin in one.
      count: [K] int64 number of FTOs.
      resolutions: seconds to which sources round their times.
      units: [B] number of groups, or of speakers.
      conversations: how many are on the side to train on, and how many are held out; by groups all, and by speakers
        those with an FTO on that side.
      with_ftos: how many conversations have FTOs.
      names: of the speakers on each side.
      are_people: whether the names are those of people: in every corpus more of them than speak in any conversation.
    """

    keys: np.ndarray
    count: np.ndarray
    resolutions: np.ndarray
    units: np.ndarray
    conversations: tuple[int, int]
    with_ftos: int
    names: tuple[frozenset[str], frozenset[str]]
    are_people: bool

    def __len__(self) -> int:
        return int(self.count.sum())

    def bins(self, buckets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Sums the counts of some buckets.

        Args:
          buckets: [B] bool.

        Returns:
          ([V], [V], [V]): distinct middles of bins and the resolution of their source, seconds, and counts.
        """
        own = buckets[self.keys >> _BUCKET_SHIFT]
        distinct, index = np.unique(_without_bucket(self.keys[own]), return_inverse=True)
        bins = (distinct & ((1 << _BIN_BITS) - 1)) - _ZERO
        resolution = self.resolutions[distinct >> _BIN_BITS]
        # In bins of a source with finer times no middle is 0, where some densities jump.
        value = np.where(resolution >= BIN, bins * BIN, (bins + 0.5) * BIN)
        return value, resolution, np.bincount(index, self.count[own], len(distinct)).astype(np.int64)

    def quantiles(self, buckets: np.ndarray, most: int = QUANTILES) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns FTOs of some buckets, [S] seconds in order, and the widths of their bins, as `bin_widths` has them.

        Args:
          buckets: [B] bool.
          most: S, unless there are fewer FTOs.
        """
        value, resolution, count = self.bins(buckets)
        order = np.argsort(value, kind="stable")
        value, resolution, count = value[order], resolution[order], count[order]
        reached = np.cumsum(count)
        number = int(min(reached[-1], most)) if len(reached) else 0
        ranks = (np.arange(number) + 0.5) / max(number, 1) * (reached[-1] if len(reached) else 0)
        rows = np.searchsorted(reached, ranks, side="right")
        return value[rows], bin_widths(resolution[rows])

    def bucket_sums(self, buckets: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sums values of the bins over the FTOs of each bucket that has some.

        Args:
          buckets: [B] bool.
          values: [V] of the bins of these buckets, as `bins` lists them.

        Returns:
          ([B], [B]): the sums, and the numbers of FTOs; 0 in other buckets.
        """
        own = buckets[self.keys >> _BUCKET_SHIFT]
        keys, count = self.keys[own], self.count[own]
        row = np.unique(_without_bucket(keys), return_inverse=True)[1]
        group = keys >> _BUCKET_SHIFT
        return np.bincount(group, count * values[row], BUCKETS), np.bincount(group, count, BUCKETS)


def count_offsets(
    conversations: Sequence[Conversation], fto_level: FtoLevel, definitions: Definitions, by: str = "group"
) -> OffsetCounts:
    """Counts the FTOs of conversations, of which one is in memory at a time.

    Args:
      conversations: of any number of speakers.
      fto_level: of the FTOs.
      definitions: of the events.
      by: what the buckets keep together: a "group" of people or an incoming "speaker".
    """
    return _Counter(fto_level, definitions, by).count(conversations)


class _Counter:
    """Counts conversation by conversation; arguments as of `count_offsets`."""

    def __init__(self, fto_level: FtoLevel, definitions: Definitions, by: str):
        self._fto_level: FtoLevel = fto_level
        self._definitions, self._by = definitions, by
        self._keys, self._counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self._parts: list[np.ndarray] = []
        self._pending = 0
        self._resolutions: dict[float, int] = {}
        self._units: dict[str, int] = {}  # bucket of each
        self._names: tuple[set[str], set[str]] = (set(), set())
        self._corpora: dict[str, tuple[set[str], int]] = {}
        self._conversations, self._with_ftos = [0, 0], 0

    def count(self, conversations: Sequence[Conversation]) -> OffsetCounts:
        """Goes through all conversations and counts."""
        for conversation in follow(conversations, "counting offsets"):
            self._add(conversation)
            if self._pending > _PENDING:
                self._merge()
        self._merge()
        return OffsetCounts(
            self._keys,
            self._counts,
            np.array(list(self._resolutions)),
            np.bincount(list(self._units.values()), minlength=BUCKETS),
            (self._conversations[0], self._conversations[1]),
            self._with_ftos,
            (frozenset(self._names[0]), frozenset(self._names[1])),
            all(len(names) > most for names, most in self._corpora.values()),
        )

    def _add(self, one: Conversation) -> None:
        transfers = floor_transfers(ipus(one, self._definitions), self._fto_level, self._definitions)
        fto = transfers.fto[transfers.defined]
        if self._by == "group":
            buckets = np.full(len(fto), self._bucket_of(one.group))
            parts = {int(not is_train(self._bucket_of(one.group)))}
        else:
            own = np.array([self._bucket_of(f"{one.corpus} {name}") for name in one.speakers], np.int32)
            buckets = own[transfers.speaker[transfers.defined]]
            parts = {int(not is_train(number)) for number in np.unique(buckets).tolist()}
        for part in parts:  # 0 to train on, 1 held out
            self._conversations[part] += 1
            self._names[part].update(one.speakers)
        names, most = self._corpora.get(one.corpus, (set(), 0))
        names.update(one.speakers)
        self._corpora[one.corpus] = (names, max(most, len(one.speakers)))
        self._with_ftos += bool(len(fto))
        resolution = self._resolutions.setdefault(one.time_resolution, len(self._resolutions))
        bins = (np.round if one.time_resolution >= BIN else np.floor)(fto / BIN).astype(np.int64) + _ZERO
        keys = (buckets.astype(np.int64) << _BUCKET_SHIFT) | (resolution << _BIN_BITS) | bins
        self._parts.append(keys)
        self._pending += len(keys)

    def _bucket_of(self, unit: str) -> int:
        if unit not in self._units:
            self._units[unit] = bucket(unit, BUCKETS)
        return self._units[unit]

    def _merge(self) -> None:
        """Adds the keys of the last conversations to the counts."""
        keys, index = np.unique(np.concatenate([self._keys, *self._parts]), return_inverse=True)
        count = np.concatenate([self._counts, np.ones(self._pending, np.int64)])
        self._keys, self._counts, self._parts = keys, np.bincount(index, count).astype(np.int64), []
        self._pending = 0


def is_train(number: int) -> bool:
    """Tells whether a bucket is one to train on."""
    return number < round(TRAIN_SHARE * BUCKETS)


def _without_bucket(keys: np.ndarray) -> np.ndarray:
    return keys & ((1 << _BUCKET_SHIFT) - 1)
