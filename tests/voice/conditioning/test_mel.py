"""The mel spectrogram at top frames: interpolated, computed where it is read, and as its frames come."""

import numpy as np
import pytest

from babble_jax.audio.mel_spectrogram import log_mel
from babble_jax.audio.pcm import from_int16
from babble_jax.voice.conditioning.mel import MelStream, SampledMel, mel_conditioning, upsample_mel
from tests.voice.vocoder import FRAME, MEL_CONFIG, RATE, vocoder_config


@pytest.fixture(scope="module")
def samples():
    return np.random.default_rng(0).integers(-9000, 9000, 8 * RATE // 10).astype(np.int16)


def test_top_frames_lie_between_frames_of_mel(samples):
    config, frames = vocoder_config(), log_mel(from_int16(samples), MEL_CONFIG)
    middles = config.frame_middles(0, len(samples) // FRAME)
    expected = np.stack([np.interp(middles, np.arange(len(frames)) / 100, band) for band in frames.T], 1)
    rows = upsample_mel(SampledMel(samples, MEL_CONFIG), middles)
    np.testing.assert_allclose(rows, expected, atol=1e-4)
    # Any frames in any order; behind the last frame of mel its values stay.
    some = np.array([399, 3, 4, 200, 0])
    np.testing.assert_array_equal(upsample_mel(SampledMel(samples, MEL_CONFIG), middles[some]), rows[some])
    late = upsample_mel(SampledMel(samples, MEL_CONFIG), np.array([5.0]))
    np.testing.assert_allclose(late[0], frames[-1], atol=1e-5)
    assert upsample_mel(SampledMel(samples, MEL_CONFIG), np.zeros(0)).shape == (0, MEL_CONFIG.bands)


def test_frames_that_come_one_after_another_give_the_same(samples):
    config, frames = vocoder_config(), log_mel(from_int16(samples), MEL_CONFIG)
    at_once = mel_conditioning(config, [SampledMel(samples, MEL_CONFIG)])(0, len(samples) // FRAME)["mel"][0]
    stream, rows, pushed = MelStream.start(config), [], 0
    draws = np.random.default_rng(1)
    assert stream.samples == 0
    while pushed < len(frames):
        count = int(draws.integers(4))
        before = stream
        stream = stream.push(frames[pushed : pushed + count], ended=pushed + count >= len(frames))
        pushed += count
        assert before.count == stream.count - len(frames[pushed - count : pushed])
        ready = stream.samples // FRAME - len(rows)
        rows += list(mel_conditioning(config, [stream])(len(rows), ready)["mel"][0])
        stream = stream.drop(len(rows))
        assert len(stream.frames) <= 5
    assert stream.samples == len(samples)
    np.testing.assert_allclose(rows, at_once, atol=1e-5)
