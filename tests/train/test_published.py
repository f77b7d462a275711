"""The published models at their full size (dim 1024) train: one update each."""

import jax
import numpy as np
import pytest

from babble_jax.train.config import OptimizerConfig
from babble_jax.train.state import init_train_state
from babble_jax.train.step import train_step
from babble_jax.train.tasks.voice.config import DatasetProperties, VoiceTrainConfig
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.voice.models.samplernn import SampleRNNConfig

PUBLISHED = {
    "authors": SampleRNNConfig(),  # frames 8 and 2
    "ports": SampleRNNConfig(frame_sizes=(16, 4), expand_top=True, hidden=1, reset="after"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_one_update_moves_every_parameter_and_lowers_the_loss(name):
    config = VoiceTrainConfig(
        model=PUBLISHED[name],
        # Adam's first step is as long as the rate, whatever the gradient
        optimizer=OptimizerConfig(learning_rate=1e-5),
        batch_size=2,
        subsequence=64,
    )
    task = VoiceTask(config, DatasetProperties())
    time = np.arange(64) / 16000
    batch = {
        "pcm": np.stack([9000 * np.sin(2 * np.pi * f * time) for f in (200, 700)]).astype(np.int16),
        "weight": np.ones((2, 64), np.float32),
        "reset": np.array([True, True]),
        "speaker": np.zeros(2, np.int32),
    }
    step, state = jax.jit(train_step(task)), init_train_state(task)
    after, first = step(state, batch)
    for path, (a, b) in jax.tree_util.tree_leaves_with_path(
        jax.tree.map(lambda a, b: (a, b), state.params, after.params), is_leaf=lambda x: isinstance(x, tuple)
    ):
        assert np.any(a != b), path
        assert np.all(np.isfinite(b)), path
    _, second = step(after, batch)
    assert np.log(256) < float(first.total) / float(first.weight) < np.log(256) + 1.5  # it knows nothing yet
    assert float(second.total) < float(first.total)
