"""A tiny vocoder with random parameters, for tests."""

import numpy as np

from babble_jax.audio.mel_spectrogram import MelConfig
from babble_jax.audio.quantize import Quantizer
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.kinds import ModelConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from tests.voice.unit_voice import draw_params

RATE, FRAME = 4000, 8
MEL_CONFIG = MelConfig(RATE, fourier=256, window=200, hop=40, bands=12, highest=2000)


def vocoder_config(
    model: ModelConfig = SampleRNNConfig(
        frame_sizes=(FRAME, 2), dim=12, embedding=6, hidden=1, expand_top=True, reset="after"
    ),
) -> VoiceConfig:
    """Makes the config of a vocoder of 12 bands and 32 levels."""
    return VoiceConfig(model, Quantizer("mu_law", 32), RATE, 2.0, mel=MEL_CONFIG)


def build_vocoder() -> PretrainedVoice:
    """Makes a vocoder of random parameters."""
    config = vocoder_config()
    return PretrainedVoice(config, draw_params(config, np.random.default_rng(3)))
