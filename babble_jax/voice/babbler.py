"""What the agent asks of a voice, and one voice made into two speakers.

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

TWO_OF_ONE = (2**-0.25, 2**0.25)
"""Ratios that make two speakers of one voice: half an octave apart, the voice itself in the middle."""

_RESAMPLER_TAIL = 1024  # samples; the resampler's answer depends on the end of its input over fewer than 200


class Babbler(Protocol):
    """A voice, ready to babble.

    Attributes:
      name: what the manifest calls it.
      sample_rate: samples per second.
      settings: what else the manifest says of it (temperature, checkpoint ...); JSON values.
      takes_activity: whether it speaks and is silent as `active` says.
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
        """N independent streams of babble.

        Args:
          keys: [N, 2] uint32, threefry key data (`jax.random.wrap_key_data`). Stream i depends on `keys[i]`
            alone, and a longer request begins with the samples of a shorter one.
          samples: [N] lengths asked for.
          advance: called now and then with the number of samples made since the last call, for progress.
          active: per stream, from when to when it is to speak, in seconds; absent, it speaks without end, as does one
            that is not `told`.

        Returns:
          N arrays, float32 in [-1, 1]; the i-th is at least `samples[i]` long.
        """
        ...


@dataclasses.dataclass(frozen=True)
class PitchShiftedBabbler:
    """The same voice from a vocal tract and folds of another size.

    Every stream is played `ratio` times as fast: pitch and formants rise by `ratio` together, as in a speaker
    whose vocal tract is 1 / `ratio` as long, and the babble is `ratio` times as quick. To give n samples the
    voice makes about `ratio` x n.

    Attributes:
      babbler: the voice.
      ratio: above 1 for a smaller speaker, below 1 for a larger one.
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
        """As `Babbler.babble`; `advance` counts samples after resampling."""
        asked = [math.ceil(n * self.ratio) + _RESAMPLER_TAIL for n in samples]
        made = given = 0

        def scaled(more: int) -> None:
            nonlocal made, given
            made += more
            now = math.floor(made * sum(samples) / max(sum(asked), 1))
            advance(now - given)
            given = now

        if active is not None:
            active = [(onset * self.ratio, offset * self.ratio) for onset, offset in active]
        streams = self.babbler.babble(keys, asked, scaled, active)
        # The tail is cut off again: so the first n samples do not know how many more were asked for.
        return [
            soxr.resample(stream, self.ratio, 1.0, quality="VHQ")[:n]
            for stream, n in zip(streams, samples, strict=True)
        ]


def two_of_one(babbler: Babbler) -> tuple[PitchShiftedBabbler, PitchShiftedBabbler]:
    """Two speakers of one voice, the first lower: ratios `TWO_OF_ONE`."""
    low, high = TWO_OF_ONE
    return PitchShiftedBabbler(babbler, low), PitchShiftedBabbler(babbler, high)


def stream_keys(seed: int, *path: int, count: int) -> np.ndarray:
    """[count, 2] uint32 key data: `seed`, then each number of `path`, then 0 ... count - 1 folded in.

    The agent's path is (item, speaker): an utterance's key knows its own number and nothing of the dialogue.

    Raises:
      BabbleError: the seed or the item does not fit 32 bits.
    """
    if not all(0 <= number < 2**32 for number in (seed, *path)):
        raise BabbleError(f"Seed and item must be from 0 to {2**32 - 1}, not {seed} and {path[0]}.")
    key = jax.random.key(np.uint32(seed), impl="threefry2x32")
    for number in path:
        key = jax.random.fold_in(key, np.uint32(number))
    if count == 0:
        return np.zeros((0, 2), np.uint32)
    keys = jax.vmap(jax.random.fold_in, (None, 0))(key, np.arange(count, dtype=np.uint32))
    return np.asarray(jax.random.key_data(keys))
