"""Losses of the attention, against their definitions phone by phone."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.tacotron.guided_attention import guided_loss, labelled_loss, phone_shares


@pytest.mark.slow
def test_the_guided_loss_is_the_definition_and_least_on_the_diagonal():
    rng = np.random.default_rng(0)
    attention = rng.dirichlet(np.ones(4), size=(2, 6)).astype(np.float32)
    loss = guided_loss(jnp.asarray(attention), jnp.array([4, 3]), jnp.array([6, 5]))
    for stream, phones, steps in ((0, 4, 6), (1, 3, 5)):
        for step in range(steps):
            expected = sum(
                attention[stream, step, n] * (1 - math.exp(-((n / phones - step / steps) ** 2) / 0.08))
                for n in range(4)
            )
            assert abs(loss[stream, step] - expected) < 1e-5
    diagonal = jnp.eye(4)[None]
    lengths = jnp.array([4])
    assert float(guided_loss(diagonal, lengths, lengths).max()) < 1e-6
    assert float(guided_loss(diagonal[:, ::-1], lengths, lengths).mean()) > 0.5


@pytest.mark.slow
def test_phones_share_the_frames_of_a_step_and_the_labelled_loss_is_least_on_them():
    ends = jnp.array([[1.0, 4.0, 5.0, 5.0]])
    shares = phone_shares(ends, 3, 2)
    np.testing.assert_allclose(shares[0], [[0.5, 0.5, 0, 0], [0, 1, 0, 0], [0, 0, 0.5, 0]])
    right = labelled_loss(shares, shares)[0]
    np.testing.assert_allclose(right, [math.log(2), 0, -0.5 * math.log(0.5)], atol=1e-4)
    wrong = labelled_loss(jnp.roll(shares, 1, axis=-1), shares)[0]
    assert np.all(wrong[1:] > right[1:] + 1)
