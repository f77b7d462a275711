"""A pretrained voice as a `Babbler`: streams of unequal length, a few at a time.

Axes: N streams, W streams that are sampled together.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.voice.block_sampler import resolve_sampler
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody, check_prosody, check_streams
from babble_jax.voice.conditioning.stream_features import ENDLESS, conditioning
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.sampling.native.rows import GROUP
from babble_jax.voice.sampling.native.threads import limit_threads, thread_count
from babble_jax.voice.speak import generate_audio

WIDTH = 4
"""Streams that the compiled sampler draws together. The number is constant, the last stream of a call repeated if need
be, so that there is one compiled program whose arithmetic does not depend on the other streams. Few streams also waste
less where lengths differ."""
NATIVE_WIDTH = 8
"""Streams that the native sampler draws together on one core. It reads the weights once for four streams, and draws the
same samples in any company. With 8 streams a core makes three times as many samples as with one; more gain nothing."""


@dataclasses.dataclass(frozen=True, eq=False)
class VoiceBabbler:
    """A pretrained voice under the interface of `voice.babbler.Babbler`.

    Attributes:
      voice: the voice.
      sampling: temperature and top k; None for those of the voice.
      speaker: name of one of its speakers; None for the first, or for a voice without speakers.
      prosody: of all streams, without a contour. A final contour is that of utterances of a given activity.
    """

    voice: PretrainedVoice
    sampling: Sampling | None = None
    speaker: str | None = None
    prosody: Prosody = NEUTRAL

    def __post_init__(self):
        _ = self.voice.index_of(self.speaker)  # raises for an unknown speaker
        check_prosody(self.voice, self.prosody)
        check_streams(self.prosody)

    @property
    def name(self) -> str:
        """Name of the voice and the speaker."""
        return self.voice.name + (f"/{self.speaker}" if self.speaker is not None else "")

    @property
    def speaker_name(self) -> str | None:
        """Name of the speaker; None for a voice without speakers."""
        return self.speaker or next(iter(self.voice.config.speakers), None)

    @property
    def sample_rate(self) -> int:
        """Sample rate, Hz."""
        return self.voice.config.sample_rate

    @property
    def settings(self) -> Mapping[str, Any]:
        """Sampling settings, the prosody where it changes something, and the card of the voice."""
        prosody = {} if self.prosody == NEUTRAL else {"prosody": str(self.prosody)}
        sampling = dataclasses.asdict(self.sampling or self.voice.sampling())
        return {**sampling, **prosody, "card": self.voice.card}

    @property
    def takes_activity(self) -> bool:
        """Is true of a voice that takes features of activity."""
        return bool(self.voice.config.local)

    def babble(
        self,
        keys: np.ndarray,
        samples: Sequence[int],
        advance: Callable[[int], None],
        active: Sequence[tuple[float, float]] | None = None,
    ) -> list[np.ndarray]:
        """Makes streams as `Babbler.babble` does.

        The longest come first, so that streams that are sampled together are of similar length. The native sampler
        draws as many groups at once as there are cores.

        Args:
          keys: see `Babbler.babble`.
          samples: see `Babbler.babble`.
          advance: see `Babbler.babble`.
          active: see `Babbler.babble`.

        Raises:
          BabbleError: there is a final contour and no activity, without which streams are cut from endless speech.
        """
        if active is None and self.prosody.final is not None:
            raise BabbleError(
                f"The voice {self.name} speaks without end where it is not told when (active), so that no utterance "
                f"ends with a {self.prosody.final}; give active, or leave final out."
            )
        order = sorted(range(len(samples)), key=lambda i: -samples[i])
        native = resolve_sampler(self.voice, "auto") == "native"
        width = WIDTH
        if native:  # where there are few streams, every core has some of them
            width = NATIVE_WIDTH if len(samples) >= NATIVE_WIDTH * thread_count() else GROUP
        groups = [order[first : first + width] for first in range(0, len(order), width)]

        def speak(group: list[int]) -> np.ndarray:
            missing = width - len(group)
            if native:  # three streams take longer than four
                missing = -len(group) % GROUP if len(group) % GROUP > 1 else 0
            rows = [*group, *group[-1:] * missing]
            intervals = [ENDLESS if active is None else np.array([active[i]]) for i in rows]
            with limit_threads(1) if native else contextlib.nullcontext():
                return self._speak(keys[rows], samples[group[0]], intervals, native)

        streams: dict[int, np.ndarray] = {}
        with ThreadPoolExecutor(thread_count() if native else 1) as pool:
            try:
                for group, audio in zip(groups, pool.map(speak, groups), strict=True):
                    streams |= {i: stream[: samples[i]] for i, stream in zip(group, audio, strict=False)}
                    advance(sum(samples[i] for i in group))
            except BaseException:  # the groups that nobody waits for are not drawn
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return [streams[i] for i in range(len(samples))]

    def _speak(self, keys: np.ndarray, samples: int, active: Sequence[np.ndarray], exact: bool) -> np.ndarray:
        """Samples W streams together.

        Args:
          keys: [W, 2] uint32, key data.
          samples: length in samples.
          active: intervals of activity of each stream, [1, 2] seconds.
          exact: draw blocks that end where the streams do; the compiled sampler would be compiled for each length.

        Returns:
          [W, samples] float32.
        """
        index = self.voice.index_of(self.speaker)
        speaker = None if index is None else np.full(len(keys), index, np.int32)
        stream_keys = jax.random.wrap_key_data(jnp.asarray(keys), impl="threefry2x32")
        local = conditioning(self.voice, active, stream_keys, speaker, prosody=self.prosody)
        seconds = 0.25
        if exact:
            frame, rate = self.voice.config.sample_model.frame, self.sample_rate
            frames = -(-samples // frame)
            blocks = -(-samples // rate)  # of a second at most
            seconds = -(-frames // max(blocks, 1)) * frame / rate
        return generate_audio(
            self.voice,
            stream_keys,
            samples,
            self.sampling,
            speaker,
            local=local,
            seconds=seconds,
            prosody=self.prosody,
        )
