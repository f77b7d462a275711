"""Streams of babble: the voice's own distribution after any prompt, whatever the blocks and the other streams."""

import dataclasses
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.audio.emphasis import deemphasis_sections, emphasize
from babble_jax.audio.filters import Bandpass
from babble_jax.audio.quantize import Quantizer
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.contract import Cond
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.models.samplernn import SampleRNNConfig
from babble_jax.voice.sampling.ancestral import uniforms
from babble_jax.voice.speak import generate_audio, stream_audio

B, N, RATE = 3, 100, 1000
KEYS = jax.random.split(jax.random.key(2), B)
WHO = np.array([0, 1, 1])


@pytest.fixture(scope="module")
def voice():
    """Two speakers; parameters large enough for speakers and past samples to matter."""
    model = SampleRNNConfig(frame_sizes=(8, 2), dim=12, embedding=6, hidden=1, expand_top=True)
    config = VoiceConfig(model, Quantizer("mu_law", 32), RATE, gain=2.0, speakers=("ann", "ben"))
    draws = np.random.default_rng(3)
    shapes = jax.eval_shape(config.sample_model.init, jax.random.key(0))
    return PretrainedVoice(
        config, jax.tree.map(lambda x: jnp.asarray(draws.normal(size=x.shape), x.dtype), shapes)
    )


@pytest.fixture(scope="module")
def free(voice):
    """N samples without a prompt."""
    return generate_audio(voice, KEYS, N, speaker=WHO)


def by_hand(voice, prompt, samples):
    """A prompt [B, T] pushed sample by sample, then predict, draw, push: [B, samples] codes."""
    model, cond = voice.config.sample_model, Cond(speaker=jnp.asarray(WHO, jnp.int32))
    weights = model.weights(voice.params)

    @jax.jit
    def step(state, uniform):
        logits, state = model.predict(weights, state, cond)
        return model.distribution.sample(logits, uniform), state

    push = jax.jit(model.push)
    state, codes = model.initial_state(weights, B, cond), []
    for t in range(prompt.shape[1]):
        _, state = step(state, jnp.zeros(B))
        state = push(state, prompt[:, t])
    for u in uniforms(KEYS, prompt.shape[1], samples).T:
        code, state = step(state, u)
        state = push(state, code)
        codes.append(code)
    return jnp.stack(codes, axis=1)


@pytest.mark.parametrize("length", [0, 1, 8, 13])
def test_babble_goes_on_from_a_prompt_of_any_length(voice, free, length):
    pcm = np.random.default_rng(1).integers(-9000, 9000, (B, length)).astype(np.int16)
    expected = by_hand(voice, voice.config.encode(jnp.asarray(pcm)), 50)
    prompt = pcm.astype(np.float32) / 32768
    audio = generate_audio(voice, KEYS, 50, speaker=WHO, prompt=prompt)
    line = np.concatenate([prompt, voice.config.decode(expected)], axis=1)
    np.testing.assert_array_equal(audio, Bandpass([np.inf] * B, RATE)(line)[0][:, length:])
    assert np.array_equal(audio, free[:, :50]) == (length == 0)


@pytest.mark.parametrize("length", [1, 13])
def test_a_voice_with_pre_emphasis_goes_on_from_a_prompt(voice, length):
    emphasized = dataclasses.replace(voice, config=dataclasses.replace(voice.config, emphasis=0.85))
    pcm = np.random.default_rng(1).integers(-9000, 9000, (B, length)).astype(np.int16)
    expected = by_hand(emphasized, emphasized.config.encode(jnp.asarray(pcm)), 50)
    prompt = pcm.astype(np.float32) / 32768
    audio = generate_audio(emphasized, KEYS, 50, speaker=WHO, prompt=prompt)
    past = np.asarray(emphasize(jnp.asarray(prompt), 0.85))
    line = np.concatenate([past, emphasized.config.amplitudes()[np.asarray(expected)]], axis=1)
    filtered, _ = Bandpass([np.inf] * B, RATE, deemphasis_sections(0.85))(line)
    np.testing.assert_array_equal(audio, filtered[:, length:])


def test_blocks_do_not_matter(voice, free):
    for seconds in (0.001, 0.03):
        blocks = list(itertools.islice(stream_audio(voice, KEYS, speaker=WHO, seconds=seconds), 4))
        joined = np.concatenate(blocks, axis=1)
        assert joined.shape[1] == 4 * max(8, round(seconds * RATE / 8) * 8)
        np.testing.assert_array_equal(joined[:, :N], free[:, : joined.shape[1]])


def test_a_stream_depends_on_its_own_key_and_speaker_alone(voice, free):
    np.testing.assert_array_equal(generate_audio(voice, KEYS[1:2], N, speaker=WHO[1:2])[0], free[1])
    assert not np.array_equal(free[1], free[2])
    # The same key under the other speaker is another stream.
    assert not np.array_equal(generate_audio(voice, KEYS, N, speaker=1 - WHO), free)


def test_a_pretrained_voice_speaks_at_the_temperature_of_its_card(voice, free):
    tame = dataclasses.replace(voice, card={**voice.card, "temperature": 0.3})
    own = generate_audio(tame, KEYS, N, speaker=WHO)
    np.testing.assert_array_equal(own, generate_audio(voice, KEYS, N, Sampling(0.3), WHO))
    assert not np.array_equal(own, free)


def test_temperature_0_takes_the_most_likely_level_whatever_the_key(voice):
    one, other = (generate_audio(voice, keys, N, Sampling(0.0), WHO) for keys in (KEYS, KEYS[::-1]))
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(one[1], one[2])
    assert not np.array_equal(one[0], one[1])


def test_a_length_is_exact_and_reported(voice, free):
    for samples in (1, 249, 250, 600):  # a block is 248 samples
        counts = []
        audio = generate_audio(voice, KEYS, samples, speaker=WHO, advance=counts.append)
        assert audio.shape == (B, samples)
        assert audio.dtype == np.float32
        assert sum(counts) == B * samples
        assert len(counts) == -(-samples // 248)
        common = min(samples, N)
        np.testing.assert_array_equal(audio[:, :common], free[:, :common])


def test_a_voice_of_several_speakers_needs_the_speaker(voice):
    with pytest.raises(ValueError, match="several speakers"):
        generate_audio(voice, KEYS, 1)


def test_codes_decode_to_the_level_of_the_recordings():
    """The gain is undone, and what is lost is half a bin."""
    pcm = np.arange(-16000, 16001, 40, dtype=np.int16)
    for gain in (0.25, 1.0, 2.0):
        config = VoiceConfig(quantizer=Quantizer("linear", 256), gain=gain)
        audio = config.decode(config.encode(jnp.asarray(pcm)))
        assert audio.dtype == np.float32
        np.testing.assert_allclose(audio, pcm / 32768, atol=1.01 / 256 / gain)
        assert np.abs(audio - pcm / 32768).max() > 0.9 / 256 / gain
    # A full-scale code of a voice that was trained with a low gain is clipped rather than wrapped.
    quiet = VoiceConfig(quantizer=Quantizer("linear", 256), gain=0.5)
    np.testing.assert_array_equal(quiet.decode(np.array([0, 255])), [-1, 1])


def test_each_speaker_is_cut_off_where_its_recordings_end(voice, free):
    config = dataclasses.replace(voice.config, bandwidth=(RATE / 2, 150.0))
    cut = dataclasses.replace(voice, config=config)
    filtered = generate_audio(cut, KEYS, N, speaker=WHO)
    np.testing.assert_array_equal(filtered[0], free[0])
    codes = by_hand(voice, np.zeros((B, 0), np.int32), N)
    np.testing.assert_array_equal(
        filtered, Bandpass([RATE / 2, 150.0, 150.0], RATE)(voice.config.decode(codes))[0]
    )
    assert np.any(filtered[1] != free[1])
    # The filter runs over the prompt, too.
    prompt = np.tile(np.float32([0.3]), (B, 40))
    after = generate_audio(cut, KEYS, N, speaker=WHO, prompt=prompt)
    codes = by_hand(voice, voice.config.encode(jnp.asarray(prompt * 32768, jnp.int16)), N)
    line = np.concatenate([prompt, voice.config.decode(codes)], axis=1)
    np.testing.assert_array_equal(after, Bandpass([RATE / 2, 150.0, 150.0], RATE)(line)[0][:, 40:])


def test_there_is_a_bandwidth_for_each_speaker(voice):
    for wrong in ((100.0,), (100.0, 0.0)):
        with pytest.raises(ValueError, match="a positive one for each speaker"):
            dataclasses.replace(voice.config, bandwidth=wrong)
