"""The network of the ear: padding changes nothing, and both directions see all."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.ear.config import EarConfig
from babble_jax.ear.model import _drop, apply, init, normalization

SMALL_EAR = EarConfig(("a", "b", "pau"), bands=4, dim=8, layers=2, recurrent=6, context=1)
FORWARD = EarConfig(
    ("a", "b"),
    bands=4,
    dim=8,
    layers=1,
    recurrent=6,
    recurrent_layers=2,
    direction="forward",
    look_ahead=4,
    context=1,
)


def perturb(params, seed=1):
    """Returns parameters none of which is as it begins, so that each has an effect."""
    leaves, tree = jax.tree.flatten(params)
    keys = jax.random.split(jax.random.key(seed), len(leaves))
    return tree.unflatten(
        [x + 0.2 * jax.random.normal(k, x.shape) for x, k in zip(leaves, keys, strict=True)]
    )


@pytest.mark.parametrize("config", [SMALL_EAR, FORWARD], ids=["both", "forward"])
def test_a_batch_gives_what_each_recording_gives_alone(config):
    params = perturb(init(config, jax.random.key(0)))
    features = jax.random.normal(jax.random.key(2), (2, 13, 4)) * 3
    lengths = np.array([13, 8])
    run = jax.jit(apply, static_argnums=0)
    both = run(config, params, features.at[1, 8:].set(jnp.nan), jnp.array(lengths))
    for i, length in enumerate(lengths):
        alone = run(config, params, features[i : i + 1, :length], jnp.array([length]))
        steps = config.count_steps(int(length))
        assert alone.ctc.shape == (1, steps, len(config.symbols) + 1)
        np.testing.assert_allclose(both.ctc[i, :steps], alone.ctc[0], atol=1e-5)
        np.testing.assert_allclose(both.frames[i, :steps], alone.frames[0], atol=1e-5)


def test_a_forward_ear_sees_its_look_ahead_and_no_more():
    params = perturb(init(FORWARD, jax.random.key(0)))
    features = jax.random.normal(jax.random.key(2), (1, 24, 4))

    def output(features):
        return apply(FORWARD, params, features, jnp.array([24])).frames[0, 3].sum()

    depends = np.abs(jax.grad(output)(features)[0]).sum(-1) > 0
    assert depends.tolist() == [True] * 2 * (3 + 4 + 1) + [False] * 8
    # The gradient of the backward direction is that of its plain form: all steps count.
    config, params = SMALL_EAR, perturb(init(SMALL_EAR, jax.random.key(0)))
    depends = jax.grad(lambda x: apply(config, params, x, jnp.array([20])).ctc[0, 3].sum())(features)
    assert (np.abs(depends[0]).sum(-1) > 0).tolist() == [True] * 20 + [False] * 4


def test_dropout_needs_a_key_and_changes_the_logits():
    params = perturb(init(SMALL_EAR, jax.random.key(0)))
    features, lengths = jax.random.normal(jax.random.key(2), (1, 6, 4)), jnp.array([6])
    with pytest.raises(ValueError, match="key"):
        apply(SMALL_EAR, params, features, lengths, dropout=0.5)
    with pytest.raises(ValueError, match="below 1"):
        apply(SMALL_EAR, params, features, lengths, dropout=1.0, key=jax.random.key(3))
    drops = apply(SMALL_EAR, params, features, lengths, dropout=0.5, key=jax.random.key(3))
    assert np.abs(drops.ctc - apply(SMALL_EAR, params, features, lengths).ctc).max() > 1e-3


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
