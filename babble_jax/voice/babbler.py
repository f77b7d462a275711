"""The interface of a voice in a dialogue, a voice shifted in pitch and formants, and one with a cache.

Axes: N streams (one per utterance), 2 words of a key.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import jax
import numpy as np
import soxr

from babble_jax.errors import BabbleError

PAIR_RATIOS = (2**-0.25, 2**0.25)
"""Ratios of pitch and formants that make two speakers of one voice, half an octave apart around the voice itself."""

_RESAMPLER_TAIL = 1024  # samples; the end of the input affects fewer than the last 200 samples of the output


class Babbler(Protocol):
    """A voice that makes independent streams of babble.

    Attributes:
      name: name in the manifest.
      sample_rate: Hz.
      settings: further entries of the manifest (temperature, checkpoint ...); JSON values.
      takes_activity: whether it is conditioned on `active`.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 (documented above)

    @property
    def sample_rate(self) -> int: ...  # noqa: D102

    @property
    def settings(self) -> Mapping[str, Any]: ...  # noqa: D102

    @property
    def takes_activity(self) -> bool: ...  # noqa: D102

    def babble(
        self,
        keys: np.ndarray,
        samples: Sequence[int],
        advance: Callable[[int], None],
        active: Sequence[tuple[float, float]] | None = None,
    ) -> list[np.ndarray]:
        """Makes N independent streams of babble.

        Args:
          keys: [N, 2] uint32, threefry key data (`jax.random.wrap_key_data`). Stream i depends on `keys[i]`
            alone, and a longer request begins with the samples of a shorter one.
          samples: [N] lengths in samples.
          advance: called from time to time with the number of samples made since the last call, for progress.
          active: onset and end of the speech of each stream, in seconds; where it is None, or the voice does not
            `takes_activity`, streams speak without end.

        Returns:
          N arrays, float32 in [-1, 1]; the i-th is at least `samples[i]` long.
        """
        ...


@dataclasses.dataclass(frozen=True)
class PitchShiftedBabbler:
    """A voice shifted to a vocal tract and vocal folds of another size.

    Every stream is resampled to play `ratio` times as fast: pitch and formants rise by `ratio` together, as in a
    speaker whose vocal tract is 1 / `ratio` as long, and the speech rate rises as much. For n samples the voice makes
    about `ratio` x n.

    Attributes:
      babbler: the voice.
      ratio: factor on pitch and formants, 0.5 to 2; above 1 for a smaller speaker.
    """

    babbler: Babbler
    ratio: float

    def __post_init__(self):
        if not 0.5 <= self.ratio <= 2:
            raise BabbleError(f"A voice can be shifted by a ratio from 0.5 to 2, not {self.ratio:g}.")

    @property
    def name(self) -> str:
        """The voice's name and the ratio."""
        return f"{self.babbler.name} x {self.ratio:.3f}"

    @property
    def sample_rate(self) -> int:
        """The voice's own."""
        return self.babbler.sample_rate

    @property
    def settings(self) -> Mapping[str, Any]:
        """The voice's own and the ratio."""
        return {**self.babbler.settings, "ratio": self.ratio}

    @property
    def takes_activity(self) -> bool:
        """The voice's own."""
        return self.babbler.takes_activity

    def babble(
        self,
        keys: np.ndarray,
        samples: Sequence[int],
        advance: Callable[[int], None],
        active: Sequence[tuple[float, float]] | None = None,
    ) -> list[np.ndarray]:
        """Makes streams as `Babbler.babble` does.

        Args:
          keys: see `Babbler.babble`.
          samples: see `Babbler.babble`.
          advance: see `Babbler.babble`; counts samples after resampling.
          active: see `Babbler.babble`; in seconds after resampling.
        """
        lengths = [math.ceil(n * self.ratio) + _RESAMPLER_TAIL for n in samples]
        done = reported = 0

        def report(more: int) -> None:
            nonlocal done, reported
            done += more
            now = math.floor(done * sum(samples) / max(sum(lengths), 1))
            advance(now - reported)
            reported = now

        if active is not None:
            active = [(onset * self.ratio, end * self.ratio) for onset, end in active]
        streams = self.babbler.babble(keys, lengths, report, active)
        # The tail is cut off again, so that the first n samples do not depend on the length of the request.
        return [
            soxr.resample(stream, self.ratio, 1.0, quality="VHQ")[:n]
            for stream, n in zip(streams, samples, strict=True)
        ]


class CachedBabbler:
    """A voice with a cache of its streams: to make one again costs nothing.

    A longer stream begins with the shorter one of the same key, so that the longest is stored.

    Args:
      babbler: the voice.
    """

    def __init__(self, babbler: Babbler):
        self._babbler = babbler
        self._streams: dict[tuple[bytes, tuple[float, float] | None], np.ndarray] = {}

    @property
    def name(self) -> str:
        """The voice's own."""
        return self._babbler.name

    @property
    def sample_rate(self) -> int:
        """The voice's own."""
        return self._babbler.sample_rate

    @property
    def settings(self) -> Mapping[str, Any]:
        """The voice's own."""
        return self._babbler.settings

    @property
    def takes_activity(self) -> bool:
        """The voice's own."""
        return self._babbler.takes_activity

    def babble(
        self,
        keys: np.ndarray,
        samples: Sequence[int],
        advance: Callable[[int], None],
        active: Sequence[tuple[float, float]] | None = None,
    ) -> list[np.ndarray]:
        """Makes streams as `Babbler.babble` does, or takes them from the cache.

        Args:
          keys: see `Babbler.babble`.
          samples: see `Babbler.babble`.
          advance: see `Babbler.babble`; counts streams of the cache, too.
          active: see `Babbler.babble`.
        """
        spans = [None] * len(keys) if active is None else active
        names = [(key.tobytes(), span) for key, span in zip(keys, spans, strict=True)]
        new = [i for i, name in enumerate(names) if len(self._streams.get(name, ())) < samples[i]]
        if new:
            streams = self._babbler.babble(
                keys[new],
                [samples[i] for i in new],
                advance,
                None if active is None else [active[i] for i in new],
            )
            self._streams |= {names[i]: stream for i, stream in zip(new, streams, strict=True)}
        advance(sum(samples[i] for i in range(len(names)) if i not in new))
        return [self._streams[name] for name in names]


def make_speaker_pair(babbler: Babbler) -> tuple[PitchShiftedBabbler, PitchShiftedBabbler]:
    """Makes two speakers of one voice, the lower one first, by `PAIR_RATIOS`."""
    low, high = PAIR_RATIOS
    return PitchShiftedBabbler(babbler, low), PitchShiftedBabbler(babbler, high)


def stream_keys(seed: int, *path: int, count: int) -> np.ndarray:
    """Makes the keys of streams: `seed`, with each number of `path` and then 0 ... count - 1 folded in.

    In a dialogue the path is (item, speaker): the key of an utterance depends on its own number alone.

    Args:
      seed: from 0 to 2**32 - 1.
      *path: numbers from 0 to 2**32 - 1.
      count: number of keys.

    Returns:
      [count, 2] uint32 key data.

    Raises:
      BabbleError: the seed or the item does not fit 32 bits.
    """
    for name, number in (("seed", seed), *(("item", number) for number in path)):
        if not 0 <= number < 2**32:
            raise BabbleError(f"{name} is {number}; choose from 0 to {2**32 - 1}.")
    key = jax.random.key(np.uint32(seed), impl="threefry2x32")
    for number in path:
        key = jax.random.fold_in(key, np.uint32(number))
    if count == 0:
        return np.zeros((0, 2), np.uint32)
    keys = jax.vmap(jax.random.fold_in, (None, 0))(key, np.arange(count, dtype=np.uint32))
    return np.asarray(jax.random.key_data(keys))
