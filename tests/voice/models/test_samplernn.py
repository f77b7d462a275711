"""SampleRNN against plain versions of its parts, and the sizes of the published models counted by hand."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.voice.models import cells, weightnorm
from babble_jax.voice.models.samplernn import SampleRNN, SampleRNNConfig, SampleTier
from tests.voice.models import plain_samplernn

AUTHORS = SampleRNNConfig()
PYTORCH_PORT = SampleRNNConfig(frame_sizes=(16, 4), expand_top=True, hidden=1, reset="after")


def count(config):
    return sum(x.size for x in jax.tree.leaves(jax.eval_shape(SampleRNN(config).init, jax.random.key(0))))


def test_the_authors_three_tier_has_as_many_parameters_as_counted_by_hand():
    d, q, e = 1024, 256, 256
    # Kernel, weight norm g, bias of every map, in the order of the authors' code.
    top = (8 * 3 * d + 3 * d + 3 * d) + (d * 2 * d + 2 * d) + (d * d + d)  # GRU on raw frames of 8
    top += d * 4 * d + 4 * d + 4 * d  # to 8 / 2 finer frames
    low = 2 * d + d + d  # expand frames of 2
    low += (d * 3 * d + 3 * d + 3 * d) + (d * 2 * d + 2 * d) + (d * d + d)
    low += d * 2 * d + 2 * d + 2 * d
    sample = q * e + (2 * e * d + d) + 2 * (d * d + d + d) + (d * q + q + q)
    states = d + d
    assert count(AUTHORS) == top + low + sample + states == 18_744_832


def test_the_ports_three_tier_has_as_many_parameters_as_counted_by_hand():
    d, q, e = 1024, 256, 256
    gru = (d * 3 * d + 3 * d + 3 * d) + (d * 3 * d + 3 * d) + d
    up = d * 4 * d + 4 * d + 4 * d
    top = (16 * d + d + d) + gru + up
    low = (4 * d + d + d) + gru + up
    sample = q * e + (4 * e * d + d) + (d * d + d + d) + (d * q + q + q)
    assert count(PYTORCH_PORT) == top + low + sample + 2 * d == 23_463_424


def test_the_authors_voice_is_the_paper_written_down_plainly():
    config = SampleRNNConfig(frame_sizes=(8, 2), dim=12, embedding=6)
    voice = SampleRNN(config, 20)
    params = jax.jit(voice.init)(jax.random.key(0))
    noise = iter(jax.random.split(jax.random.key(1), 100))
    params = jax.tree.map(lambda x: x + 0.2 * jax.random.normal(next(noise), x.shape), params)
    samples = np.random.default_rng(0).integers(0, 20, 48)
    logits, _ = jax.jit(voice.apply)(
        params, voice.initial_state(params, 1), jnp.asarray(samples, jnp.int32)[None]
    )
    expected = plain_samplernn.log_probabilities(params, config.frame_sizes, 20, config.hidden, samples)
    np.testing.assert_allclose(jax.nn.log_softmax(logits)[0], expected, atol=2e-5)


def test_look_ups_equal_embedding_and_linear():
    config = SampleRNNConfig(frame_sizes=(8, 4), dim=10, embedding=6, hidden=0)
    module = SampleTier(config, q_levels=12, outputs=12, local=0)
    params = jax.jit(SampleRNN(config, 12).init)(jax.random.key(0))["sample"]
    folded = weightnorm.fold(params)
    past = jax.random.randint(jax.random.key(1), (3, 9), 0, 12)
    tables = module.apply({"params": folded}, method="tables")
    zeros = jnp.zeros((3, 6, 10))
    fast = module.apply({"params": folded}, tables, past, zeros, None)
    for n in range(6):
        embedded = folded["embedding"][past[:, n : n + 4]].reshape(3, 24)
        x = embedded @ folded["first"]["kernel"]
        plain = x @ folded["output"]["kernel"] + folded["output"]["bias"][None]
        np.testing.assert_allclose(fast[:, n], plain, atol=1e-5)


def test_weight_norm_starts_at_the_same_function_and_scales_by_g():
    kernel = jax.random.normal(jax.random.key(0), (5, 3))
    parts = weightnorm.split({"a": {"kernel": kernel, "bias": jnp.ones(3)}})
    np.testing.assert_allclose(weightnorm.fold(parts)["a"]["kernel"], kernel, rtol=1e-6)
    parts["a"]["v"] *= 7.0  # the direction alone counts
    parts["a"]["g"] = parts["a"]["g"].at[1].multiply(2.0)
    expected = kernel * jnp.array([[1.0, 2.0, 1.0]])
    np.testing.assert_allclose(weightnorm.fold(parts)["a"]["kernel"], expected, rtol=1e-6)


def test_the_gru_with_reset_after_is_flax_gru():
    x, h = jax.random.normal(jax.random.key(0), (7, 2, 5)), jax.random.normal(jax.random.key(1), (2, 6))
    flax = nn.GRUCell(6)
    theirs = flax.init(jax.random.key(2), h, x[0])["params"]
    theirs["hn"]["bias"] = jax.random.normal(jax.random.key(3), (6,))
    theirs["in"]["bias"] = jax.random.normal(jax.random.key(4), (6,))
    kernels = lambda kind: jnp.concatenate([theirs[kind + g]["kernel"] for g in "zrn"], axis=1)  # noqa: E731
    bias = jnp.concatenate([theirs["i" + g]["bias"] for g in "zrn"])
    ours = {
        "input": {"kernel": kernels("i"), "bias": bias},
        "recurrent": {"kernel": kernels("h")},
        "recurrent_bias": theirs["hn"]["bias"],
    }
    out, last = cells.GRU(6, "after").apply({"params": ours}, x, h)
    for t in range(7):
        h, expected = nn.GRUCell(6).apply({"params": theirs}, h, x[t])
        np.testing.assert_allclose(out[t], expected, atol=1e-6)
    np.testing.assert_allclose(last, h, atol=1e-6)


def test_the_gru_with_reset_before_by_hand():
    params = {
        "input": {"kernel": jnp.array([[0.5, -1.0, 2.0]]), "bias": jnp.array([0.1, 0.2, -0.3])},
        "recurrent": {"kernel": jnp.array([[1.5, 0.7]])},
        "candidate": {"kernel": jnp.array([[-0.8]])},
    }
    out, _ = cells.GRU(1, "before").apply({"params": params}, jnp.array([[[0.4]]]), jnp.array([[0.6]]))
    z = 1 / (1 + np.exp(-(0.4 * 0.5 + 0.1 + 0.6 * 1.5)))
    r = 1 / (1 + np.exp(-(0.4 * -1.0 + 0.2 + 0.6 * 0.7)))
    n = np.tanh(0.4 * 2.0 - 0.3 + r * 0.6 * -0.8)
    assert float(out[0, 0, 0]) == pytest.approx((1 - z) * n + z * 0.6, abs=1e-6)


def test_the_lstm_is_flax_lstm():
    x, state = jax.random.normal(jax.random.key(0), (7, 2, 5)), jax.random.normal(jax.random.key(1), (2, 12))
    h, c = jnp.split(state, 2, axis=-1)
    flax = nn.OptimizedLSTMCell(6)
    theirs = flax.init(jax.random.key(2), (c, h), x[0])["params"]
    ours = {
        "input": {"kernel": jnp.concatenate([theirs["i" + g]["kernel"] for g in "ifog"], axis=1)},
        "recurrent": {"kernel": jnp.concatenate([theirs["h" + g]["kernel"] for g in "ifog"], axis=1)},
        "bias": jnp.concatenate([theirs["h" + g]["bias"] for g in "ifog"]),
    }
    out, last = cells.LSTM(6).apply({"params": ours}, x, state)
    for t in range(7):
        (c, h), expected = flax.apply({"params": theirs}, (c, h), x[t])
        np.testing.assert_allclose(out[t], expected, atol=1e-6)
    np.testing.assert_allclose(last, jnp.concatenate([h, c], axis=-1), atol=1e-6)
    bias = cells.LSTM(6).init(jax.random.key(0), x, state)["params"]["bias"]
    np.testing.assert_array_equal(bias, [0.0] * 6 + [3.0] * 6 + [0.0] * 12)


def test_bfloat16_products_stay_near_float32():
    options = {"frame_sizes": (16, 4), "dim": 32, "embedding": 16, "expand_top": True}
    voice, half = (SampleRNN(SampleRNNConfig(**options, dtype=d), 64) for d in ("float32", "bfloat16"))
    params = jax.jit(voice.init)(jax.random.key(0))
    samples = jax.random.randint(jax.random.key(1), (2, 64), 0, 64)
    full, _ = jax.jit(voice.apply)(params, voice.initial_state(params, 2), samples)
    low, _ = jax.jit(half.apply)(params, half.initial_state(params, 2), samples)
    assert low.dtype == jnp.float32
    difference = jax.nn.log_softmax(full) - jax.nn.log_softmax(low)
    assert 0 < float(jnp.sqrt(jnp.mean(difference**2))) < 0.05
    assert half.weights(params)["tier_0"]["expand"]["kernel"].dtype == jnp.bfloat16


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"frame_sizes": ()}, "frame_sizes"),
        ({"frame_sizes": (8, 3)}, "multiple"),
        ({"frame_sizes": (4, 4)}, "multiple"),
        ({"skip": True}, "two layers"),
        ({"dim": 0}, "positive"),
    ],
)
def test_configs_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        SampleRNNConfig(**options)


def test_several_speakers_need_room_in_the_top_tier():
    with pytest.raises(ValueError, match="expand_top"):
        SampleRNN(SampleRNNConfig(), speakers=2)


def test_apply_refuses_a_ragged_length():
    voice = SampleRNN(SampleRNNConfig(dim=4, embedding=2), 8)
    params = jax.jit(voice.init)(jax.random.key(0))
    with pytest.raises(ValueError, match="multiple of 8"):
        voice.apply(params, voice.initial_state(params, 1), jnp.zeros((1, 12), jnp.int32))
