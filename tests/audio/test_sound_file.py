"""Sound files block by block give what libsndfile gives in one go."""

import os

import numpy as np
import pytest
import soundfile

from babble_jax.audio import sound_file
from babble_jax.errors import BabbleError


@pytest.mark.parametrize(
    "kind", ["MP3 MPEG_LAYER_III", "OGG VORBIS", "OGG OPUS", "FLAC PCM_24", "WAV DOUBLE"]
)
def test_blocks_are_those_of_one_go(tmp_path, monkeypatch, kind):
    format, subtype = kind.split()
    audio = 0.1 * np.random.default_rng(0).standard_normal((24_000, 2))
    soundfile.write(tmp_path / "a", audio, 48_000, format=format, subtype=subtype)
    expected, _ = soundfile.read(tmp_path / "a", dtype="float32")
    monkeypatch.setattr(sound_file, "_BLOCK", 5000)
    file = sound_file.SoundFile(tmp_path / "a")
    assert (file.rate, file.channels, file.frames, file.notes) == (48_000, 2, 24_000, ())
    for _ in range(2):  # from the beginning each time
        blocks = list(file.blocks())
        assert len(blocks) > 5
        np.testing.assert_array_equal(np.concatenate(blocks), expected)
    assert sound_file.header_seconds(tmp_path / "a") == 0.5


def test_seconds_by_the_head(tmp_path):
    assert sound_file.header_seconds(tmp_path / "absent.wav") == 0
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    assert sound_file.header_seconds(tmp_path / "a.wav") == 0
    soundfile.write(tmp_path / "b.wav", np.zeros(4000), 8000)
    content = (tmp_path / "b.wav").read_bytes()
    (tmp_path / "b.wav").write_bytes(content + content)
    assert sound_file.header_seconds(tmp_path / "b.wav") == 1
    soundfile.write(tmp_path / "c.flac", np.zeros(4000), 8000)
    assert sound_file.header_seconds(tmp_path / "c.flac") == 0.5
    os.mkfifo(tmp_path / "pipe.wav")
    assert sound_file.header_seconds(tmp_path / "pipe.wav") == 0


def test_a_file_of_unknown_length_ends_where_memory_would(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "a.flac", np.zeros(4000), 8000)
    content = bytearray((tmp_path / "a.flac").read_bytes())
    content[21:26] = bytes([content[21] & 0xF0, 0, 0, 0, 0])
    (tmp_path / "a.flac").write_bytes(content)
    file = sound_file.SoundFile(tmp_path / "a.flac")
    assert file.frames is None
    monkeypatch.setattr(sound_file, "MOST_AMPLITUDES", 3999)
    with pytest.raises(BabbleError, match="more than fits into memory"):
        list(file.blocks())
