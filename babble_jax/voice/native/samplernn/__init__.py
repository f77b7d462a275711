"""SampleRNN for the native sampler."""

from babble_jax.voice.native.samplernn.pack import Packed, lacks, pack
from babble_jax.voice.native.samplernn.sampler import sample

__all__ = ["Packed", "lacks", "pack", "sample"]
