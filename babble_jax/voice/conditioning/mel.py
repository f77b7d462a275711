"""The mel spectrogram as conditioning of a vocoder: from frames of mel to top frames, all at once or as they come.

A top frame has the mel spectrogram at its middle, interpolated linearly between the two frames around it; behind the
last frame of mel it stays as it is there. To speak a block, a voice thus needs the mel of one frame after it.

Axes: B streams, F frames of mel, M mel bands, N top frames, T samples.
"""

import dataclasses
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from babble_jax.audio.mel_spectrogram import MelConfig, log_mel_part
from babble_jax.voice.conditioning.stream_features import ConditioningFn
from babble_jax.voice.config import MEL, VoiceConfig

_GAP = 16  # frames of mel that nothing asks for, and that are computed rather than left out


class MelFrames(Protocol):
    """Frames of mel, some of which can be read.

    Attributes:
      config: settings.
      count: number of frames F.
    """

    @property
    def config(self) -> MelConfig: ...  # noqa: D102 (documented above)

    @property
    def count(self) -> int: ...  # noqa: D102

    def read(self, index: np.ndarray) -> np.ndarray:
        """Reads the frames of some indices [N], in order: [N, M] float32."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class SampledMel:
    """The mel spectrogram of a recording, computed where it is read.

    Attributes:
      samples: [T] int16, or float amplitudes.
      config: settings.
    """

    samples: np.ndarray
    config: MelConfig

    @property
    def count(self) -> int:
        """Number of frames F."""
        return self.config.frames(len(self.samples))

    def read(self, index: np.ndarray) -> np.ndarray:
        """Computes the frames of some indices. See `MelFrames`."""
        needed = np.unique(index)
        frames = np.empty((len(needed), self.config.bands), np.float32)
        parts = np.split(np.arange(len(needed)), np.flatnonzero(np.diff(needed) > _GAP) + 1)
        for part in parts if len(needed) else ():
            first = needed[part[0]]
            computed = log_mel_part(self.samples, self.config, int(first), int(needed[part[-1]]) + 1)
            frames[part] = computed[needed[part] - first]
        return frames[np.searchsorted(needed, index)]


def upsample_mel(frames: MelFrames, middles: np.ndarray) -> np.ndarray:
    """Interpolates frames of mel linearly.

    Args:
      frames: the frames, of which F must not be 0.
      middles: [N] seconds, of top frames.

    Returns:
      [N, M] float32.
    """
    last = frames.count - 1
    position = np.clip(middles / frames.config.hop_seconds, 0, last)
    lower = np.floor(position).astype(np.int64)
    both = frames.read(np.concatenate([lower, np.minimum(lower + 1, last)]))
    weight = (position - lower).astype(np.float32)[:, None]
    return (1 - weight) * both[: len(lower)] + weight * both[len(lower) :]


@dataclasses.dataclass(frozen=True, eq=False)
class MelStream:
    """Frames of mel of one stream that come one after another: a value, which `push` does not change.

    Attributes:
      voice: config of a voice with mel.
      frames: [F, M] float32 that are held; earlier ones have been dropped.
      first: index of the first frame that is held.
      ended: whether no more come.
    """

    voice: VoiceConfig
    frames: np.ndarray
    first: int = 0
    ended: bool = False

    @classmethod
    def start(cls, voice: VoiceConfig) -> "MelStream":
        """Makes the stream before its first frame."""
        assert voice.mel is not None
        return cls(voice, np.zeros((0, voice.mel.bands), np.float32))

    @property
    def config(self) -> MelConfig:
        """Settings of the frames."""
        assert self.voice.mel is not None
        return self.voice.mel

    @property
    def count(self) -> int:
        """Number of frames F, those that were dropped included."""
        return self.first + len(self.frames)

    @property
    def samples(self) -> int:
        """Samples from the start of the stream whose top frames are known, a multiple of the top frame.

        Once the stream has ended, those up to the middle of its last frame, rounded up.
        """
        top = self.voice.sample_model.frame
        sound = max(0, self.count - 1) * self.config.hop
        return (-(-sound // top) if self.ended else max(0, int(sound / top + 0.5))) * top

    def push(self, frames: np.ndarray, ended: bool = False) -> "MelStream":
        """Appends frames [F, M], none or more.

        Args:
          frames: natural logarithm of magnitudes.
          ended: whether no more come.
        """
        line = np.concatenate([self.frames, np.asarray(frames, np.float32).reshape(-1, self.config.bands)])
        return dataclasses.replace(self, frames=line, ended=ended)

    def drop(self, top_frame: int) -> "MelStream":
        """Drops the frames that no top frame from `top_frame` on needs."""
        middle = self.voice.frame_middles(top_frame, 1)[0]
        needed = min(max(self.first, int(middle / self.config.hop_seconds)), max(self.first, self.count - 1))
        return dataclasses.replace(self, frames=self.frames[needed - self.first :], first=needed)

    def read(self, index: np.ndarray) -> np.ndarray:
        """Reads the frames of some indices. See `MelFrames`."""
        return self.frames[index - self.first]


def mel_conditioning(voice: VoiceConfig, streams: Sequence[MelFrames]) -> ConditioningFn:
    """Makes the function that gives the channel of a vocoder block by block.

    Args:
      voice: config of a voice with mel.
      streams: the mel of each of B streams.
    """

    def channels(first: int, count: int) -> dict[str, np.ndarray]:
        middles = voice.frame_middles(first, count)
        return {MEL: np.stack([upsample_mel(stream, middles) for stream in streams])}

    return channels
