"""The plain RNN against the same in numpy; its size counted by hand; what makes no sense refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.voice.models.rnn import RNN, RNNConfig
from tests.voice.models import plain_rnn


def test_the_voice_is_the_recurrence_written_down_plainly():
    voice = RNN(RNNConfig(dim=7, embedding=5, layers=2, cell="lstm", skip=True, input="real"), 20)
    params = jax.jit(voice.init)(jax.random.key(0))
    noise = iter(jax.random.split(jax.random.key(1), 100))
    params = jax.tree.map(lambda x: x + 0.2 * jax.random.normal(next(noise), x.shape), params)
    samples = np.random.default_rng(0).integers(0, 20, 40)
    logits, _ = jax.jit(voice.apply)(
        params, voice.initial_state(params, 1), jnp.asarray(samples, jnp.int32)[None]
    )
    expected = plain_rnn.log_probabilities(params, 20, samples)
    np.testing.assert_allclose(jax.nn.log_softmax(logits)[0], expected, atol=2e-5)


def test_it_has_as_many_parameters_as_counted_by_hand():
    d, q, e = 1024, 256, 256
    # Kernel, weight norm g, bias of every map.
    gru = (e * 3 * d + 3 * d + 3 * d) + (d * 2 * d + 2 * d) + (d * d + d)
    tail = (d * d + d + d) + (d * q + q + q)
    shapes = jax.eval_shape(RNN(RNNConfig()).init, jax.random.key(0))
    assert sum(x.size for x in jax.tree.leaves(shapes)) == q * e + gru + tail + d


@pytest.mark.parametrize(
    ("options", "message"),
    [({"skip": True}, "two layers"), ({"dim": 0}, "positive"), ({"hop": 0}, "positive")],
)
def test_configs_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        RNNConfig(**options)


def test_apply_refuses_a_ragged_length_where_features_have_a_clock():
    voice = RNN(RNNConfig(dim=4, embedding=2, hop=8), 8, local=1)
    params = jax.jit(voice.init)(jax.random.key(0))
    with pytest.raises(ValueError, match="multiple of 8"):
        voice.apply(params, voice.initial_state(params, 1), jnp.zeros((1, 12), jnp.int32))
