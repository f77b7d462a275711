"""Presets of training: each is what it says, and what is counted stands in it."""

import dataclasses

import jax
import numpy as np
import pytest

from babble_jax.cli.train_report import format_presets
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import count_parameters
from babble_jax.train import training
from babble_jax.train.tasks.voice.config import DatasetProperties, VoiceTrainConfig
from babble_jax.train.tasks.voice.presets import (
    BABBLERS_PRESET,
    PAPER_PRESET,
    SMALL_PRESET,
    SPEECH_PRESET,
    TRAIN_PRESETS,
    find_preset,
    list_overrides,
)
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.throughput import update_flops


@pytest.mark.parametrize("name", TRAIN_PRESETS)
def test_a_preset_is_found_by_its_values(name):
    preset = TRAIN_PRESETS[name]
    own = dataclasses.replace(preset.config, dataset="mine", seed=3, parallel="jit")
    assert find_preset(own) == name
    assert find_preset(own, preset.steps + 1) is None
    assert find_preset(dataclasses.replace(own, batch_size=4)) is None
    assert preset.measured  # no expectation without its source
    assert preset.config.dataset == ""


def test_the_paper_is_the_default_of_the_library_and_small_voices_share_a_shape():
    assert PAPER_PRESET.config == VoiceTrainConfig()
    assert SPEECH_PRESET.config.model == BABBLERS_PRESET.config.model
    assert SMALL_PRESET.config.optimizer.decay_steps == SMALL_PRESET.steps
    assert SPEECH_PRESET.config.optimizer.decay_steps == SPEECH_PRESET.steps
    assert BABBLERS_PRESET.config.optimizer.decay_steps == BABBLERS_PRESET.steps


def test_what_was_changed_is_listed():
    config = dataclasses.replace(SMALL_PRESET.config, dataset="mine", batch_size=4)
    assert list_overrides(SMALL_PRESET, config, 7) == ["batch_size: 16 -> 4", "steps: 1000 -> 7"]
    other = dataclasses.replace(
        SMALL_PRESET.config, model=dataclasses.replace(SMALL_PRESET.config.model, dim=8)
    )
    assert list_overrides(SMALL_PRESET, other, SMALL_PRESET.steps) == ["model.dim: 192 -> 8"]


def test_the_list_names_each_with_time_memory_and_bits():
    text = format_presets()
    for name, preset in TRAIN_PRESETS.items():
        assert f"{name}: {preset.purpose}" in text
        assert f"memory: {preset.memory / 1e9:.1f} GB" in text
    assert text.count("on two idle cores;") == text.count("(estimated)") == len(TRAIN_PRESETS)
    assert max(map(len, text.splitlines())) <= 120


def test_the_time_on_a_gpu_is_its_arithmetic():
    # 1 ms for 8,192 samples, and 32 ms for 32 + 128 sequential steps forward and backward
    update = SMALL_PRESET.flops * 8192 / 1e13 + 2 * (32 + 128) * 1e-4
    assert SMALL_PRESET.gpu_seconds == pytest.approx(1000 * update)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAIN_PRESETS)
def test_operations_are_counted_from_the_model(name):
    config = TRAIN_PRESETS[name].config
    task = VoiceTask(config, DatasetProperties(speakers=("one",)))
    shape, model = (config.batch_size, config.subsequence), task.voice.sample_model
    batch = {
        "pcm": np.zeros(shape, np.int16),
        "weight": np.ones(shape, np.float32),
        "reset": np.zeros(shape[0], bool),
        "speaker": np.zeros(shape[0], np.int32),
        "local": np.zeros((shape[0], shape[1] // model.frame, model.local), np.float32),
    }
    if not model.local:
        del batch["local"]
    params = jax.eval_shape(model.init, jax.random.key(0))
    flops = update_flops(task, params, batch) / TRAIN_PRESETS[name].samples_per_update
    assert TRAIN_PRESETS[name].flops == pytest.approx(flops, rel=0.01)
    assert 12 * count_parameters(task.voice) < TRAIN_PRESETS[name].memory


def test_a_preset_gives_the_values_that_options_do_not(monkeypatch, tmp_path):
    began = []
    monkeypatch.setattr(training, "VoiceTask", lambda config: config)

    def train(*arguments):
        began.append(arguments)
        raise InterruptedError

    monkeypatch.setattr(training, "train", train)
    with pytest.raises(InterruptedError):
        training.train_voice("data", tmp_path, preset="speech", batch_size=4)
    with pytest.raises(InterruptedError):
        training.train_voice("data", tmp_path, 5)
    (config, _, steps, log), (paper, *_) = began
    assert config == dataclasses.replace(SPEECH_PRESET.config, dataset="data", batch_size=4)
    assert (steps, log) == (SPEECH_PRESET.steps, SPEECH_PRESET.log)
    assert paper == dataclasses.replace(PAPER_PRESET.config, dataset="data")
    with pytest.raises(BabbleError, match="steps is not given"):
        training.train_voice("data", tmp_path)
    with pytest.raises(BabbleError, match="without a preset"):
        training.train_voice(config, tmp_path, preset="small")
