"""WaveNet for the native sampler."""

from babble_jax.voice.sampling.native.wavenet.pack import Packed, pack
from babble_jax.voice.sampling.native.wavenet.sampler import sample

__all__ = ["Packed", "pack", "sample"]
