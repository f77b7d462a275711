"""The configuration of a voice: its sample model, the meaning of the samples, what it is conditioned on.

Axes: N top frames, K intervals of activity, C features.
"""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.audio.level import LOWEST
from babble_jax.audio.quantize import Quantizer
from babble_jax.audio.units import UnitSequence
from babble_jax.voice.conditioning import activity
from babble_jax.voice.contract import SampleModel
from babble_jax.voice.models.kinds import ModelConfig, build
from babble_jax.voice.models.samplernn import SampleRNNConfig

LEVELS = (LOWEST, -45.0, -30.0, -15.0)  # dB of full scale; of the features that say how loud


@dataclasses.dataclass(frozen=True)
class VoiceConfig:
    """A model and the meaning of its samples.

    Attributes:
      model: of the voice.
      quantizer: of its samples.
      sample_rate: Hz.
      gain: factor from recorded amplitude to that which is quantized, fixed for the whole data set.
      speakers: names, in the order of `Cond.speaker`; empty for a voice that takes no speaker.
      local: names of the features of `Cond.local`, in its order, from those that `features` knows; empty for a voice
        that takes none.
      units: how many acoustic units a voice knows that is told which to make, how high and how loud; 0 for none.
      bandwidth: Hz, how far up the recordings of each speaker reach, one value for a voice that takes no speaker: what
        a voice makes above is cut off. Empty where nothing is to be.
    """

    model: ModelConfig = SampleRNNConfig()
    quantizer: Quantizer = Quantizer()
    sample_rate: int = 16000
    gain: float = 1.0
    speakers: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    units: int = 0
    bandwidth: tuple[float, ...] = ()

    def __post_init__(self):
        if self.sample_rate < 1 or not 0 < self.gain < float("inf"):
            raise ValueError(f"sample_rate {self.sample_rate} and gain {self.gain} must be positive")
        if self.local not in ((), activity.FEATURES):
            raise ValueError(f"local must be none, or {', '.join(activity.FEATURES)}; not {self.local}")
        if not (self.units == 0 or (2 <= self.units <= 256 and self.local)):
            raise ValueError(
                f"units is {self.units}; choose from 2 to 256, for a voice that is also told when to speak, or 0"
            )
        if self.bandwidth and (len(self.bandwidth) != max(1, len(self.speakers)) or min(self.bandwidth) <= 0):
            raise ValueError(
                f"bandwidth is {self.bandwidth}; give a positive one for each speaker, one without speakers, or none"
            )
        _ = self.sample_model  # its own rules

    @functools.cached_property
    def sample_model(self) -> SampleModel:
        """The sample model itself."""
        return build(
            self.model,
            self.quantizer.q_levels,
            len(self.speakers),
            len(self.local) + (self.units + 2 + len(LEVELS) if self.units else 0),
        )

    def middles(self, first: int, count: int) -> np.ndarray:
        """Seconds of the middles of `count` top frames from frame `first` on, [N]."""
        return (np.arange(first, first + count) + 0.5) * (self.sample_model.frame / self.sample_rate)

    def features(self, intervals: np.ndarray, middles: np.ndarray, said: UnitSequence | None) -> np.ndarray:
        """`Cond.local` of a stream: [N, C] float32; C = 0 for a voice that takes none.

        Activity; then, for a voice that knows units, one of them, whether it is voiced, how high (octaves, 0 where it
        is not), and how loud: four weights, which sum to 1, of the levels between which it lies.

        Args:
          intervals: [K, 2] seconds in which it is active.
          middles: [N] seconds of the top frames.
          said: what is said in each, for a voice that knows units.
        """
        if not self.local:
            return np.zeros((len(middles), 0), np.float32)
        rows = activity.features(intervals, middles)
        if not self.units:
            return rows
        assert said is not None
        voiced = np.isfinite(said.pitch)
        sound = np.stack([voiced, np.where(voiced, said.pitch, 0)], axis=1)
        loud = np.stack([np.interp(said.level, LEVELS, near) for near in np.eye(len(LEVELS))], axis=1)
        return np.hstack([rows, np.eye(self.units)[said.units], sound, loud]).astype(np.float32)

    def encode(self, pcm: jax.Array) -> jax.Array:
        """Codes of int16 samples, any shape."""
        return self.quantizer.encode(pcm.astype(jnp.float32) * (self.gain / 32768))

    def decode(self, codes: jax.Array | np.ndarray) -> np.ndarray:
        """Amplitudes of codes, any shape, float32 in [-1, 1] at the level of the recordings."""
        return np.clip(np.asarray(self.quantizer.decode(codes)) / self.gain, -1, 1).astype(np.float32)
