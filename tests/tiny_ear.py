"""A tiny training of an ear."""

from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.ear.config import EarShape, EarTrainConfig
from babble_jax.train.tasks.ear.task import EarTask


def tiny_ear(recordings, **options):
    """Makes the task of a tiny ear; options replace fields of `EarTrainConfig`."""
    shape = EarShape(bands=8, stride=4, context=1, dim=12, layers=1, recurrent=6, recurrent_layers=1)
    defaults = {
        "recordings": str(recordings),
        "model": shape,
        "optimizer": OptimizerConfig(learning_rate=1e-2),
        "batch_size": 4,
        "dropout": 0.1,
        "band_mask": 2,
    }
    return EarTask(EarTrainConfig(**(defaults | options)))
