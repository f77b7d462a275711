"""One suite for all models: steps one by one, padding, gradients, attention, generation, parameters of the papers."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.tacotron.config import InputConfig, SynthesisConfig, Tacotron2Config, TacotronConfig
from babble_jax.tacotron.synthesizer import Synthesizer
from tests.tacotron import tiny

SLOW = pytest.mark.slow
KINDS = ["tacotron2", "tacotron"]


@functools.cache
def built(kind):
    """Makes a tiny model, its parameters, and its functions, compiled."""
    model = Synthesizer(tiny.config(kind))
    params = jax.jit(model.init)(jax.random.key(0))
    return model, params, jax.jit(model.apply, static_argnames="train"), jax.jit(model.step)


@SLOW
@pytest.mark.parametrize("kind", KINDS)
def test_steps_one_by_one_with_the_true_frames_give_what_apply_gives(kind):
    model, params, apply, step = built(kind)
    inputs, frames = tiny.utterances()
    expected = apply(params, inputs, frames, tiny.FRAMES, tiny.keys())
    memory = model.encode(params, inputs)
    state = model.initial_state(params, memory)
    for number in range(3):
        state, output = step(params, memory, state, tiny.keys())
        own = slice(2 * number, 2 * number + 2)
        np.testing.assert_allclose(output.frames, expected.frames[:, own], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(output.stop[:, 0], expected.stop[:, number], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(output.attention[:, 0], expected.attention[:, number], atol=1e-5)
        np.testing.assert_array_equal(state.frame, output.frames[:, -1])
        state = state._replace(frame=jnp.asarray(frames[:, 2 * number + 1]))
    assert int(state.step) == 3
    np.testing.assert_allclose(expected.attention.sum(-1), 1, atol=1e-6)
    assert np.all(expected.attention[1, :, 2:] == 0), "attention to padding"
    assert np.all(expected.attention[0] > 0)


@SLOW
@pytest.mark.parametrize("kind", KINDS)
def test_forced_to_look_where_it_looks_it_says_the_same_and_elsewhere_it_says_other_things(kind):
    _, params, apply, _ = built(kind)
    inputs, frames = tiny.utterances()
    own = apply(params, inputs, frames, tiny.FRAMES, tiny.keys())
    for forced in (own.attention, jnp.zeros_like(own.attention)):
        same = apply(params, inputs, frames, tiny.FRAMES, tiny.keys(), forced=forced)
        for one, other in zip(same, own, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    first = jnp.zeros_like(own.attention).at[0, :, 0].set(1.0)
    elsewhere = apply(params, inputs, frames, tiny.FRAMES, tiny.keys(), forced=first)
    assert float(jnp.max(jnp.abs(elsewhere.frames[0] - own.frames[0]))) > 1e-3
    np.testing.assert_allclose(elsewhere.frames[1], own.frames[1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(elsewhere.attention.sum(-1), 1, atol=1e-6)


@SLOW
@pytest.mark.parametrize("kind", KINDS)
@given(st.integers(1, 7), st.integers(1, 12), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_what_stands_in_the_padding_changes_nothing(kind, phones, frames, seed):
    _, params, apply, _ = built(kind)
    noise = [tiny.utterances(7, 12, seed=one) for one in (0, seed)]
    (inputs, true), (others, other_frames) = noise
    lengths = np.array([phones, 7], np.int32)
    own = np.arange(7)[None] < lengths[:, None]
    frame_lengths = np.array([frames, 12], np.int32)
    own_frames = np.arange(12)[None] < frame_lengths[:, None]
    padded = inputs._replace(
        phones=np.where(own, inputs.phones, others.phones),
        prosody=np.where(own[..., None], inputs.prosody, others.prosody),
        lengths=lengths,
    )
    one = apply(params, inputs._replace(lengths=lengths), true, frame_lengths, tiny.keys())
    two = apply(
        params, padded, np.where(own_frames[..., None], true, other_frames), frame_lengths, tiny.keys()
    )
    steps = -(-frames // 2)
    np.testing.assert_array_equal(one.frames[0, : 2 * steps], two.frames[0, : 2 * steps])
    np.testing.assert_array_equal(one.refined[0, :frames], two.refined[0, :frames])
    np.testing.assert_array_equal(one.attention[0, :steps], two.attention[0, :steps])
    np.testing.assert_array_equal(one.frames[1], two.frames[1])


@SLOW
@pytest.mark.parametrize("train", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_more_padding_changes_nothing_but_rounding(kind, train):
    _, params, apply, _ = built(kind)
    inputs, frames = tiny.utterances()
    longer = inputs._replace(
        phones=np.pad(inputs.phones, ((0, 0), (0, 3))),
        prosody=np.pad(inputs.prosody, ((0, 0), (0, 3), (0, 0))),
    )
    one = apply(params, inputs, frames, tiny.FRAMES, tiny.keys(), train=train)
    two = apply(
        params, longer, np.pad(frames, ((0, 0), (0, 4), (0, 0))), tiny.FRAMES, tiny.keys(), train=train
    )
    np.testing.assert_allclose(one.frames, two.frames[:, :6], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(one.refined[1, :3], two.refined[1, :3], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(one.attention, two.attention[:, :3, :4], atol=1e-5)


@SLOW
@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_has_a_finite_gradient(kind):
    model, params, *_ = built(kind)
    inputs, frames = tiny.utterances()

    @jax.jit
    @jax.grad
    def gradient(params):
        out = model.apply(params, inputs, frames, tiny.FRAMES, tiny.keys(), train=True)
        return jnp.sum(out.refined**2) + jnp.sum(out.stop**2) + jnp.sum(out.attention**2)

    for path, value in jax.tree_util.tree_leaves_with_path(gradient(params)):
        assert np.all(np.isfinite(value)), jax.tree_util.keystr(path)
        assert np.any(value != 0), jax.tree_util.keystr(path)


@SLOW
@pytest.mark.parametrize("kind", KINDS)
def test_training_leaves_out_units_and_is_told_by_the_key(kind):
    _, params, apply, _ = built(kind)
    inputs, frames = tiny.utterances()
    one, again, other = (
        apply(params, inputs, frames, tiny.FRAMES, keys, train=True).refined
        for keys in (tiny.keys(), tiny.keys(), jax.random.split(jax.random.key(2), 2))
    )
    still = apply(params, inputs, frames, tiny.FRAMES, tiny.keys()).refined
    np.testing.assert_array_equal(one, again)
    assert np.any(one != other)
    assert np.any(one != still)


@SLOW
@pytest.mark.parametrize("kind", KINDS)
def test_generation_steps_until_the_end_and_refines_what_it_made(kind):
    model, params, *_ = built(kind)
    inputs, _ = tiny.utterances()
    generate = jax.jit(model.generate, static_argnames="most_steps")
    result = generate(params, inputs, tiny.keys(), most_steps=5, threshold=1.1)
    assert not result.ended.any()
    assert result.lengths.tolist() == [10, 10]
    memory = model.encode(params, inputs)
    state = model.initial_state(params, memory)
    for number in range(5):
        state, output = model.step(params, memory, state, tiny.keys())
        np.testing.assert_allclose(result.frames[:, 2 * number : 2 * number + 2], output.frames, atol=1e-4)
    np.testing.assert_allclose(result.refined, model.refine(params, result.frames, result.lengths), atol=1e-4)
    at_once = generate(params, inputs, tiny.keys(), most_steps=5, threshold=-1.0)
    assert at_once.ended.all()
    assert at_once.lengths.tolist() == [2, 2]


@SLOW
def test_speaker_language_and_prosody_are_taken_and_must_be_there():
    model, params, apply, _ = built("tacotron2")
    inputs, frames = tiny.utterances()
    assert inputs.speaker is not None
    assert inputs.language is not None
    plain = apply(params, inputs, frames, tiny.FRAMES, tiny.keys()).frames
    for other in (
        inputs._replace(speaker=inputs.speaker[::-1]),
        inputs._replace(language=inputs.language[::-1]),
        inputs._replace(prosody=inputs.prosody + 1),
    ):
        assert np.any(apply(params, other, frames, tiny.FRAMES, tiny.keys()).frames != plain)
    for missing in ("speaker", "language", "prosody"):
        with pytest.raises(ValueError, match=f"takes (a )?{missing}"):
            model.apply(params, inputs._replace(**{missing: None}), frames, tiny.FRAMES, tiny.keys())


def count(config):
    shapes = jax.eval_shape(Synthesizer(config).init, jax.random.key(0))
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(shapes))


def lstm(inputs, units):
    return 4 * units * (inputs + units + 1)


def test_tacotron2_of_the_paper_has_as_many_parameters_as_its_section_2_2():
    symbols, bands = 40, 80
    convolution = 5 * 512 * 512 + 512 + 2 * 512
    encoder = 512 * symbols + 3 * convolution + 2 * lstm(512, 256)
    attention = 512 * 128 + 128 + 1024 * 128 + 128 + 31 * 2 * 32 + 32 * 128
    prenet = 80 * 256 + 256 + 256 * 256 + 256
    decoder = lstm(256 + 512, 1024) + lstm(1024 + 512, 1024) + (1024 + 512) * 81 + 81
    postnet = 5 * 80 * 512 + 3 * 512 + 3 * convolution + 5 * 512 * 80 + 80
    config = SynthesisConfig(InputConfig(tuple(map(str, range(symbols)))), Tacotron2Config())
    assert count(config) == encoder + attention + prenet + decoder + postnet
    assert config.mel.bands == bands


def gru(inputs, units):
    return 3 * units * (inputs + units) + 4 * units


@SLOW
def test_tacotron_of_the_paper_has_as_many_parameters_as_its_table_1():
    symbols, bins = 40, 513

    def convolution(width, inputs, outputs):
        return width * inputs * outputs + outputs + 2 * outputs

    def cbhg(inputs, bank, projection):
        first = sum(convolution(width, inputs, 128) for width in range(1, bank + 1))
        second = convolution(3, bank * 128, projection) + 3 * projection * inputs + inputs
        matched = 0 if inputs == 128 else inputs * 128 + 128
        return first + second + matched + 4 * 2 * (128 * 128 + 128) + 2 * gru(128, 128)

    encoder = 256 * symbols + (256 + 1) * 256 + (256 + 1) * 128 + cbhg(128, 16, 128)
    attention = 256 * 256 + 256 + 256 * 256 + 256
    prenet = (80 + 1) * 256 + (256 + 1) * 128
    decoder = gru(128 + 256, 256) + (256 + 256 + 1) * 256 + 2 * gru(256, 256) + (256 + 1) * (2 * 80 + 1)
    postnet = cbhg(80, 8, 256) + (256 + 1) * bins
    config = SynthesisConfig(InputConfig(tuple(map(str, range(symbols)))), TacotronConfig())
    assert count(config) == encoder + attention + prenet + decoder + postnet
