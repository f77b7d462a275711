"""A part of a file reads as a file of its own, with what is patched."""

import numpy as np
import soundfile

from babble_jax.audio.containers.part import Part, PartFile


def test_any_reading_gives_the_patched_bytes_of_the_part(tmp_path):
    rng = np.random.default_rng(0)
    content = rng.bytes(500)
    (tmp_path / "x").write_bytes(content)
    expected = bytearray(content)
    expected[98:104], expected[250:251] = b"abcdef", b"z"
    part = Part(100, 400, ((98, b"abcdef"), (250, b"z"), (450, b"outside")))
    with PartFile(tmp_path / "x", part) as file:
        assert file.read() == expected[100:400]
        for _ in range(100):
            start, count = int(rng.integers(0, 320)), int(rng.integers(0, 60))
            assert file.seek(start) == start
            assert file.read(count) == expected[100 + start : min(400, 100 + start + count)]
        assert file.seek(-10, 2) == 290
        assert file.seek(4, 1) == file.tell() == 294


def test_libsndfile_reads_a_part(tmp_path):
    audio = np.linspace(-0.5, 0.5, 1000)
    soundfile.write(tmp_path / "a.wav", audio, 8000)
    content = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "b").write_bytes(b"before" + content + b"behind")
    with PartFile(tmp_path / "b", Part(6, 6 + len(content))) as file, soundfile.SoundFile(file) as sound:
        np.testing.assert_allclose(sound.read(), audio, atol=1e-4)
