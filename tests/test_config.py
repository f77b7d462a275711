"""Configs survive JSON; values that are no config are refused by field and source."""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax import config
from babble_jax.audio.quantize import Quantizer
from babble_jax.errors import BabbleError
from babble_jax.timing.events.ipu import Definitions
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig

positive = st.floats(1e-300, 1e300)
models = st.builds(
    SampleRNNConfig,
    frame_sizes=st.sampled_from([(2,), (8, 2), (64, 16, 4)]),
    dim=st.integers(1, 4096),
    cell=st.sampled_from(["gru", "lstm"]),
    expand_top=st.just(True),
    dtype=st.sampled_from(["float32", "bfloat16"]),
)
quantizers = st.builds(
    Quantizer, kind=st.sampled_from(["linear", "mu_law", "a_law"]), q_levels=st.integers(2, 65536)
)
voices = st.builds(
    VoiceConfig,
    models,
    quantizers,
    st.integers(1000, 192_000),
    st.floats(1e-6, 1e6),
    st.lists(st.text(), unique=True).map(tuple),
)
optimizers = st.builds(OptimizerConfig, learning_rate=positive, clip=st.floats(0, 1e9))
trainings = st.builds(
    VoiceTrainConfig,
    dataset=st.text(),
    model=models,
    quantizer=quantizers,
    optimizer=optimizers,
    batch_size=st.integers(1, 10**9),
    subsequence=st.just(64),
    seed=st.integers(0, 2**32 - 1),
)
definitions = st.builds(Definitions, merge=positive, max_word=st.none() | positive)


@settings(deadline=None)
@given(st.one_of(trainings, voices, definitions, st.builds(LogConfig, every=st.integers(1))))
def test_json_and_back_is_the_same_to_the_bit(value):
    text = json.dumps(config.to_json(value), allow_nan=False)
    assert config.from_json(type(value), json.loads(text)) == value


def test_missing_fields_take_their_defaults():
    assert config.from_json(OptimizerConfig, {"clip": 0.5}) == OptimizerConfig(clip=0.5)


@pytest.mark.parametrize(
    ("cls", "values", "message"),
    [
        (
            OptimizerConfig,
            {"lerning_rate": 1.0, "b": 2},
            "f.json: OptimizerConfig has no field 'b', 'lerning_rate'",
        ),
        (OptimizerConfig, {"learning_rate": "fast"}, "f.json: learning_rate: Input should be a valid number"),
        (VoiceTrainConfig, {"kind": "ear"}, "f.json: kind: Input should be 'voice'"),
        (LogConfig, {"wandb": "maybe"}, "f.json: wandb: Input should be 'online', 'offline' or 'off'"),
        (VoiceConfig, {"model": {"dim": [1]}}, "f.json: model.dim: Input should be a valid integer"),
        (VoiceConfig, {"gain": float("nan")}, "f.json: VoiceConfig: .*gain nan must be positive"),
        (VoiceConfig, {"model": {"frame_sizes": [8, 3]}}, "f.json: model: .*larger multiple of the next"),
        (Definitions, {"version": 2}, "f.json: Definitions: .*version 2"),
    ],
)
def test_what_is_no_config_is_refused_by_its_field(cls, values, message):
    with pytest.raises(BabbleError, match=message) as error:
        config.from_json(cls, values, "f.json")
    assert "\n" not in str(error.value)


few = st.builds(OptimizerConfig, learning_rate=st.sampled_from([1e-3, 1e-2]), warmup_steps=st.integers(0, 1))


@given(few, few)
def test_a_difference_is_empty_between_equals_only(one, other):
    assert (config.difference(config.to_json(one), config.to_json(other)) == []) == (one == other)


def test_a_difference_names_every_leaf():
    one = VoiceTrainConfig(dataset="d", model=SampleRNNConfig(expand_top=True))
    other = dataclasses.replace(
        one, batch_size=4, model=SampleRNNConfig(), quantizer=Quantizer("mu_law"), init_from="a"
    )
    assert config.difference(config.to_json(one), config.to_json(other)) == [
        "batch_size: 128 -> 4",
        "init_from: None -> 'a'",
        "model.expand_top: True -> False",
        "quantizer.kind: 'linear' -> 'mu_law'",
    ]
    assert config.difference({"a": {"b": 1}}, {"c": None, "a": 2}) == ["a: {'b': 1} -> 2"]
