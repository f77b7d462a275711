"""The configuration of a voice: its sample model, the meaning of its samples, and its conditioning.

Axes: N top frames, K intervals of activity, C features.
"""

import dataclasses
import functools
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.audio.emphasis import MOST_EMPHASIS, deemphasize, emphasize
from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.audio.mel_spectrogram import MelConfig, normalize
from babble_jax.audio.pcm import FULL_SCALE
from babble_jax.audio.quantize import Quantizer
from babble_jax.audio.units import UnitSequence
from babble_jax.voice.conditioning import activity
from babble_jax.voice.contract import SampleModel
from babble_jax.voice.distributions.kinds import MOST_COMPONENTS
from babble_jax.voice.models.bounds import shorten
from babble_jax.voice.models.kinds import ModelConfig, build_model
from babble_jax.voice.models.samplernn import SampleRNNConfig

RMS_DB_KNOTS = (LOWEST_RMS_DB, -45.0, -30.0, -15.0)
"""Knots, in dB of full scale, between which the level is interpolated linearly, a feature for each knot."""
UNIT_CHANNELS: tuple[str, ...] = ("unit", "pitch", "rms_db")
"""Channels of a voice with units: unit, octaves above the speaker's median (NaN where unvoiced), dB of full scale."""
MEL = "mel"
"""Channel of a voice with mel: the bands of `audio.mel_spectrogram.log_mel`, an axis of M more than other channels."""
RATES = (1000, 192_000)
"""Hz, lowest and highest sample rate."""
LOWEST_BANDWIDTH = 10
"""Hz; what `estimate_bandwidth` finds is higher."""
MOST_SPEAKERS = 10_000


@dataclasses.dataclass(frozen=True)
class VoiceConfig:
    """A sample model, the meaning of its samples, and what it is conditioned on.

    Attributes:
      model: config of the sample model.
      quantizer: quantizer of its samples.
      sample_rate: Hz.
      gain: factor from recorded to quantized amplitude, one for the data set.
      speakers: names, in the order of `Cond.speaker`; empty for a voice without speakers.
      local: names of the features of activity, `conditioning.activity.FEATURES`, for a voice that is conditioned on
        when to speak; empty for a voice without features.
      units: number of acoustic units, for a voice that is also conditioned on unit, pitch and level; 0 for none.
      bandwidth: Hz, upper edge of the recordings of each speaker, one value for a voice without speakers: the babble
        is low-pass filtered there. Empty for no filter.
      mixture: components of the mixture of logistics that a sample is drawn from; 0 for classes, a logit for each
        level.
      mel: settings of the mel spectrogram that a vocoder is conditioned on, with the mean and the scale by which it is
        normalized; such a voice takes no activity and no units. None for none.
      emphasis: coefficient of the pre-emphasis of the samples (`audio.emphasis`) before they are quantized; 0 for none.
    """

    model: ModelConfig = SampleRNNConfig()
    quantizer: Quantizer = Quantizer()
    sample_rate: int = 16000
    gain: float = 1.0
    speakers: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    units: int = 0
    bandwidth: tuple[float, ...] = ()
    mixture: int = 0
    mel: MelConfig | None = None
    emphasis: float = 0.0

    def __post_init__(self):
        if self.sample_rate < 1 or not 0 < self.gain < float("inf"):
            raise ValueError(f"sample_rate {shorten(self.sample_rate)} and gain {self.gain} must be positive")
        if not RATES[0] <= self.sample_rate <= RATES[1]:
            raise ValueError(
                f"sample_rate is {shorten(self.sample_rate)} Hz; choose from {RATES[0]} to {RATES[1]}"
            )
        if not 1e-6 <= self.gain <= 1e6:
            raise ValueError(f"gain is {self.gain}; it must be from 1e-6 to 1e6")
        if len(self.speakers) > MOST_SPEAKERS or len(set(self.speakers)) < len(self.speakers):
            raise ValueError(f"speakers must be different names, {MOST_SPEAKERS} at most")
        if self.local not in ((), activity.FEATURES):
            raise ValueError(f"local must be none, or {', '.join(activity.FEATURES)}; not {self.local}")
        if not (self.units == 0 or 2 <= self.units <= 256):
            raise ValueError(f"units is {shorten(self.units)}; choose from 2 to 256, or 0 for none")
        if self.units and not self.local:
            raise ValueError("a voice with units is also conditioned on when to speak: add by_activity")
        if self.bandwidth and (len(self.bandwidth) != max(1, len(self.speakers)) or min(self.bandwidth) <= 0):
            raise ValueError(
                f"bandwidth is {self.bandwidth}; give a positive one for each speaker, one without speakers, or none"
            )
        if self.bandwidth and not (
            min(self.bandwidth) >= LOWEST_BANDWIDTH and max(self.bandwidth) <= RATES[1]
        ):
            raise ValueError(
                f"bandwidth must be from {LOWEST_BANDWIDTH} to {RATES[1]} Hz, not {self.bandwidth}"
            )
        if not 0 <= self.mixture <= MOST_COMPONENTS:
            raise ValueError(
                f"mixture is {shorten(self.mixture)}; choose from 1 to {MOST_COMPONENTS}, or 0 for classes"
            )
        if self.mel is not None and self.local:
            raise ValueError(
                "a voice with mel takes no activity and no units, which mel contains: leave them out"
            )
        if self.mel is not None and self.mel.sample_rate != self.sample_rate:
            raise ValueError(
                f"mel is of {shorten(self.mel.sample_rate)} Hz and the voice of {self.sample_rate} Hz; "
                "they must be the same"
            )
        if not 0 <= self.emphasis <= MOST_EMPHASIS:
            raise ValueError(f"emphasis is {self.emphasis}; choose from 0 (none) to {MOST_EMPHASIS}")
        _ = self.sample_model  # raises where the model's own rules are broken

    @functools.cached_property
    def sample_model(self) -> SampleModel:
        """The sample model that the config describes."""
        return build_model(
            self.model,
            self.quantizer.q_levels,
            len(self.speakers),
            len(self.local)
            + (self.units + 2 + len(RMS_DB_KNOTS) if self.units else 0)
            + (0 if self.mel is None else self.mel.bands),
            self.mixture,
        )

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels that the voice is conditioned on, frame by frame."""
        return self.local + (UNIT_CHANNELS if self.units else ()) + (() if self.mel is None else (MEL,))

    def frame_middles(self, first: int, count: int) -> np.ndarray:
        """Computes the middles, in seconds, of `count` top frames from frame `first` on: [N]."""
        return (np.arange(first, first + count) + 0.5) * (self.sample_model.frame / self.sample_rate)

    def features(self, intervals: np.ndarray, middles: np.ndarray, units: UnitSequence | None) -> np.ndarray:
        """Computes `Cond.local` of one stream of a voice that is conditioned on activity, or on nothing.

        The features are those of activity; then, for a voice with units, the unit (one-hot), whether it is voiced,
        its pitch (octaves; 0 where it is unvoiced), and its level as weights of `RMS_DB_KNOTS`, which sum to 1.

        Args:
          intervals: [K, 2] seconds of activity.
          middles: [N] seconds, middles of the top frames.
          units: unit, pitch and level of each top frame, for a voice with units.

        Returns:
          [N, C] float32; C = 0 for a voice without features.
        """
        if not self.local:
            return np.zeros((len(middles), 0), np.float32)
        channels = dict(zip(activity.FEATURES, activity.features(intervals, middles).T, strict=True))
        if self.units:
            assert units is not None
            channels |= zip(UNIT_CHANNELS, units, strict=True)
        return self.rows(channels)

    def rows(self, channels: Mapping[str, np.ndarray]) -> np.ndarray:
        """Packs channels into `Cond.local`, in the order that `features` describes.

        Args:
          channels: an array [..., N] for each of `channels`, all of one shape: activity, unit, pitch (octaves; NaN
            where it is unvoiced), level (dB of full scale); mel [..., N, M] (natural logarithm of magnitudes).

        Returns:
          [..., N, C] float32.
        """
        columns = [np.asarray(channels[name], np.float32)[..., None] for name in self.local]
        if self.units:
            unit, octaves, level = (np.asarray(channels[name]) for name in UNIT_CHANNELS)
            voiced = np.isfinite(octaves)
            columns.append(np.eye(self.units, dtype=np.float32)[unit.astype(np.int64)])
            columns += [voiced[..., None], np.where(voiced, octaves, 0)[..., None]]
            columns += [
                np.interp(level, RMS_DB_KNOTS, weight)[..., None] for weight in np.eye(len(RMS_DB_KNOTS))
            ]
        if self.mel is not None:
            columns.append(normalize(np.asarray(channels[MEL], np.float32), self.mel))
        return np.concatenate(columns, axis=-1).astype(np.float32)

    def encode(self, pcm: jax.Array, before: jax.Array | None = None) -> jax.Array:
        """Quantizes samples: pre-emphasis, where the voice has some, then codes.

        Args:
          pcm: [..., T] int16, a part of a recording.
          before: [...] int16, the sample before each part; None where a recording starts.

        Returns:
          [..., T] int32.
        """
        scale = self.gain / FULL_SCALE
        last = None if before is None else before.astype(jnp.float32) * scale
        return self.encode_amplitudes(pcm.astype(jnp.float32) * scale, last)

    def encode_amplitudes(self, audio: jax.Array, before: jax.Array | None = None) -> jax.Array:
        """Quantizes amplitudes [..., T], after the gain, to codes int32; `before` [...] precedes them. See `encode`."""
        return self.quantizer.encode(emphasize(audio, self.emphasis, before))

    def amplitudes(self) -> np.ndarray:
        """Computes the amplitude of each code, [Q] float32 in [-1, 1], without the gain; with pre-emphasis, if any."""
        return np.clip(self.quantizer.centres() / self.gain, -1, 1).astype(np.float32)

    def decode(self, codes: jax.Array | np.ndarray) -> np.ndarray:
        """Converts codes of whole streams to sound, the inverse of `encode`.

        Args:
          codes: [..., T] int32.

        Returns:
          [..., T] float32 in [-1, 1], at the level of the recordings.
        """
        audio = np.take(self.amplitudes(), np.asarray(codes), mode="clip")
        return np.clip(deemphasize(audio, self.emphasis), -1, 1) if self.emphasis else audio
