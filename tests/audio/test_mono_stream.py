"""A channel of a recording, or the mean of all, block by block."""

import numpy as np
import soundfile

from babble_jax.audio import sound_file, wave
from babble_jax.audio.mono_stream import read_mono


def test_the_blocks_are_the_sound_of_a_channel_or_of_all(tmp_path, monkeypatch):
    stereo = np.random.default_rng(2).uniform(-0.5, 0.5, (9000, 2))
    soundfile.write(tmp_path / "a.wav", stereo, 8000, subtype="FLOAT")
    monkeypatch.setattr(sound_file, "_BLOCK", 1001)
    file = sound_file.SoundFile(tmp_path / "a.wav")
    both, _ = wave.read(tmp_path / "a.wav", 16_000, mono=False)
    np.testing.assert_allclose(np.concatenate([*read_mono(file, 16_000, 1)]), both[:, 1], atol=1e-6)
    mean = np.concatenate([*read_mono(file, 16_000, gain=0.5)])
    np.testing.assert_allclose(mean, both.mean(axis=1) / 2, atol=1e-6)
