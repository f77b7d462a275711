"""Pre-emphasis: a difference from the sample before, in parts as in the whole, and undone by its inverse."""

import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.audio.emphasis import deemphasis_sections, deemphasize, emphasize
from babble_jax.audio.filters import Bandpass
from babble_jax.audio.quantize import Quantizer
from babble_jax.voice.config import VoiceConfig

RATE = 8000
AUDIO = (np.random.default_rng(0).normal(size=(2, 3, 500)) * 0.1).astype(np.float32)


def test_a_difference_from_the_sample_before():
    audio = jnp.asarray([0.5, 0.25, -0.5, 0.0], jnp.float32)
    np.testing.assert_array_equal(emphasize(audio, 0.5), [0.5, 0.0, -0.625, 0.25])
    np.testing.assert_array_equal(emphasize(audio, 0.5, jnp.float32(0.5)), [0.25, 0.0, -0.625, 0.25])


def test_without_emphasis_samples_stay_as_they_are():
    audio = jnp.asarray(AUDIO)
    assert emphasize(audio, 0.0) is audio


@pytest.mark.parametrize("cut", [1, 7, 499])
def test_parts_are_as_the_whole(cut):
    audio = jnp.asarray(AUDIO)
    parts = [
        emphasize(audio[..., :cut], 0.85),
        emphasize(audio[..., cut:], 0.85, audio[..., cut - 1]),
    ]
    np.testing.assert_array_equal(jnp.concatenate(parts, axis=-1), emphasize(audio, 0.85))


@pytest.mark.parametrize("coefficient", [0.3, 0.85, 0.99])
def test_the_inverse_undoes_it(coefficient):
    there = np.asarray(emphasize(jnp.asarray(AUDIO), coefficient))
    np.testing.assert_allclose(deemphasize(there, coefficient), AUDIO, atol=1e-6)


def test_in_blocks_after_a_bandpass_as_at_once_and_a_constant_stays_silence():
    streams = AUDIO.reshape(6, 500)
    bandpass = Bandpass([np.inf] * 6, RATE, deemphasis_sections(0.85))
    there = np.asarray(emphasize(jnp.asarray(streams), 0.85))
    at_once, _ = bandpass(there)
    states, blocks = (), []
    for part in np.split(there, [1, 90, 333], axis=1):
        block, states = bandpass(part, states)
        blocks.append(block)
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), at_once)
    plain = Bandpass([np.inf] * 6, RATE)
    expected, _ = plain(there)
    np.testing.assert_allclose(at_once, deemphasize(expected, 0.85), atol=1e-6)
    constant, _ = bandpass(np.full((6, 100), 7e-5, np.float32))
    assert np.abs(constant).max() < 1e-10


def test_a_voice_encodes_parts_of_a_recording_as_the_whole_and_decodes_them():
    config = VoiceConfig(quantizer=Quantizer("linear", 65_536), gain=1.5, emphasis=0.85)
    pcm = jnp.asarray(np.rint(AUDIO[0] * 9000), jnp.int16)
    codes = config.encode(pcm)
    parts = [config.encode(pcm[:, :100]), config.encode(pcm[:, 100:], pcm[:, 99])]
    np.testing.assert_array_equal(jnp.concatenate(parts, axis=1), codes)
    # A step of the quantizer, 1 / 32768, is undone with the gain, and adds up to 1 / (1 - 0.85) of itself.
    np.testing.assert_allclose(config.decode(codes), pcm / 32768, atol=1 / 32768 / 1.5 / 0.15)
    plain = VoiceConfig(quantizer=Quantizer("linear", 65_536), gain=1.5)
    assert np.abs(plain.decode(codes) - pcm / 32768).max() > 0.01


@pytest.mark.parametrize("wrong", [-0.1, 1.0, float("nan")])
def test_a_coefficient_is_from_0_to_less_than_1(wrong):
    with pytest.raises(ValueError, match="choose from 0"):
        VoiceConfig(emphasis=wrong)


def test_less_noise_of_a_quantizer_at_high_frequencies():
    """What 8 bits of mu-law add to a tone of 200 Hz lies lower above 2 kHz."""
    tone = (0.5 * np.sin(2 * np.pi * 200 / RATE * np.arange(RATE))).astype(np.float32)
    high = []
    for coefficient in (0.0, 0.85):
        config = VoiceConfig(quantizer=Quantizer("mu_law"), sample_rate=RATE, emphasis=coefficient)
        error = config.decode(config.encode_amplitudes(jnp.asarray(tone))) - tone
        power = np.abs(np.fft.rfft(error * np.hanning(RATE))) ** 2
        high.append(10 * np.log10(power[2000:].sum()))
    assert high[1] < high[0] - 12
