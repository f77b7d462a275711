"""One suite over every voice: what `contract.SampleModel` promises."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.voice.block_sampler import compiled_sampler as compiled_sampler
from babble_jax.voice.contract import Cond
from babble_jax.voice.distributions.categorical import Categorical
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.distributions.logistic_mixture import DiscretizedLogisticMixture
from babble_jax.voice.models.kinds import KINDS, build_model
from babble_jax.voice.models.rnn import RNNConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from babble_jax.voice.models.wavenet import WaveNetConfig
from babble_jax.voice.sampling.ancestral import sample_ancestral, uniforms

B, T = 2, 32


def voice_of(speakers=0, local=0, **options):
    return build_model(SampleRNNConfig(**({"dim": 12, "embedding": 6} | options)), 20, speakers, local)


def rnn(speakers=0, local=0, **options):
    return build_model(RNNConfig(dim=12, embedding=6, hop=8, **options), 20, speakers, local)


def wavenet(speakers=0, local=0, **options):
    return build_model(WaveNetConfig(channels=8, skip=10, hop=8, **options), 20, speakers, local)


# Pairwise over frame sizes, cell, reset, layers and skip, expand_top, hidden, input, weight norm, learned state,
# speakers, features; of a WaveNet over stacks and layers, taps, input, weight norm, speakers, features.
VOICES = {
    "authors": voice_of(frame_sizes=(8, 2)),
    "authors-2-tier": voice_of(frame_sizes=(16,), layers=3),
    "lstm-skip": voice_of(frame_sizes=(4,), cell="lstm", layers=2, skip=True, expand_top=True, speakers=3),
    "gru-skip": voice_of(
        frame_sizes=(8, 4), layers=2, skip=True, learn_initial_state=False, hidden=1, input="real"
    ),
    "speakers-local": voice_of(
        frame_sizes=(16, 4), expand_top=True, speakers=3, local=2, reset="after", hidden=1
    ),
    "four-tier": voice_of(
        frame_sizes=(8, 4, 2), expand_top=True, local=3, reset="after", layers=2, hidden=0, weight_norm=False
    ),
    "one-sample-frames": voice_of(
        frame_sizes=(2, 1), cell="lstm", expand_top=True, learn_initial_state=False
    ),
    "rnn": rnn(layers=2, skip=True, input="real", reset="after"),
    "rnn-features": build_model(
        RNNConfig(
            cell="lstm", weight_norm=False, learn_initial_state=False, hidden=0, dim=12, embedding=6, hop=8
        ),
        20,
        3,
        2,
        mixture=3,
    ),
    "wavenet": wavenet(stacks=2, layers=3),
    "wavenet-speakers": wavenet(stacks=1, layers=4, taps=3, input="real", speakers=3, weight_norm=True),
    "wavenet-features": wavenet(stacks=2, layers=2, speakers=3, local=2),
    "mixture": build_model(
        SampleRNNConfig(frame_sizes=(8,), dim=12, embedding=6, expand_top=True, input="real"),
        20,
        0,
        2,
        mixture=3,
    ),
    "rnn-mixture": build_model(RNNConfig(dim=12, embedding=6, input="real"), 65_536, 0, 0, mixture=3),
    "wavenet-mixture": build_model(
        WaveNetConfig(stacks=2, layers=3, channels=8, skip=10, input="real"), 65_536, 0, 0, mixture=3
    ),
}
MIXTURES = {
    name for name, voice in VOICES.items() if isinstance(voice.distribution, DiscretizedLogisticMixture)
}
WITH_FEATURES = [name for name, voice in VOICES.items() if voice.local]


@functools.cache
def built(name):
    """A voice with parameters away from their initial values, and its cond."""
    voice = VOICES[name]
    params = jax.jit(voice.init)(jax.random.key(0))
    leaves, tree = jax.tree.flatten(params)
    keys = jax.random.split(jax.random.key(1), len(leaves))
    leaves = [x + 0.1 * jax.random.normal(k, x.shape) for x, k in zip(leaves, keys, strict=True)]
    return voice, jax.tree.unflatten(tree, leaves), cond_of(voice, 0)


def cond_of(voice, seed, length=T):
    """What a voice is conditioned on for `length` samples."""
    if not (voice.speakers or voice.local):
        return None
    local = np.random.default_rng(seed).normal(size=(B, length // voice.frame, voice.local))
    return Cond(
        speaker=jnp.array([0, 2]) if voice.speakers else None,
        local=jnp.asarray(local, jnp.float32) if voice.local else None,
    )


def rows(cond, start, stop):
    """The cond of top frames start ... stop - 1."""
    return cond if cond is None or cond.local is None else cond._replace(local=cond.local[:, start:stop])


@functools.cache
def compiled(name):
    """apply, and predict followed by push, as compiled functions of (state, samples, cond)."""
    voice, params, _ = built(name)
    weights = voice.weights(params)

    def step(state, sample, cond):
        logits, state = voice.predict(weights, state, cond)
        return logits, voice.push(state, sample)

    return jax.jit(lambda state, samples, cond: voice.apply(params, state, samples, cond)), jax.jit(step)


def sampling_of(name):
    return Sampling(0.9) if name in MIXTURES else Sampling(0.9, 7)


@functools.cache
def samplers(name):
    voice, params, _ = built(name)

    def run(sampler):
        return jax.jit(
            lambda state, uniform, forced, cond: sampler(
                voice, params, state, uniform, forced, cond, sampling_of(name)
            )
        )

    return run(sample_ancestral), run(compiled_sampler(voice))


def draws(seed, shape=(B, T), levels=20):
    return jnp.asarray(np.random.default_rng(seed).integers(0, levels, shape), jnp.int32)


def by_steps(name, state, samples):
    voice, _, cond = built(name)
    _, step = compiled(name)
    logits = []
    for t in range(samples.shape[1]):
        out, state = step(state, samples[:, t], None if cond is None else cond.at(t // voice.frame))
        logits.append(out)
    return jnp.stack(logits, axis=1), state


# For -m slow; `test_every_kind_of_model_is_among_the_fast_ones` holds what remains.
SLOW = {
    "authors",
    "authors-2-tier",
    "gru-skip",
    "one-sample-frames",
    "rnn",
    "wavenet",
    "wavenet-speakers",
    "mixture",
    "rnn-mixture",
    "wavenet-mixture",
}
each_voice = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in VOICES]
)


def test_every_kind_of_model_is_among_the_fast_ones():
    fast: list[Any] = [voice for name, voice in VOICES.items() if name not in SLOW]
    assert {voice.config.kind for voice in fast} == set(KINDS)
    tiers = [voice for voice in fast if voice.config.kind == "samplernn"]
    assert {len(voice.config.frame_sizes) for voice in tiers} == {1, 2, 3}
    for kind in KINDS:
        voices = [voice for voice in fast if voice.config.kind == kind]
        assert any(voice.speakers for voice in voices)
        assert any(voice.local for voice in voices)
    assert {type(voice.distribution) for voice in fast} == {Categorical, DiscretizedLogisticMixture}
    assert {voice.config.cell for voice in tiers} == {"gru", "lstm"}
    assert {voice.config.reset for voice in tiers} == {"before", "after"}


@each_voice
def test_steps_equal_apply_equal_chunks(name):
    voice, params, cond = built(name)
    apply, _ = compiled(name)
    start = voice.initial_state(params, B, cond)
    samples, later = draws(0), draws(1)
    complete, state = apply(start, samples, cond)
    assert complete.shape == (B, T, voice.distribution.size)
    assert complete.dtype == jnp.float32

    half = T // 2 // voice.frame
    first, middle = apply(start, samples[:, : T // 2], rows(cond, 0, half))
    second, chunked = apply(middle, samples[:, T // 2 :], rows(cond, half, None))
    np.testing.assert_allclose(jnp.concatenate([first, second], axis=1), complete, atol=2e-5)

    stepped, after = by_steps(name, start, samples)
    np.testing.assert_allclose(stepped, complete, atol=2e-5)

    # States are equal when what follows from them is.
    next_cond = cond_of(voice, 1)
    expected = apply(state, later, next_cond)[0]
    np.testing.assert_allclose(apply(chunked, later, next_cond)[0], expected, atol=2e-5)
    np.testing.assert_allclose(apply(after, later, next_cond)[0], expected, atol=2e-5)


@each_voice
@settings(deadline=None, max_examples=10)
@given(t=st.integers(0, T - 2), seed=st.integers(0, 99))
def test_causal_to_the_bit(name, t, seed):
    voice, params, cond = built(name)
    apply, _ = compiled(name)
    start = voice.initial_state(params, B, cond)
    samples = draws(seed)
    changed = samples.at[:, t:].set((samples[:, t:] + 7) % voice.q_levels)
    before, after = apply(start, samples, cond)[0], apply(start, changed, cond)[0]
    np.testing.assert_array_equal(before[:, : t + 1], after[:, : t + 1])
    assert jnp.any(before[:, t + 1 :] != after[:, t + 1 :])


@each_voice
@settings(deadline=None, max_examples=5)
@given(seed=st.integers(0, 99))
def test_samplers_score_as_apply_does(name, seed):
    voice, params, cond = built(name)
    apply, _ = compiled(name)
    start = voice.initial_state(params, B, cond)
    forced, uniform = draws(seed), uniforms(jax.random.split(jax.random.key(seed), B), 0, T)
    logits, _ = apply(start, forced, cond)
    distribution: Any = voice.distribution
    if name in MIXTURES:
        levels = jnp.arange(voice.q_levels).reshape(1, 1, -1)
        edges = distribution.cdf(logits, jnp.tile(levels, (B, T, 1)), 0.9)
        expected = distribution.log_prob(logits, forced)
    else:
        edges = distribution.cdf(logits, sampling_of(name))
        expected = jnp.take_along_axis(jax.nn.log_softmax(logits), forced[..., None], axis=-1)[..., 0]
    at_edge = np.any(np.abs(edges - uniform[..., None]) < 1e-5, axis=-1)
    expected_draws = np.sum(edges <= uniform[..., None], axis=-1)
    for sampler in samplers(name):
        trace, _ = sampler(start, uniform, forced, cond)
        np.testing.assert_array_equal(trace.samples, forced)
        np.testing.assert_allclose(trace.log_prob, expected, atol=1e-4)
        assert np.all((trace.free_samples == expected_draws) | at_edge)


@each_voice
def test_free_running_samplers_agree_and_blocks_do_not_matter(name):
    voice, params, cond = built(name)
    slow, fast = samplers(name)
    start = voice.initial_state(params, B, cond)
    keys = jax.random.split(jax.random.key(5), B)
    half = T // 2 // voice.frame
    complete, _ = slow(start, uniforms(keys, 0, T), None, cond)
    first, state = fast(start, uniforms(keys, 0, T // 2), None, rows(cond, 0, half))
    second, _ = fast(state, uniforms(keys, T // 2, T // 2), None, rows(cond, half, None))
    blocks = np.concatenate([first.samples, second.samples], axis=1)
    # Free-running streams part for good after one draw at an edge of the cdf; these keys meet none.
    np.testing.assert_array_equal(blocks, complete.samples)
    assert len(np.unique(blocks)) > 3


@each_voice
def test_weights_are_folded_once(name):
    voice, params, cond = built(name)
    weights = voice.weights(params)
    assert voice.weights(weights) is weights
    apply, _ = compiled(name)
    start = voice.initial_state(params, B, cond)
    folded, _ = jax.jit(voice.apply)(weights, start, draws(3), cond)
    np.testing.assert_allclose(folded, apply(start, draws(3), cond)[0], atol=1e-5)


@each_voice
def test_gradients_are_finite_and_reach_every_parameter(name):
    voice, params, cond = built(name)

    def loss(params):
        state = voice.initial_state(params, B, cond)
        logits, _ = voice.apply(params, state, draws(4), cond)
        return -jnp.mean(voice.distribution.log_prob(logits, draws(4)))

    derivative = jax.jit(jax.value_and_grad(loss))
    value, gradients = derivative(params)
    for path, gradient in jax.tree_util.tree_leaves_with_path(gradients):
        assert np.all(np.isfinite(gradient)), path
        assert np.any(gradient != 0), path
    # A step against the gradient changes the loss by minus the squared norm, to first order.
    norm = sum(jnp.vdot(g, g) for g in jax.tree.leaves(gradients))
    step = 1e-3 / norm
    moved, _ = derivative(jax.tree.map(lambda p, g: p - step * g, params, gradients))
    assert moved - value == pytest.approx(-1e-3, rel=0.2)


@pytest.mark.parametrize("name", WITH_FEATURES)
def test_features_act_from_their_own_frame_on(name):
    voice, _, cond = built(name)
    assert cond is not None
    assert cond.local is not None
    apply, _ = compiled(name)
    start, samples = voice.initial_state(built(name)[1], B, cond), draws(6)
    first = 1
    changed = cond._replace(local=cond.local.at[:, first:].add(1.0))
    before, after = apply(start, samples, cond)[0], apply(start, samples, changed)[0]
    t = first * voice.frame
    np.testing.assert_array_equal(before[:, :t], after[:, :t])
    assert np.all(np.any(before[:, t] != after[:, t], axis=-1))


@pytest.mark.parametrize("name", WITH_FEATURES)
def test_the_reference_sampler_takes_the_features_of_the_running_frame_at_any_phase(name):
    voice, _, cond = built(name)
    slow, _ = samplers(name)
    start = voice.initial_state(built(name)[1], B, cond)
    keys = jax.random.split(jax.random.key(7), B)
    complete, _ = slow(start, uniforms(keys, 0, T), None, cond)
    cut = voice.frame + 5
    first, state = slow(start, uniforms(keys, 0, cut), None, rows(cond, 0, 2))
    second, _ = slow(state, uniforms(keys, cut, T - cut), None, rows(cond, 1, None))
    np.testing.assert_array_equal(np.concatenate([first.samples, second.samples], axis=1), complete.samples)


@pytest.mark.parametrize("local", [None, jnp.zeros((B, 2, 5)), jnp.zeros((B, 1, 2))])
def test_features_that_do_not_fit_are_refused(local):
    voice, params, cond = built("speakers-local")
    assert cond is not None
    with pytest.raises(ValueError, match=r"Cond\(local=\[B, 2, 2\]\), one row per top frame"):
        voice.apply(params, voice.initial_state(params, B), draws(0), cond._replace(local=local))


def test_the_uniforms_depend_on_stream_and_sample_only():
    keys = jax.random.split(jax.random.key(0), 3)
    complete = uniforms(keys, 0, 40)
    np.testing.assert_array_equal(complete[1:2, 16:], uniforms(keys[1:2], 16, 24))
    assert len(np.unique(complete)) > 100
    assert 0.4 < float(jnp.mean(complete)) < 0.6


FOLDED = ("speakers-local", "rnn", "wavenet-speakers")  # one of each kind among the fast tests


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in FOLDED else pytest.mark.slow) for name in VOICES]
)
def test_arrays_of_numpy_are_folded_by_numpy(name):
    """A voice that starts to speak compiles nothing for its weights and its first state."""
    voice, params, cond = built(name)
    numbers = jax.device_get(params)
    ours = voice.weights(jax.tree.map(lambda x: x.astype(np.float64), numbers))
    first = voice.initial_state(numbers, B, cond)
    assert all(isinstance(x, np.ndarray) for x in jax.tree.leaves((ours, first)))
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6), ours, voice.weights(params)
    )
    expected = voice.initial_state(params, B, cond)
    jax.tree.map(np.testing.assert_array_equal, first, expected)
    assert jax.tree.map(lambda x: x.dtype, first) == jax.tree.map(lambda x: x.dtype, expected)
