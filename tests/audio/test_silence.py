"""Silence at the ends of signals whose bounds are given."""

import librosa
import numpy as np
import pytest

from babble_jax.audio import silence
from tests.audio.signals import RATE, noise, tone


def test_bounds_find_the_sound_within_a_frame_and_the_margin():
    quiet = noise(1.0, 1e-4)
    start, stop = silence.find_bounds(np.concatenate([quiet, tone(0.5), quiet]), RATE)
    assert abs(start - 0.95 * RATE) < 0.04 * RATE
    assert abs(stop - 1.55 * RATE) < 0.04 * RATE
    start, stop = silence.find_bounds(np.concatenate([quiet, tone(0.5), quiet]), RATE, margin=0.5)
    assert abs(start - 0.5 * RATE) < 0.04 * RATE
    assert abs(stop - 2.0 * RATE) < 0.04 * RATE


def test_trim_keeps_what_is_all_sound_and_drops_what_is_none():
    np.testing.assert_array_equal(silence.trim(tone(0.3), RATE), tone(0.3))
    assert len(silence.trim(np.zeros(1000, np.float32), RATE)) == 0


@pytest.mark.parametrize("seconds", [0.001, 0.1, 2.0])
def test_bounds_in_blocks_are_those_of_librosa(monkeypatch, seconds):
    """Frames overlap, and the first and last hold silence beyond the ends."""
    monkeypatch.setattr(silence, "_FRAMES_AT_ONCE", 7)
    size = round(seconds * RATE)
    audio = noise(seconds, 0.1) * np.exp(-8 * np.abs(np.linspace(-1, 1, size))).astype(np.float32)
    frame, hop = round(0.032 * RATE), round(0.008 * RATE)
    _, (start, stop) = librosa.effects.trim(audio, top_db=20, frame_length=frame, hop_length=hop)
    assert silence.find_bounds(audio, RATE, below_peak=20, margin=0) == (start, min(stop, size))
