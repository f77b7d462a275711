"""Babble of a voice that speaks phones, of a given length: phrase after phrase, with the pauses of its prosody.

Axes: B streams, T samples, N top frames, K utterances.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from babble_jax.pretrained.tacotron_session import UNTIL_END, TacotronSession
from babble_jax.pretrained.tacotron_voice import TacotronVoice
from babble_jax.tacotron.planned_phrase import FITTED
from babble_jax.voice.block_sampler import SamplerName
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.sampling.threefry import stream_keys
from babble_jax.voice.session import ACTIVE

_PAUSE = 1.5  # seconds between two phrases, at most
_BLOCK = 0.25  # seconds
_RELEASE = 0.04  # seconds from a stop to the end of what is heard, as of an agent's voice


def plan_channels(active: np.ndarray, times: np.ndarray) -> dict[str, np.ndarray]:
    """Makes the channels of a stream of which it is known when it speaks.

    Args:
      active: [K, 2] seconds, in order and disjoint.
      times: [N] seconds of top frames.

    Returns:
      `active` and `until_end`, [N] each.
    """
    if not len(active):
        return {ACTIVE: np.zeros(len(times), int), UNTIL_END: np.full(len(times), math.nan)}
    now = np.maximum(np.searchsorted(active[:, 0], times, side="right") - 1, 0)
    until = active[now, 1] - times
    return {ACTIVE: ((times >= active[now, 0]) & (until > _RELEASE)).astype(int), UNTIL_END: until}


@dataclasses.dataclass(frozen=True)
class PhraseRequest:
    """Babble that is asked of a voice that speaks phones.

    Attributes:
      voice: the voice.
      samples: length.
      streams: B.
      seed: of all streams.
      sampling: temperature and top k of the vocoder.
      speaker: name; None for the first.
      language: name; None for the first.
      prosody: how it speaks. With a contour, it speaks when the contour does, and the last phrase of each such
        utterance ends with it; with a final contour, the last phrase of the babble ends with that.

    Raises:
      BabbleError: nothing conditions the voice on the prosody.
    """

    voice: TacotronVoice
    samples: int
    streams: int
    seed: int
    sampling: Sampling
    speaker: str | None
    language: str | None
    prosody: Prosody = NEUTRAL

    def __post_init__(self):
        self.voice.check_prosody(self.prosody, self.language)

    def all_streams(
        self, sampler: SamplerName, advance: Callable[[int], None] = lambda samples: None
    ) -> np.ndarray:
        """Makes all streams, [B, T] float32 in [-1, 1].

        Args:
          sampler: of the vocoder.
          advance: called with the number of samples made since its last call, of all streams together.
        """
        parts = []
        for part in self._parts(_BLOCK, sampler):
            parts.append(part)
            advance(part.size)
        return np.concatenate(parts, axis=1) if parts else np.zeros((self.streams, 0), np.float32)

    def blocks(self, seconds: float, sampler: SamplerName) -> Iterator[np.ndarray]:
        """Yields the first stream block by block, [T] float32.

        Args:
          seconds: of a block.
          sampler: of the vocoder.
        """
        for part in self._parts(seconds, sampler):
            yield part[0]

    def _parts(self, seconds: float, sampler: SamplerName) -> Iterator[np.ndarray]:
        session = TacotronSession(
            self.voice,
            stream_keys(self.seed, self.streams),
            self.sampling,
            self.speaker,
            self.language,
            sampler,
            longest_pause=_PAUSE,
            prosody=self.prosody,
        )
        block = max(1, round(seconds * session.sample_rate / session.frame)) * session.frame
        for first in range(0, self.samples, block):
            yield session.step(self._channels(session, block), block)[:, : self.samples - first]

    def _channels(self, session: TacotronSession, samples: int) -> dict[str, Any]:
        """Makes the channels of the next step of so many samples."""
        prosody, rate = self.prosody, session.sample_rate
        if prosody.contour is None and prosody.final is None:
            return {ACTIVE: 1}
        first, count = session.next_frames(samples)
        times, seconds = np.arange(first, first + count) * session.frame / rate, self.samples / rate
        if prosody.contour is not None:
            return plan_channels(prosody.contour.activity(seconds), times)
        until = seconds - times  # phrases before the last ones end utterances as they are drawn to
        return {ACTIVE: 1, UNTIL_END: np.where(until * prosody.rate <= FITTED, until, math.nan)}
