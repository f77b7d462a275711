"""A small training run."""

from babble_jax.audio.quantize import Quantizer
from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.voice.config import DatasetProperties, VoiceTrainConfig
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.voice.models.samplernn import SampleRNNConfig


def small(dataset="unused", speakers=(), **options):
    """Makes the task of a tiny voice; options replace fields of `VoiceTrainConfig`."""
    defaults = {
        "dataset": str(dataset),
        "model": SampleRNNConfig(frame_sizes=(8, 2), dim=12, embedding=6, hidden=1, expand_top=True),
        "quantizer": Quantizer("mu_law", 32),
        "optimizer": OptimizerConfig(learning_rate=3e-3),
        "batch_size": 4,
        "subsequence": 64,
    }
    config = VoiceTrainConfig(**(defaults | {"by_speaker": bool(speakers)} | options))
    return VoiceTask(config, DatasetProperties(sample_rate=4000, gain=2.0, speakers=speakers))
