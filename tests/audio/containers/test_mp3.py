"""mp3 files: all the sound that is there is read, whatever the header says."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from babble_jax.audio import wave
from babble_jax.audio.containers import mp3
from babble_jax.errors import BabbleError

DECODER_DELAY = 529
TAG = b"ID3\x04\x00\x00\x00\x00\x02\x00" + b"\xff\xfb\x90\x00".ljust(256, b"\xff")  # syncs in a tag are none


def encode(path: Path, seconds: float = 1.0, rate: int = 16_000, channels: int = 1, seed: int = 0) -> bytes:
    rng = np.random.default_rng(seed)
    audio = 0.1 * rng.standard_normal((round(seconds * rate), channels))
    soundfile.write(path, audio, rate, format="MP3")
    return path.read_bytes()


def info_place(content: bytes) -> int:
    return max(content.find(b"Xing"), content.find(b"Info"))


def with_count(content: bytes, frames: int) -> bytes:
    place = info_place(content) + 8
    return content[:place] + struct.pack(">I", frames) + content[place + 4 :]


def count_of(content: bytes) -> int:
    place = info_place(content) + 8
    return struct.unpack(">I", content[place : place + 4])[0]


@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (44_100, 2), (11_025, 1)])
def test_joined_files_give_the_sound_of_each(tmp_path, rate, channels):
    contents, sounds = [], []
    for i, seconds in enumerate((1.0, 0.7)):
        contents.append(encode(tmp_path / f"{i}.mp3", seconds, rate, channels, i))
        sounds.append(wave.read_sound(tmp_path / f"{i}.mp3", mono=False))
        assert sounds[i].notes == ()
        assert len(sounds[i].audio) == round(seconds * rate)
    for before, between in ((b"", b""), (TAG, TAG), (b"", b"junk" * 100)):
        content = before + contents[0] + between + contents[1] + b"TAG".ljust(128)
        (tmp_path / "joined.mp3").write_bytes(content)
        joined = wave.read_sound(tmp_path / "joined.mp3", mono=False)
        np.testing.assert_array_equal(joined.audio, np.concatenate([one.audio for one in sounds]))
        assert joined.notes == ("holds 2 files that were joined, and all of them are read",)


@pytest.mark.parametrize("factor", [0.25, 10])
@pytest.mark.parametrize("name", [b"Xing", b"VBRI"])
def test_a_wrong_number_of_frames_changes_nothing(tmp_path, factor, name):
    content = encode(tmp_path / "one.mp3")
    expected = wave.read_sound(tmp_path / "one.mp3").audio
    frames = count_of(content)
    if name == b"VBRI":  # Fraunhofer's header says nothing of the encoder's delay
        header = mp3.parse_header(content[:4])
        assert header is not None
        fields = struct.pack(">HHHII", 1, 0, 0, len(content), round(frames * factor))
        content = (
            content[:4] + bytes(32) + b"VBRI" + fields + bytes(header.length - 54) + content[header.length :]
        )
    else:
        content = with_count(content, round(frames * factor))
    (tmp_path / "wrong.mp3").write_bytes(content)
    sound = wave.read_sound(tmp_path / "wrong.mp3")
    assert sound.notes == (
        f"its header says {round(frames * factor)} frames, and {frames} are there, which are read",
    )
    if name == b"VBRI":
        assert len(sound.audio) == frames * 576 - DECODER_DELAY
    else:
        np.testing.assert_array_equal(sound.audio, expected)


@pytest.mark.parametrize("mode", ["CONSTANT", "VARIABLE"])
def test_without_a_header_all_frames_are_read(tmp_path, mode):
    rng = np.random.default_rng(0)
    audio = np.concatenate([np.zeros(20_000), 0.2 * rng.standard_normal(20_000), np.zeros(20_000)])
    soundfile.write(tmp_path / "a.mp3", audio, 22_050, bitrate_mode=mode, compression_level=0.3)
    content = (tmp_path / "a.mp3").read_bytes()
    expected = wave.read_sound(tmp_path / "a.mp3").audio
    header = mp3.parse_header(content[:4])
    assert header is not None
    (tmp_path / "b.mp3").write_bytes(content[header.length :])
    sound = wave.read_sound(tmp_path / "b.mp3")
    assert sound.notes == ()
    assert len(sound.audio) == count_of(content) * 576 - DECODER_DELAY
    delay = 576  # of the encoder, LAME: without a header nobody knows it
    np.testing.assert_array_equal(sound.audio[delay : delay + len(expected)], expected)


def test_what_is_cut_is_refused_or_noted(tmp_path):
    content = encode(tmp_path / "a.mp3")
    (tmp_path / "a.mp3").write_bytes(content[: len(content) // 2 + 1])
    with pytest.raises(
        BabbleError, match=r"truncated, it lacks \d+ of \d+ frames at its end; fetch it again"
    ):
        wave.read(tmp_path / "a.mp3")
    header = mp3.parse_header(content[:4])
    assert header is not None
    (tmp_path / "b.mp3").write_bytes(content[header.length : -30])  # without a header
    assert wave.read_sound(tmp_path / "b.mp3").notes == ("ends within a frame: what follows is missing",)


def test_frames_are_told_from_other_bytes():
    assert mp3.parse_header(b"\xff\xfb\x90\x00") == (417, 3, 3, 44_100, False)
    assert mp3.parse_header(b"\xff\xf3\x88\xc4") == (288, 2, 3, 16_000, True)
    for head in (b"\xff\xd8\xff\xe0", b"\xff\xf1\x50\x80", b"\xff\xfe\x68\x00", b"\xff\xfb\x00\x00", b"\xff"):
        assert not mp3.begins_with_frames(head.ljust(1000, b"\0"))
    for content in (b"", b"\xff" * 5000, np.random.default_rng(0).bytes(100_000)):
        assert mp3.examine(content) is None
