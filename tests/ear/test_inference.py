"""The ear in NumPy computes what it computes in JAX; step by step what it computes at once."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.ear import inference
from babble_jax.ear.config import EarConfig
from babble_jax.ear.model import apply, init
from tests.ear.test_model import FORWARD, SMALL_EAR, perturb

NO_LOOK_AHEAD = EarConfig(
    ("a", "b"), bands=4, dim=8, layers=1, recurrent=6, direction="forward", look_ahead=0
)
SOME = EarConfig(
    ("a",),
    bands=4,
    dim=8,
    layers=1,
    recurrent=6,
    direction="forward",
    look_ahead=2,
    stride=3,
    frame_head=False,
)


def to_numpy(config, seed=0):
    return jax.tree.map(np.asarray, perturb(init(config, jax.random.key(seed))))


@pytest.mark.parametrize("config", [SMALL_EAR, FORWARD, NO_LOOK_AHEAD, SOME], ids=str)
def test_it_is_the_network_of_jax(config):
    params = to_numpy(config)
    features = np.random.default_rng(0).normal(0, 3, (17, 4)).astype(np.float32)
    expected = apply(config, params, jnp.array(features[None]), jnp.array([17]))
    log_probs = inference.run(config, params, features)
    np.testing.assert_allclose(log_probs.ctc, jax.nn.log_softmax(expected.ctc[0]), atol=1e-5)
    if config.frame_head:
        np.testing.assert_allclose(log_probs.frames, jax.nn.log_softmax(expected.frames[0]), atol=1e-5)
    else:
        assert log_probs.frames is expected.frames is None


STREAMING = {config: to_numpy(config) for config in (FORWARD, NO_LOOK_AHEAD, SOME)}


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([*STREAMING]), st.lists(st.integers(0, 9), max_size=8), st.integers(0, 99))
def test_steps_are_those_of_the_recording(config, lengths, seed):
    params = STREAMING[config]
    features = np.random.default_rng(seed).normal(0, 3, (sum(lengths), 4)).astype(np.float32)
    state, outputs = inference.initial_state(config), []
    first = 0
    for length in lengths:
        state, log_probs = inference.step(config, params, state, features[first : first + length])
        first += length
        outputs.append(log_probs)
        decided = sum(len(x.ctc) for x in outputs)
        assert decided == max(0, first // config.stride - config.look_ahead)
    outputs.append(inference.finish(config, params, state))
    expected = inference.run(config, params, features)
    np.testing.assert_allclose(np.concatenate([x.ctc for x in outputs]), expected.ctc, atol=1e-5)
    if config.frame_head:
        np.testing.assert_allclose(np.concatenate([x.frames for x in outputs]), expected.frames, atol=1e-5)


def test_an_ear_of_both_directions_has_no_steps():
    with pytest.raises(ValueError, match="as a whole"):
        inference.initial_state(SMALL_EAR)
