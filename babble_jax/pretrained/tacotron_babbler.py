"""A voice that speaks phones as a `Babbler`: streams of unequal length, a few at a time.

Axes: N streams, W streams that are spoken together.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.pretrained.tacotron_session import LONGEST_PAUSE, TacotronSession
from babble_jax.pretrained.tacotron_speaking import plan_channels
from babble_jax.pretrained.tacotron_voice import TacotronVoice
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody, check_streams
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.sampling.native.threads import limit_threads, thread_count
from babble_jax.voice.session import ACTIVE

WIDTH = 4
"""Streams that are spoken together: the native sampler reads the weights of the vocoder once for four."""
_BLOCK = 0.25  # seconds


@dataclasses.dataclass(frozen=True, eq=False)
class TacotronBabbler:
    """A voice that speaks phones under the interface of `voice.babbler.Babbler`.

    Attributes:
      voice: the voice.
      sampling: temperature and top k of the vocoder; None for those of the voice.
      speaker: name of one of its speakers; None for the first, or for a voice without speakers.
      language: name of one of its languages; None for the first.
      longest_pause: seconds of silence between two phrases, at most.
      prosody: of all streams, without a contour. A final contour is that of phrases with which an utterance ends, the
        last one of a given activity among them.
    """

    voice: TacotronVoice
    sampling: Sampling | None = None
    speaker: str | None = None
    language: str | None = None
    longest_pause: float = LONGEST_PAUSE
    prosody: Prosody = NEUTRAL

    def __post_init__(self):
        self.voice.choose_speaker(self.speaker)  # raises for an unknown one, as the next line does
        self.voice.check_prosody(self.prosody, self.language)
        check_streams(self.prosody)

    @property
    def name(self) -> str:
        """Name of the voice, and of the speaker and the language where they are given."""
        return "/".join(name for name in (self.voice.name, self.speaker, self.language) if name is not None)

    @property
    def speaker_name(self) -> str | None:
        """Name of the speaker; None for a voice without speakers."""
        return self.voice.choose_speaker(self.speaker)

    @property
    def sample_rate(self) -> int:
        """Sample rate, Hz."""
        return self.voice.config.sample_rate

    @property
    def settings(self) -> Mapping[str, Any]:
        """Sampling settings, the prosody where it changes something, the language, and the card of the voice."""
        return {
            **dataclasses.asdict(self.sampling or self.voice.sampling()),
            **({} if self.prosody == NEUTRAL else {"prosody": str(self.prosody)}),
            "language": self.voice.choose_language(self.language),
            "card": self.voice.card,
        }

    @property
    def takes_activity(self) -> bool:
        """Is true: it is told when to speak."""
        return True

    def babble(
        self,
        keys: np.ndarray,
        samples: Sequence[int],
        advance: Callable[[int], None],
        active: Sequence[tuple[float, float]] | None = None,
    ) -> list[np.ndarray]:
        """Makes streams as `Babbler.babble` does, those of similar length together, on each core some.

        Args:
          keys: see `Babbler.babble`.
          samples: see `Babbler.babble`.
          advance: see `Babbler.babble`.
          active: see `Babbler.babble`; the last phrase of a stream is made to end where its speech does.
        """
        order = sorted(range(len(samples)), key=lambda i: -samples[i])
        groups = [order[first : first + WIDTH] for first in range(0, len(order), WIDTH)]

        def speak(group: list[int]) -> np.ndarray:
            spans = None if active is None else [active[i] for i in group]
            with limit_threads(1):
                return self._speak(keys[group], samples[group[0]], spans)

        streams: dict[int, np.ndarray] = {}
        with ThreadPoolExecutor(thread_count()) as pool:
            for group, audio in zip(groups, pool.map(speak, groups), strict=True):
                streams |= {i: stream[: samples[i]] for i, stream in zip(group, audio, strict=True)}
                advance(sum(samples[i] for i in group))
        return [streams[i] for i in range(len(samples))]

    def _speak(
        self, keys: np.ndarray, samples: int, active: Sequence[tuple[float, float]] | None
    ) -> np.ndarray:
        """Speaks W streams together: [W, samples] float32.

        Args:
          keys: [W, 2] uint32, key data.
          samples: length in samples.
          active: onset and end of the speech of each, in seconds; None for speech without end.
        """
        stream_keys = jax.random.wrap_key_data(jnp.asarray(keys), impl="threefry2x32")
        session = TacotronSession(
            self.voice,
            stream_keys,
            self.sampling,
            self.speaker,
            self.language,
            longest_pause=self.longest_pause,
            prosody=self.prosody,
        )
        rate, blocks = self.sample_rate, []
        block = max(1, round(_BLOCK * rate / session.frame)) * session.frame
        for _ in range(0, samples, block):
            channels: dict[str, Any] = {ACTIVE: 1}
            if active is not None:
                first, count = session.next_frames(block)
                times = np.arange(first, first + count) * session.frame / rate
                plans = [plan_channels(np.array([span]), times) for span in active]
                channels = {name: np.stack([plan[name] for plan in plans]) for name in plans[0]}
            blocks.append(session.step(channels, block))
        return np.concatenate(blocks, axis=1)[:, :samples] if blocks else np.zeros((len(keys), 0), np.float32)
