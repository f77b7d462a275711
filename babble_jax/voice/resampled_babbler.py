"""A voice at another sample rate, so that it speaks beside one of that rate.

Axes: N streams (one per utterance), 2 words of a key.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import soxr

from babble_jax.voice.babbler import Babbler

_TAIL = 1024  # samples of the voice; the end of the input affects fewer than its last 200


@dataclasses.dataclass(frozen=True)
class ResampledBabbler:
    """A voice whose streams are resampled; pitch and speech rate stay, and so does the bandwidth of a lower rate.

    Attributes:
      babbler: the voice.
      sample_rate: Hz, of its streams here.
    """

    babbler: Babbler
    sample_rate: int

    @property
    def name(self) -> str:
        """The voice's own."""
        return self.babbler.name

    @property
    def settings(self) -> Mapping[str, Any]:
        """The voice's own and the rate from which it is resampled."""
        return {**self.babbler.settings, "resampled_from": self.babbler.sample_rate}

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
          samples: see `Babbler.babble`; of the new rate.
          advance: see `Babbler.babble`; counts samples of the new rate.
          active: see `Babbler.babble`.
        """
        rate, to = self.babbler.sample_rate, self.sample_rate
        lengths = [math.ceil(n * rate / to) + _TAIL for n in samples]
        done = reported = 0

        def report(more: int) -> None:
            nonlocal done, reported
            done += more
            now = math.floor(done * sum(samples) / max(sum(lengths), 1))
            advance(now - reported)
            reported = now

        streams = self.babbler.babble(keys, lengths, report, active)
        # The tail is cut off again, so that the first n samples do not depend on the length of the request.
        return [
            soxr.resample(stream, rate, to, quality="VHQ")[:n]
            for stream, n in zip(streams, samples, strict=True)
        ]


def match_rates(babblers: Sequence[Babbler]) -> tuple[Babbler, ...]:
    """Resamples the babblers of lower rates to the highest rate among them."""
    highest = max(babbler.sample_rate for babbler in babblers)
    return tuple(one if one.sample_rate == highest else ResampledBabbler(one, highest) for one in babblers)
