"""Step by step, the ear in NumPy computes what it computes at once; `test_model` compares it with JAX."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.ear import inference
from tests.ear.tiny_ear import FORWARD, NO_LOOK_AHEAD, SMALL_EAR, THREE_FRAMES, draw_params

STREAMING = {config: draw_params(config) for config in (FORWARD, NO_LOOK_AHEAD, THREE_FRAMES)}


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


@pytest.mark.parametrize("config", STREAMING, ids=["forward", "no look-ahead", "three frames"])
def test_a_forward_ear_sees_its_look_ahead_and_no_more(config):
    features = np.random.default_rng(0).normal(0, 3, (36, 4)).astype(np.float32)
    log_probs = inference.run(config, STREAMING[config], features).ctc
    for step in (3, 5):
        end = (step + config.look_ahead + 1) * config.stride
        for first, same in ((end, True), (end - 1, False)):
            other = features.copy()
            other[first:] += 5
            changed = inference.run(config, STREAMING[config], other).ctc
            assert np.allclose(changed[step], log_probs[step], atol=1e-6) == same


def test_an_ear_of_both_directions_sees_all():
    params, features = draw_params(SMALL_EAR), np.random.default_rng(0).normal(0, 3, (20, 4))
    other = features.copy()
    other[-1] += 20
    changed = inference.run(SMALL_EAR, params, other).ctc - inference.run(SMALL_EAR, params, features).ctc
    assert np.abs(changed).max(1).min() > 0


def test_an_ear_of_both_directions_has_no_steps():
    with pytest.raises(ValueError, match="as a whole"):
        inference.initial_state(SMALL_EAR)
