"""WaveNet against the paper in numpy, its steps over three receptive fields, and how far back it looks."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.voice.contract import Cond
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.models.wavenet import WaveNet, WaveNetConfig
from babble_jax.voice.sampling.ancestral import sample_ancestral
from tests.voice.models import plain_wavenet


def built(voice, spread=0.2):
    """Parameters away from their initial values."""
    params = jax.jit(voice.init)(jax.random.key(0))
    leaves, tree = jax.tree.flatten(params)
    keys = jax.random.split(jax.random.key(1), len(leaves))
    leaves = [x + spread * jax.random.normal(k, x.shape) for x, k in zip(leaves, keys, strict=True)]
    return jax.tree.unflatten(tree, leaves)


def test_the_voice_is_the_paper_written_down_plainly():
    config = WaveNetConfig(stacks=2, layers=3, taps=3, channels=6, skip=9, hop=4)
    voice = WaveNet(config, 20, speakers=3, local=2)
    params, draw = built(voice), np.random.default_rng(0)
    samples, local = draw.integers(0, 20, 64), draw.normal(size=(16, 2))
    cond = Cond(jnp.array([2]), jnp.asarray(local, jnp.float32)[None])
    logits, _ = jax.jit(voice.apply)(
        params, voice.initial_state(params, 1), jnp.asarray(samples, jnp.int32)[None], cond
    )
    expected = plain_wavenet.log_probabilities(params, 2, 3, 3, 4, samples, 2, local)
    np.testing.assert_allclose(jax.nn.log_softmax(logits)[0], expected, atol=2e-5)


@pytest.mark.parametrize(
    ("stacks", "layers", "taps", "field"), [(3, 4, 2, 46), (1, 3, 3, 15), (4, 10, 2, 4093)]
)
def test_the_receptive_field_counted_by_hand(stacks, layers, taps, field):
    assert WaveNetConfig(stacks=stacks, layers=layers, taps=taps).receptive_field == field


@pytest.fixture(scope="module")
def three_fields():
    """A voice, parameters, samples [2, 3 fields], and the logits of `apply`."""
    voice = WaveNet(WaveNetConfig(stacks=3, layers=4, channels=8, skip=12), 20)
    params = built(voice)
    samples = jax.random.randint(jax.random.key(2), (2, 3 * voice.receptive_field), 0, 20)
    logits, _ = jax.jit(voice.apply)(params, voice.initial_state(params, 2), samples)
    return voice, params, samples, logits


def test_steps_equal_apply_over_three_receptive_fields(three_fields):
    voice, params, samples, logits = three_fields
    uniform = jnp.full(samples.shape, 0.5)
    run = jax.jit(lambda state: sample_ancestral(voice, params, state, uniform, samples))
    trace, _ = run(voice.initial_state(params, 2))
    expected = jnp.take_along_axis(jax.nn.log_softmax(logits), samples[..., None], axis=-1)[..., 0]
    np.testing.assert_allclose(trace.log_prob, expected, atol=2e-5)


def test_chunks_of_any_length_and_steps_in_any_order_equal_apply(three_fields):
    """Shorter and longer than the buffers, and apply after steps: the rings then begin in their middle."""
    voice, params, samples, logits = three_fields
    apply, predict = jax.jit(voice.apply), jax.jit(voice.predict)
    state, start, parts = voice.initial_state(params, 2), 0, []
    for length, steps in [(1, 3), (5, 0), (60, 11), (3, 1), (samples.shape[1] - 84, 0)]:
        out, state = apply(params, state, samples[:, start : start + length])
        parts.append(out)
        start += length
        for _ in range(steps):
            one, state = predict(params, state)
            state = voice.push(state, samples[:, start])
            parts.append(one[:, None])
            start += 1
    assert start == samples.shape[1]
    np.testing.assert_allclose(jnp.concatenate(parts, axis=1), logits, atol=2e-5)


def test_it_looks_back_as_far_as_its_receptive_field_and_no_farther(three_fields):
    voice, params, samples, logits = three_fields
    field, t = voice.receptive_field, samples.shape[1] - 1
    for back, seen in ((field, True), (field + 1, False)):
        other = samples.at[:, t - back].set((samples[:, t - back] + 7) % 20)
        changed, _ = jax.jit(voice.apply)(params, voice.initial_state(params, 2), other)
        assert np.all(np.any(changed[:, t] != logits[:, t], axis=-1)) == seen
        assert np.any(changed[:, t] != logits[:, t]) == seen


def test_a_step_copies_no_buffer():
    """The cost of a sample does not grow with the receptive field: in the compiled loop nothing is as long as it."""
    voice = WaveNet(WaveNetConfig(stacks=1, layers=11, channels=3, skip=4), 8)
    params = jax.jit(voice.init)(jax.random.key(0))
    state, uniform = voice.initial_state(params, 1), jnp.zeros((1, 64))
    run = jax.jit(
        lambda state, uniform: sample_ancestral(voice, params, state, uniform, None, None, Sampling())
    )
    text = run.lower(state, uniform).compile().as_text()
    assert text is not None
    longest = max(past.shape[1] for past in state.past)
    body = re.search(r"body=%?([\w.\-]+)", text)
    assert body is not None
    start = re.search(rf"^%?{re.escape(body[1])} .*\{{$", text, re.MULTILINE)
    assert start is not None
    inside = text[start.end() : text.index("\n}", start.end())].splitlines()
    long = [line for line in inside if re.search(rf"= f32\[1,{longest},3\]", line)]
    assert long  # the buffer is carried ...
    assert not [line for line in long if " copy(" in line or "concatenate" in line]  # ... and never copied


@pytest.mark.parametrize(
    ("options", "message"),
    [({"taps": 1}, "two taps"), ({"channels": 0}, "positive"), ({"layers": 21}, "20 layers")],
)
def test_configs_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        WaveNetConfig(**options)
