"""Values of events of any number of conversations: in memory while they are few, in a temporary file beyond.

Medians and their intervals are exact in both cases. Of the file two megabytes are in memory at a time; it has no
name, so that nothing is left of it however the process ends.

Axes: V values of one kind in C conversations, G groups of these.
"""

import array
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from typing import IO, Any

import numpy as np

from babble_jax.files import wrap_oserror
from babble_jax.timing.events.intervals import interval_shares, median_interval
from babble_jax.timing.events.measures import FTO_STATISTICS, summarize_fto

MOST_IN_MEMORY = 2**18
"""Values of one kind beyond which they go into a file."""
_DIGITS = 16  # bits of a float64 that a pass over the file sorts by
_SIGN = np.uint64(1 << 63)


class ValueStore:
    """Collects values conversation by conversation.

    Attributes:
      total: sum of all.
    """

    def __init__(self):
        self.total = 0.0
        self._size, self._pending = 0, 0
        self._parts: list[np.ndarray] = []
        self._counts = array.array("q")
        self._file: IO[bytes] | None = None

    def __len__(self) -> int:
        return self._size

    def add(self, values: np.ndarray) -> None:
        """Adds the values of the next conversation, float64."""
        self.total += float(values.sum())
        self._counts.append(len(values))
        self._parts.append(values)
        self._size += len(values)
        self._pending += len(values)
        if self._pending > MOST_IN_MEMORY:
            with wrap_oserror(tempfile.gettempdir()):
                if self._file is None:
                    self._file = tempfile.TemporaryFile()  # noqa: SIM115
                    weakref.finalize(self, self._file.close)
                self._file.write(np.concatenate(self._parts).tobytes())
                self._file.flush()
            self._parts, self._pending = [], 0

    def chunks(self) -> Iterator[np.ndarray]:
        """Yields all values in order, a quarter of a million at a time."""
        if self._file is not None:
            self._file.seek(0)
            while content := self._file.read(8 * MOST_IN_MEMORY):
                yield np.frombuffer(content)
            self._file.seek(0, 2)
        if self._pending:
            yield np.concatenate(self._parts)

    def in_memory(self) -> np.ndarray | None:
        """Returns all values, [V]; None where they are too many."""
        return np.concatenate([np.zeros(0), *self._parts]) if self._file is None else None

    def median(self) -> float | None:
        """Computes the median; None where there is no value."""
        if not len(self):
            return None
        values = self.in_memory()
        if values is not None:
            return float(np.median(values))
        low, high = self.order_statistics([(len(self) - 1) // 2, len(self) // 2])
        return (low + high) / 2

    def median_and_interval(self, group: np.ndarray) -> tuple[float | None, tuple[float, float] | None]:
        """Computes the median, and its interval over groups as `intervals.median_interval` does.

        Args:
          group: [C] integers, the group of each conversation.
        """
        values, median = self.in_memory(), self.median()
        if median is None:
            return None, None
        if values is not None:
            return median, median_interval(values, np.repeat(group, self._counts))
        counts = np.array(self._counts)
        _, index = np.unique(group[counts > 0], return_inverse=True)
        number = np.bincount(index, counts[counts > 0])
        if len(number) < 2:
            return median, None
        below, ends, first = np.zeros(len(number)), np.cumsum(counts[counts > 0]), 0
        for chunk in self.chunks():
            rows = np.searchsorted(ends, np.arange(first, first + len(chunk)), side="right")
            below += np.bincount(index[rows], (chunk < median) + 0.5 * (chunk == median), len(number))
            first += len(chunk)
        shares = interval_shares(below - number * (below.sum() / len(self)), len(self))
        ranks = np.clip(np.ceil(shares * len(self) - 1), 0, len(self) - 1).astype(int)  # the inverted cdf
        low, high = self.order_statistics(ranks.tolist())
        return median, (min(low, median), max(high, median))

    def order_statistics(self, ranks: Sequence[int]) -> list[float]:
        """Selects the values of some ranks, from 0, in four passes over all values.

        Args:
          ranks: from 0 to V - 1.
        """
        prefixes, left = [0] * len(ranks), list(ranks)
        for shift in range(64 - _DIGITS, -1, -_DIGITS):
            counts = {prefix: np.zeros(1 << _DIGITS, np.int64) for prefix in prefixes}
            for chunk in self.chunks():
                keys = _sortable(chunk)
                for prefix, count in counts.items():
                    own = (
                        keys if shift == 64 - _DIGITS else keys[keys >> np.uint64(shift + _DIGITS) == prefix]
                    )
                    digit = (own >> np.uint64(shift)) & np.uint64((1 << _DIGITS) - 1)
                    count += np.bincount(digit.astype(np.int64), minlength=1 << _DIGITS)
            for i, prefix in enumerate(prefixes):
                reached = np.cumsum(counts[prefix])
                digit = int(np.searchsorted(reached, left[i], side="right"))
                left[i] -= int(reached[digit - 1]) if digit else 0
                prefixes[i] = (prefix << _DIGITS) + digit
        return [_value_of(prefix) for prefix in prefixes]


def summarize_stored_ftos(ftos: ValueStore) -> dict[str, Any]:
    """Computes `measures.FTO_STATISTICS` of FTOs, seconds, wherever they are stored."""
    values = ftos.in_memory()
    if values is not None:
        return summarize_fto(values)
    number, mean = len(ftos), ftos.total / len(ftos)
    sums = np.zeros(4)
    for chunk in ftos.chunks():
        sums += [np.sum((chunk - mean) ** 2), (chunk < 0).sum(), (chunk < 0.2).sum(), (chunk > 1).sum()]
    statistics = [ftos.median(), mean, np.sqrt(sums[0] / number), *(sums[1:] / number)]
    named = zip(FTO_STATISTICS[1:], map(float, statistics), strict=True)
    return {"n": number, **dict(named)}


def _sortable(values: np.ndarray) -> np.ndarray:
    """Converts float64, [V], to uint64 of the same order."""
    bits = (values + 0.0).view(np.uint64)  # -0 becomes 0
    return np.where(bits & _SIGN, ~bits, bits | _SIGN)


def _value_of(key: int) -> float:
    """Converts a key of `_sortable` back."""
    bits = np.uint64(key)
    return float((bits & ~_SIGN if bits & _SIGN else ~bits).view(np.float64))
