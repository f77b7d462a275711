"""A small data set of tones, and a small voice for it."""

import numpy as np
import pytest
import soundfile

from babble_jax.audio.quantize import Quantizer
from babble_jax.dataset import recordings
from babble_jax.train.config import OptimizerConfig, TrainConfig
from babble_jax.voice.released import VoiceConfig
from babble_jax.voice.samplernn import SampleRNNConfig


@pytest.fixture(scope="session")
def tones(tmp_path_factory):
    """A data set of 24 recordings of different lengths, 4 kHz."""
    folder = tmp_path_factory.mktemp("tones")
    draw = np.random.default_rng(0)
    for i in range(24):
        time = np.arange(draw.integers(1500, 4000)) / 4000
        tone = 0.4 * np.sin(2 * np.pi * (200 + 15 * i) * time) + 0.02 * draw.standard_normal(len(time))
        soundfile.write(folder / f"tone{i}.wav", tone, 4000)
    out = folder.parent / "tones-dataset"
    recordings.build(folder, out, 4000)
    return out


def small(dataset="unused", **options):
    """A config of a tiny voice; options replace fields of `TrainConfig`."""
    model = SampleRNNConfig(frame_sizes=(8, 2), dim=12, embedding=6, hidden=1, expand_top=True)
    voice = VoiceConfig(model, Quantizer("mu_law", 32), sample_rate=4000, gain=2.0)
    defaults = {"optimizer": OptimizerConfig(learning_rate=3e-3), "lanes": 4, "subsequence": 64}
    return TrainConfig(voice, str(dataset), **(defaults | options))
