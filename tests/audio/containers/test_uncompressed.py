"""Ogg, FLAC and wav files: those that were joined give all their sound, and lengths may be wrong or unknown."""

import struct

import numpy as np
import pytest
import soundfile

from babble_jax.audio import wave
from babble_jax.errors import BabbleError

RATE = 16_000


def write(path, seconds=0.5, seed=0, **options):
    audio = 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    soundfile.write(path, audio, RATE, **options)
    return path.read_bytes()


@pytest.mark.parametrize(
    "kind", ["OGG VORBIS", "OGG OPUS", "FLAC PCM_16", "WAV PCM_16", "WAV FLOAT", "WAVEX PCM_24"]
)
def test_joined_files_give_the_sound_of_each(tmp_path, kind):
    format, subtype = kind.split()
    contents, sounds = [], []
    for i in range(3):
        contents.append(write(tmp_path / f"{i}", 0.3 + 0.1 * i, i, format=format, subtype=subtype))
        sounds.append(wave.read_sound(tmp_path / f"{i}").audio)
    (tmp_path / "joined").write_bytes(b"".join(contents))
    joined = wave.read_sound(tmp_path / "joined")
    np.testing.assert_array_equal(joined.audio, np.concatenate(sounds))
    assert joined.notes == ("holds 3 files that were joined, and all of them are read",)


def test_joined_files_of_other_rates_and_channels_become_as_the_first(tmp_path):
    first = write(tmp_path / "a.wav")
    stereo = np.stack([np.full(4000, 0.1), np.full(4000, 0.3)], axis=1)
    soundfile.write(tmp_path / "b.wav", stereo, 8000)
    (tmp_path / "joined.wav").write_bytes(first + (tmp_path / "b.wav").read_bytes())
    sound = wave.read_sound(tmp_path / "joined.wav")
    assert sound.rate == RATE
    assert len(sound.audio) == 8000 + 8000
    np.testing.assert_allclose(sound.audio[9000:15_000], 0.2, atol=1e-3)
    assert "differ in rate or channels" in sound.notes[1]


@pytest.mark.parametrize("length", [0, 1000, 2**31 - 1, 2**31, 0x7FFFF000, 2**32 - 1])
@pytest.mark.parametrize("order", ["RIFF", "RIFX"])
def test_a_wrong_or_unknown_length_of_a_wav_loses_nothing(tmp_path, length, order):
    content = bytearray(write(tmp_path / "a.wav", 1.5, endian="BIG" if order == "RIFX" else "LITTLE"))
    assert content[:4] == order.encode()
    expected = wave.read_sound(tmp_path / "a.wav").audio
    place = content.index(b"data") + 4
    content[place : place + 4] = struct.pack(">I" if order == "RIFX" else "<I", length)
    (tmp_path / "a.wav").write_bytes(content)
    sound = wave.read_sound(tmp_path / "a.wav")
    np.testing.assert_array_equal(sound.audio, expected)
    assert [f"its header says {length} bytes" in note for note in sound.notes] == [True] * (length <= 1000)


def test_what_follows_the_sound_of_a_wav_is_no_sound(tmp_path):
    content = write(tmp_path / "a.wav")
    expected = wave.read_sound(tmp_path / "a.wav").audio
    for tail in (b"LIST\x04\x00\x00\x00INFO", b"ID3" + bytes(50_000), bytes(50_000), b"odd"):
        (tmp_path / "a.wav").write_bytes(content + tail)
        sound = wave.read_sound(tmp_path / "a.wav")
        np.testing.assert_array_equal(sound.audio, expected)
        assert sound.notes == ()


def test_flac_of_unknown_length_is_read_to_its_end(tmp_path):
    content = bytearray(write(tmp_path / "a.flac"))
    expected = wave.read_sound(tmp_path / "a.flac").audio
    content[21:26] = bytes([content[21] & 0xF0, 0, 0, 0, 0])
    (tmp_path / "a.flac").write_bytes(content)
    np.testing.assert_array_equal(wave.read_sound(tmp_path / "a.flac").audio, expected)


@pytest.mark.parametrize("format", ["AIFF", "AU", "W64", "NIST", "RF64", "SVX", "WAVEX", "CAF"])
def test_truncated_files_of_other_types_are_refused(tmp_path, format):
    content = write(tmp_path / "a", format=format)
    (tmp_path / "a").write_bytes(content[:-1001])
    with pytest.raises(BabbleError, match="truncated, it lacks 1001 bytes"):
        wave.read(tmp_path / "a")
