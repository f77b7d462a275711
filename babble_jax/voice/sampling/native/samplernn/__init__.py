"""SampleRNN for the native sampler."""

from babble_jax.voice.sampling.native.samplernn.pack import Packed, pack, unsupported_reason
from babble_jax.voice.sampling.native.samplernn.sampler import sample

__all__ = ["Packed", "pack", "sample", "unsupported_reason"]
