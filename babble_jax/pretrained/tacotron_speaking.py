"""Babble of a voice that speaks phones, of a given length: phrase after phrase, with the pauses of its prosody.

Axes: B streams, T samples.
"""

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np

from babble_jax.pretrained.tacotron_session import TacotronSession
from babble_jax.pretrained.tacotron_voice import TacotronVoice
from babble_jax.voice.block_sampler import SamplerName
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.sampling.threefry import stream_keys
from babble_jax.voice.session import ACTIVE

_PAUSE = 1.5  # seconds between two phrases, at most
_BLOCK = 0.25  # seconds


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
    """

    voice: TacotronVoice
    samples: int
    streams: int
    seed: int
    sampling: Sampling
    speaker: str | None
    language: str | None

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
        )
        block = max(1, round(seconds * session.sample_rate / session.frame)) * session.frame
        for first in range(0, self.samples, block):
            yield session.step({ACTIVE: 1}, block)[:, : self.samples - first]
