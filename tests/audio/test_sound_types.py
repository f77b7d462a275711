"""Sound files are recognized by content, and nothing else is."""

import os

import numpy as np
import pytest
import soundfile

from babble_jax.audio import sound_types, wave

# Of these libsndfile's files begin with no mark of their own, or it does not read what it writes.
WITHOUT_MARK = {"RAW", "HTK", "MAT4", "MAT5", "MPC2K", "SDS", "SD2", "XI"}
TYPES = sorted(set(soundfile.available_formats()) - WITHOUT_MARK)


@pytest.mark.parametrize("name", TYPES)
def test_every_type_is_read_under_any_name(tmp_path, name):
    rate = 8_000
    audio = 0.5 * np.sin(np.arange(4000) / 10)
    for suffix in (".xyz", ".raw"):
        path = tmp_path / f"a{suffix}"
        soundfile.write(path, audio, rate, format=name)
        assert sound_types.is_recording(path)
        read, rate_read = wave.read(path)
        assert (rate_read, len(read)) == (rate, 4000)
        np.testing.assert_allclose(read[500:3500], audio[500:3500], atol=0.05)


def test_other_files_are_no_recordings(tmp_path):
    path = tmp_path / "a.TextGrid"
    contents = (
        b"",
        b"\xff",
        'File type = "ooTextFile"'.encode("utf-16"),
        "Datei".encode("utf-16-le"),
        b"RIFF\0\0\0\0AVI LIST",
        b"\x89PNG\r\n",
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"FORM\0\0\0\0ILBM",
        b"speaker,start,end\n",
        bytes(5000),
    )
    for content in contents:
        path.write_bytes(content)
        assert not sound_types.is_recording(path), content
    assert sound_types.is_recording(tmp_path / "absent.WAV")  # by its name
    os.mkfifo(tmp_path / "pipe")
    assert not sound_types.is_recording(tmp_path / "pipe")
    assert not sound_types.is_recording(tmp_path)
