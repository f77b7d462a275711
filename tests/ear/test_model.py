"""The network of the ear in JAX: the same as in NumPy, where each recording is alone; and its gradient."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.ear import inference
from babble_jax.ear.model import _drop, _reorder, _reversal, apply, init, normalization
from tests.ear.tiny_ear import FORWARD, NO_LOOK_AHEAD, SMALL_EAR, THREE_FRAMES, draw_params

CONFIGS = [
    SMALL_EAR,
    FORWARD,
    *(pytest.param(config, marks=pytest.mark.slow) for config in (NO_LOOK_AHEAD, THREE_FRAMES)),
]


@pytest.mark.parametrize("config", CONFIGS, ids=["both", "forward", "no look-ahead", "three frames"])
def test_a_batch_gives_what_each_recording_gives_alone_in_numpy(config):
    params = draw_params(config)
    features = np.random.default_rng(2).normal(0, 3, (2, 13, 4)).astype(np.float32)
    lengths = np.array([13, 8])
    features[1, 8:] = np.nan  # what is after the end counts for nothing
    logits = jax.jit(apply, static_argnums=0)(config, params, features, lengths)
    for i, length in enumerate(lengths):
        alone = inference.run(config, params, features[i, :length])
        steps = config.count_steps(int(length))
        assert alone.ctc.shape == (steps, len(config.symbols) + 1)
        np.testing.assert_allclose(jax.nn.log_softmax(logits.ctc)[i, :steps], alone.ctc, atol=1e-5)
        if config.frame_head:
            frames = jax.nn.log_softmax(logits.frames)
            np.testing.assert_allclose(frames[i, :steps], alone.frames, atol=1e-5)
        else:
            assert logits.frames is alone.frames is None


def test_the_reversal_is_its_own_inverse_and_its_gradient_is_a_reversal():
    lengths, x = np.array([4, 2]), np.arange(16.0).reshape(4, 2, 2)
    order = _reversal(4, jnp.array(lengths))
    expected = np.stack([x[[3, 2, 1, 0], 0], x[[1, 0, 2, 3], 1]], 1)
    np.testing.assert_array_equal(_reorder(x, order), expected)
    output, pull_back = jax.vjp(lambda x: _reorder(x, order), x)
    np.testing.assert_array_equal(pull_back(output)[0], x)


@pytest.mark.slow
def test_the_gradient_is_the_slope():
    params, features = draw_params(SMALL_EAR), np.random.default_rng(0).normal(0, 3, (2, 9, 4))
    weights = np.random.default_rng(1).normal(size=(2, 5, 4)) * np.array([1, 1, 1, 0, 0])[:, None]
    loss = jax.jit(lambda x: (weights * apply(SMALL_EAR, params, x, jnp.array([9, 6])).ctc).sum())
    gradient = jax.grad(loss)(features)
    direction = np.asarray(gradient) / np.linalg.norm(gradient)
    slope = (loss(features + 5e-3 * direction) - loss(features - 5e-3 * direction)) / 1e-2
    assert float((gradient * direction).sum()) == pytest.approx(float(slope), rel=2e-2)
    assert not gradient[1, 6:].any()


@pytest.mark.slow
def test_the_first_parameters_have_the_shapes_of_any():
    for config in (SMALL_EAR, FORWARD, THREE_FRAMES):
        params = init(config, jax.random.key(0))
        jax.tree.map(
            lambda a, b: np.testing.assert_array_equal(a.shape, b.shape), params, draw_params(config)
        )
        assert all(np.isfinite(x).all() for x in jax.tree.leaves(params))


@pytest.mark.slow
def test_dropout_changes_the_logits():
    params, features = draw_params(SMALL_EAR), np.ones((1, 6, 4), np.float32)
    drops = apply(SMALL_EAR, params, features, jnp.array([6]), dropout=0.5, key=jax.random.key(3))
    assert np.abs(drops.ctc - apply(SMALL_EAR, params, features, jnp.array([6])).ctc).max() > 1e-3


def test_dropout_needs_a_key_and_a_share():
    with pytest.raises(ValueError, match="key"):
        apply(SMALL_EAR, {}, jnp.ones((1, 6, 4)), jnp.array([6]), dropout=0.5)
    with pytest.raises(ValueError, match="below 1"):
        apply(SMALL_EAR, {}, jnp.ones((1, 6, 4)), jnp.array([6]), dropout=1.0, key=jax.random.key(3))


@pytest.mark.slow
def test_dropout_leaves_the_mean():
    x = jnp.ones((195, 20, 10))
    drops = _drop(x, 0.3, jax.random.key(0))
    assert float(drops.mean()) == pytest.approx(1, abs=0.04)
    assert float((drops == 0).mean()) == pytest.approx(0.3, abs=0.03)


def test_normalization_is_of_all_frames():
    recordings = [np.full((2, 3), 1.0, np.float32), np.full((2, 3), 9.0, np.float32)]
    parts = normalization(recordings)
    assert parts["mean"].tolist() == [5.0] * 3
    assert parts["scale"].tolist() == [4.0] * 3
    assert normalization(recordings[:1])["scale"].tolist() == [1.0] * 3
