"""A small training run."""

from babble_jax.audio.quantize import Quantizer
from babble_jax.train.config import OptimizerConfig, TrainConfig
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig


def small(dataset="unused", **options):
    """Makes the config of a run of a tiny voice; options replace fields of `TrainConfig`."""
    model = SampleRNNConfig(frame_sizes=(8, 2), dim=12, embedding=6, hidden=1, expand_top=True)
    voice = VoiceConfig(model, Quantizer("mu_law", 32), sample_rate=4000, gain=2.0)
    defaults = {"optimizer": OptimizerConfig(learning_rate=3e-3), "batch_size": 4, "subsequence": 64}
    return TrainConfig(voice, str(dataset), **(defaults | options))
