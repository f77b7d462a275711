"""A voice with a mixture of logistics from its training to its babble."""

import jax
import numpy as np
import pytest

from babble_jax.audio.quantize import Quantizer
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.pretrained.speaking import speak
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.tasks.voice.loss import voice_loss
from babble_jax.train.training import train_voice
from babble_jax.voice.models.samplernn import SampleRNNConfig
from tests.small_run import small

REAL = SampleRNNConfig(frame_sizes=(8, 2), dim=12, hidden=1, expand_top=True, input="real", reset="after")


@pytest.mark.slow
def test_the_loss_is_that_of_the_distribution():
    task = small(model=REAL, quantizer=Quantizer("linear", 65_536), mixture=4)
    voice, model = task.voice, task.voice.sample_model
    params = jax.jit(model.init)(jax.random.key(0))
    pcm = np.random.default_rng(0).integers(-9000, 9000, (2, 16)).astype(np.int16)
    batch = {
        "pcm": pcm,
        "weight": np.ones((2, 16), np.float32),
        "reset": np.ones(2, bool),
        "speaker": np.zeros(2, np.int32),
    }
    state = model.initial_state(params, 2)
    loss = jax.jit(lambda params, state: voice_loss(voice, params, state, batch))(params, state)
    outputs, _ = jax.jit(model.apply)(params, state, voice.encode(pcm))
    expected = -model.distribution.log_prob(outputs, voice.encode(pcm)).sum()
    assert float(loss.total) == pytest.approx(float(expected), rel=1e-4)
    assert 0 <= float(loss.sums["correct"]) <= 32


@pytest.mark.slow
def test_it_learns_and_speaks(tones, tmp_path):
    options = {"quantizer": Quantizer("linear", 65_536), "batch_size": 8, "subsequence": 64, "mixture": 4}
    log = LogConfig(evaluate_every=0, evaluate_recordings=4, audio_seconds=0.1)
    options["optimizer"] = OptimizerConfig(learning_rate=1e-2)
    report = train_voice(str(tones), tmp_path / "run", 120, log=log, model=REAL, **options)
    assert report.validation.bits < 15  # of 16
    voice = load_voice(report.voice)
    assert voice.config.mixture == 4
    audio = speak(voice, 0.2, seed=3)
    assert len(audio) == round(0.2 * voice.config.sample_rate)
    assert np.all(np.abs(audio) <= 1)
    np.testing.assert_array_equal(audio, speak(voice, 0.2, seed=3))
    with pytest.raises(BabbleError, match="top_k selects among classes"):
        speak(voice, 0.2, top_k=5)
    np.testing.assert_array_equal(audio, speak(voice, 0.2, seed=3, sampler="native"))
    compiled = speak(voice, 0.2, seed=3, sampler="compiled")
    np.testing.assert_allclose(
        audio[:40], compiled[:40], atol=1e-3
    )  # until a uniform lies at an edge of the cdf
