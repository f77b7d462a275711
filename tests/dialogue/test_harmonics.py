"""The narrow-band spectrogram of a dialogue."""

from pathlib import Path

import numpy as np
from matplotlib import image

from babble_jax.dialogue.harmonics import choose_stretch, plot_harmonics
from tests.dialogue.fake_babbler import conversation

RATE = 8000


def test_the_stretch_is_the_one_in_which_both_speak():
    dialogue = conversation([(0, 0.5, 10), (1, 21, 23), (0, 23.5, 26), (1, 27, 28), (0, 30, 40)], 40.0)
    start, end = choose_stretch(dialogue)
    assert end - start == 8.0
    assert start <= 21
    assert end >= 27.5
    assert choose_stretch(conversation([(0, 1, 2)], 5.0)) == (0.0, 5.0)


def test_harmonics_of_a_low_voice_are_apart(tmp_path: Path):
    """A voice of 110 Hz: between two harmonics the picture is lighter than on them."""
    dialogue = conversation([(0, 0.2, 3.8), (1, 0.5, 3.5)], 4.0)
    time = np.arange(4 * RATE) / RATE
    tone = np.sum([np.sin(2 * np.pi * 110 * k * time) / (4 * k) for k in range(1, 20)], axis=0)
    plot_harmonics(tmp_path / "a.png", dialogue, np.stack([tone, 0 * tone]), RATE)
    picture = image.imread(tmp_path / "a.png")[:, :, 0]
    column = picture[: len(picture) // 2, picture.shape[1] // 2]
    dark = column < 0.5
    assert 15 <= np.sum(np.diff(dark.astype(int)) == 1) <= 40


def test_silence_and_a_short_sound_are_drawn(tmp_path: Path):
    plot_harmonics(tmp_path / "a.png", conversation([(0, 0.0, 0.05)], 0.1), np.zeros((2, 800)), RATE)
    assert (tmp_path / "a.png").stat().st_size > 1000
