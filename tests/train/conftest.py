"""A small data set of tones."""

import numpy as np
import pytest
import soundfile

from babble_jax.dataset import recordings


@pytest.fixture(scope="session")
def tones(tmp_path_factory):
    """A data set of 24 recordings of different lengths, 4 kHz."""
    folder = tmp_path_factory.mktemp("tones")
    draw = np.random.default_rng(0)
    for i in range(24):
        time = np.arange(draw.integers(1500, 4000)) / 4000
        tone = 0.4 * np.sin(2 * np.pi * (200 + 15 * i) * time) + 0.02 * draw.standard_normal(len(time))
        soundfile.write(folder / f"tone{i}.wav", tone, 4000)
    out = folder.parent / "tones-dataset"
    recordings.build(folder, out, 4000)
    return out
