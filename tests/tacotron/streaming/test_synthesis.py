"""Tacotron 2 in NumPy gives what the network gives; what attention does wrong is bounded."""

import itertools

import jax
import numpy as np
import pytest

from babble_jax.audio.mel_spectrogram import denormalize
from babble_jax.tacotron.layers.randomness import draw_mask, subkeys
from babble_jax.tacotron.models.network import DECODER
from babble_jax.tacotron.streaming.dropout import draw_masks
from babble_jax.tacotron.streaming.synthesis import PhraseBounds, StreamingSynthesizer
from tests.tacotron import tiny

KEY = np.array([3, 2**31 + 5], np.uint32)
NEVER = -40.0


@pytest.fixture(scope="module")
def model():
    one = tiny.synthesizer()
    one.params["decoder"]["stop"]["bias"] += NEVER
    return one


def speak(model, bounds, phones="abcab"):
    synthesizer = StreamingSynthesizer(model.config, model.params)
    state, parts = synthesizer.begin(model.inputs(phones, speaker="y", language="v"), KEY, bounds), []
    while not synthesizer.ended(state):
        state, frames = synthesizer.advance(state)
        parts.append(frames)
    return np.concatenate(parts), parts, state


@pytest.mark.slow
def test_steps_in_numpy_give_the_frames_of_the_network(model):
    key = jax.random.wrap_key_data(KEY)[None]
    inputs = model.inputs("abcab", speaker="y", language="v")
    generate = jax.jit(model.model.generate, static_argnames="most_steps")
    expected = generate(model.params, inputs, key, most_steps=37)
    frames, parts, state = speak(model, PhraseBounds(37))
    assert (state.steps, len(frames)) == (37, 74)
    assert [len(part) for part in parts] == [0, *[2] * 37]  # the post-net looks two frames ahead
    np.testing.assert_allclose(
        frames, denormalize(np.asarray(expected.refined)[0], model.config.mel), atol=1e-5
    )
    mask = draw_mask(subkeys(subkeys(subkeys(key, DECODER), 0), 0), 0.5, 64, 8)[0]
    np.testing.assert_array_equal(draw_masks(KEY, [8], 32).blocks[0], mask[32:])


def test_a_phrase_ends_by_itself_in_the_last_silence_or_at_its_bound(model):
    frames, _, state = speak(model, PhraseBounds(9))
    assert (len(frames), state.steps) == (18, 9)
    *_, attended = speak(model, PhraseBounds(9, tail_steps=0))
    assert attended.steps <= 9
    model.params["decoder"]["stop"]["bias"] -= 2 * NEVER
    try:
        assert speak(model, PhraseBounds(9))[2].steps == 1
    finally:
        model.params["decoder"]["stop"]["bias"] += 2 * NEVER


def test_silence_before_the_first_phone_is_left_out_and_silence_after_the_last_ends_a_phrase(model):
    everything, _, state = speak(model, PhraseBounds(12), "a")  # one phone, which is first and last
    assert (state.lead, state.tail) == (11, 12)
    fewer, *_ = speak(model, PhraseBounds(12, lead_steps=5), "a")
    np.testing.assert_array_equal(fewer, everything[10:])
    least, *_ = speak(model, PhraseBounds(12, lead_steps=99), "a")
    np.testing.assert_array_equal(least, everything[22:])
    assert speak(model, PhraseBounds(12, tail_steps=3), "a")[2].steps == 4


def test_a_state_is_a_value(model):
    synthesizer = StreamingSynthesizer(model.config, model.params)
    state = synthesizer.begin(model.inputs("abc"), KEY, PhraseBounds(50))
    for _ in range(5):
        state, _ = synthesizer.advance(state)
    futures = []
    for _ in range(2):
        after, frames = state, []
        for _ in itertools.repeat(None, 35):  # beyond a block of masks
            after, some = synthesizer.advance(after)
            frames.append(some)
        futures.append(np.concatenate(frames))
    np.testing.assert_array_equal(*futures)
