"""Probabilistic YIN in blocks: equal to librosa's, frame by frame."""

import librosa
import numpy as np
import pytest

from babble_jax.audio import pyin, resampling
from tests.real_speech import read_utterance

RATE, HOP, WINDOW = 8000, 80, 512


def make_sound(kind, draws):
    """Two seconds of a sound."""
    t = np.arange(2 * RATE) / RATE
    sweep = np.sin(2 * np.pi * (60 + 80 * t) * t)
    return {
        "noise": draws.normal(size=len(t)),
        "sweep": sweep,
        "square": np.sign(np.sin(2 * np.pi * 80 * t)),
        "last bits": np.rint(1.4 * draws.normal(size=len(t))) / 32_768,
        "hum in silence": np.where((t > 0.5) & (t < 1.2), np.sin(2 * np.pi * 130 * t), 0),
        "begins voiced": sweep + 0.1 * draws.normal(size=len(t)),
        "short": np.ones(79),
        "silent": np.zeros(1000),
    }[kind].astype(np.float32)


def check(audio):
    expected, _, _ = librosa.pyin(
        audio, fmin=60.0, fmax=400.0, sr=RATE, frame_length=WINDOW, hop_length=HOP, resolution=0.2
    )
    np.testing.assert_array_equal(pyin.pyin(audio, RATE, 60.0, 400.0, WINDOW, HOP, 0.2), expected)


@pytest.mark.parametrize(
    "kind",
    ["noise", "sweep", "square", "last bits", "hum in silence", "begins voiced", "short", "silent"],
)
def test_sounds(kind):
    check(make_sound(kind, np.random.default_rng(0)))


def test_real_speech_longer_than_a_block():
    speech = np.concatenate([read_utterance(name) for name in ("ru_0749", "ru_0325", "ru_0712")])
    assert len(speech) / 16_000 * 100 > pyin._BLOCK
    check(resampling.resample(speech, 16_000, RATE))
