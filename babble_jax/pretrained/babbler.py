"""A trained voice as a babbler: streams of unequal length, made a few at a time.

Axes: N streams, W streams that are made together.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.voice.conditioning.streams import ENDLESS, conditioning
from babble_jax.voice.sampling.ancestral import Sampling
from babble_jax.voice.speak import speak

WIDTH = 4
"""Streams made together. Always as many, the last ones of a call repeated if need be: one compiled program,
and arithmetic that does not depend on the company. At dim 256 on two cores 4 gave 41,000 samples/s in all, 8
and 16 gave 31,000, 1 gave 18,000; few also waste less where lengths differ."""


@dataclasses.dataclass(frozen=True, eq=False)
class VoiceBabbler:
    """A `Babbler`.

    Attributes:
      released: the voice.
      sampling: how its samples are drawn; None for the release's own way.
      speaker: name of one of its speakers, None for a voice that has none.
    """

    released: PretrainedVoice
    sampling: Sampling | None = None
    speaker: str | None = None

    def __post_init__(self):
        _ = self.released.index_of(self.speaker)  # a rule

    @property
    def name(self) -> str:
        """Of the voice and the speaker."""
        return self.released.name + (f"/{self.speaker}" if self.speaker is not None else "")

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self.released.config.sample_rate

    @property
    def settings(self) -> Mapping[str, Any]:
        """The sampling, and the card of the voice."""
        return {**dataclasses.asdict(self.sampling or self.released.sampling()), "card": self.released.card}

    @property
    def takes_activity(self) -> bool:
        """Whether the voice takes features of activity."""
        return bool(self.released.config.local)

    def babble(
        self,
        keys: np.ndarray,
        samples: Sequence[int],
        advance: Callable[[int], None],
        active: Sequence[tuple[float, float]] | None = None,
    ) -> list[np.ndarray]:
        """As `Babbler.babble`; the longest first, so that streams made together are of like length."""
        order = sorted(range(len(samples)), key=lambda i: -samples[i])
        made: dict[int, np.ndarray] = {}
        for first in range(0, len(order), WIDTH):
            group = order[first : first + WIDTH]
            lanes = [group[min(lane, len(group) - 1)] for lane in range(WIDTH)]
            when = [ENDLESS if active is None else np.array([active[lane]]) for lane in lanes]
            streams = self._together(keys[lanes], samples[group[0]], when)
            for i, audio in zip(group, streams, strict=False):
                made[i] = audio[: samples[i]]
            advance(sum(samples[i] for i in group))
        return [made[i] for i in range(len(samples))]

    def _together(self, keys: np.ndarray, samples: int, active: Sequence[np.ndarray]) -> np.ndarray:
        """[W, samples] float32."""
        index = self.released.index_of(self.speaker)
        speaker = None if index is None else np.full(len(keys), index, np.int32)
        chains = jax.random.wrap_key_data(jnp.asarray(keys))
        local = conditioning(self.released, active, chains, speaker)
        return speak(self.released, chains, samples, self.sampling, speaker, local=local)
