"""The picture of a sound."""

import sys

import matplotlib as mpl
import pytest
from matplotlib.image import imread

from babble_jax.audio import spectrogram
from tests.audio.signals import RATE, tone


@pytest.mark.parametrize("seconds", [0.005, 1.0])
def test_a_spectrogram_is_a_picture_and_touches_no_global_state(tmp_path, seconds):
    backend = mpl.rcParams._get_backend_or_none()  # pyright: ignore[reportAttributeAccessIssue]
    loaded = "matplotlib.pyplot" in sys.modules
    spectrogram.plot_spectrogram(tone(seconds), RATE, tmp_path / "a.png", "a tone")
    image = imread(tmp_path / "a.png")
    assert image.shape[:2] == (600, 1200)
    assert image[..., :3].std() > 0.05
    assert mpl.rcParams._get_backend_or_none() == backend  # pyright: ignore[reportAttributeAccessIssue]
    assert ("matplotlib.pyplot" in sys.modules) == loaded
