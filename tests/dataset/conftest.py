"""Folders of sound that the tests of this room share."""

from pathlib import Path

import numpy as np
import pytest

from babble_jax.audio import pcm, wave

RATE = 8_000


@pytest.fixture
def write_sound():
    """Writes `samples` of noise into a file and gives them back as int16."""

    def write(path: Path, samples: int, seed: int = 0, amplitude: float = 0.3) -> np.ndarray:
        path.parent.mkdir(parents=True, exist_ok=True)
        audio = amplitude * np.random.default_rng(seed).uniform(-1, 1, samples)
        wave.write(path, audio, RATE)
        return pcm.to_int16(audio)

    return write


@pytest.fixture
def folder(tmp_path, write_sound):
    """Forty recordings of three speakers, and their samples by relative name."""
    root = tmp_path / "sounds"
    samples = {}
    for i in range(40):
        name = [f"ann/s{i:02}.wav", f"bob/deep/s{i:02}.wav", f"s{i:02}.wav"][i % 3]
        samples[name] = write_sound(root / name, 400 + 37 * i, seed=i)
    return root, samples
