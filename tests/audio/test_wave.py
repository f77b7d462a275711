"""Sound files: what is written is read back; every kind of unusable file is one sentence with its path."""

import struct
import sys

import numpy as np
import pytest
import soundfile

from babble_jax.audio import pcm, resampling, wave
from babble_jax.errors import BabbleError

RATE = 16_000


def tone(seconds: float = 0.5, rate: int = RATE, hertz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def test_pcm16_round_trip_is_exact(tmp_path):
    samples = np.random.default_rng(0).integers(-32_768, 32_768, 4000).astype(np.int16)
    wave.write(tmp_path / "a.wav", samples / np.float32(32_768), RATE)
    audio, rate = wave.read(tmp_path / "a.wav")
    assert rate == RATE
    assert audio.dtype == np.float32
    np.testing.assert_array_equal(pcm.to_int16(audio), samples)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3", ".aiff", ".au", ".caf"])
def test_formats_channels_and_rates(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    stereo = np.stack([tone(rate=44_100), 0.5 * tone(rate=44_100)], axis=1)
    soundfile.write(path, stereo, 44_100)
    audio, rate = wave.read(path)
    assert rate == 44_100
    np.testing.assert_allclose(audio[4000:18_000], stereo.mean(axis=1)[4000:18_000], atol=0.02)
    channels, _ = wave.read(path, mono=False)
    assert channels.shape == (len(audio), 2)
    resampled, rate = wave.read(path, sample_rate=RATE)
    assert rate == RATE
    np.testing.assert_allclose(resampled[1600:6400], 0.75 * tone()[1600:6400], atol=0.02)


def test_resampling_removes_what_the_new_rate_cannot_hold():
    high = tone(rate=48_000, hertz=12_000.0)
    assert np.abs(resampling.resample(high, 48_000, RATE)[1000:-1000]).max() < 1e-3
    low = resampling.resample(tone(rate=48_000), 48_000, RATE)
    np.testing.assert_allclose(low[1000:-1000], tone()[1000:-1000], atol=1e-3)


def write_missing(path):
    pass


def write_empty(path):
    path.write_bytes(b"")


def write_text(path):
    path.write_text("this is no audio\n" * 100)


def write_truncated(path):
    wave.write(path, tone(), RATE)
    path.write_bytes(path.read_bytes()[:-1001])


def write_cut_header(path):
    wave.write(path, tone(), RATE)
    path.write_bytes(path.read_bytes()[:30])


def write_nan(path):
    audio = tone()
    audio[800] = np.nan
    soundfile.write(path, audio, RATE, subtype="FLOAT")


def write_infinite(path):
    audio = tone()
    audio[800] = -np.inf
    soundfile.write(path, audio, RATE, subtype="FLOAT")


def write_short(path):
    wave.write(path, tone()[:159], RATE)


def write_no_frames(path):
    soundfile.write(path, np.zeros(0, np.float32), RATE)


def write_folder(path):
    path.mkdir()


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (write_missing, "no such file"),
        (write_empty, "is empty"),
        (write_text, "cannot be read as audio"),
        (write_truncated, "truncated, it lacks 1001 bytes"),
        (write_cut_header, "cannot be read as audio"),
        (write_nan, "NaN or infinite amplitude at 0.050 s"),
        (write_infinite, "NaN or infinite"),
        (write_short, "less than 10 ms"),
        (write_no_frames, "less than 10 ms"),
        (write_folder, "is a folder"),
    ],
)
def test_unusable_files_are_one_sentence_with_the_path(tmp_path, write, reason):
    path = tmp_path / "bad.wav"
    write(path)
    with pytest.raises(BabbleError) as caught:
        wave.read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert reason in message
    assert "\n" not in message


def test_a_raw_file_is_no_audio(tmp_path):
    (tmp_path / "a.raw").write_bytes(bytes(1000))
    with pytest.raises(BabbleError, match=r"a\.raw: cannot be read as audio"):
        wave.read(tmp_path / "a.raw")


@pytest.mark.parametrize("suffix", [".flac", ".ogg", ".mp3"])
def test_truncated_compressed_files_are_refused(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, tone(4.0), RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(BabbleError, match=r"truncated.*fetch it again"):
        wave.read(path)


def test_ten_milliseconds_and_a_streamed_header_are_enough(tmp_path):
    path = tmp_path / "a.wav"
    wave.write(path, tone()[:160], RATE)
    assert len(wave.read(path)[0]) == 160
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = struct.pack("<I", 0xFFFFFFFF)  # a program that streams does not know the length
    path.write_bytes(content)
    assert len(wave.read(path)[0]) == 160


def test_non_finite_audio_is_not_written(tmp_path):
    path = tmp_path / "a.wav"
    with pytest.raises(BabbleError, match="NaN or infinite"):
        wave.write(path, np.array([0.0, np.nan]), RATE)
    assert not list(tmp_path.iterdir())


def test_g722_is_decoded(tmp_path):
    codec = pytest.importorskip("G722")
    path = tmp_path / "a.g722"
    path.write_bytes(codec.G722(RATE, 64_000).encode(pcm.to_int16(tone())))
    audio, rate = wave.read_g722(path)
    assert (len(audio), rate) == (len(tone()), RATE)
    delay = int(np.argmax(np.correlate(audio, tone(), "full"))) - (len(audio) - 1)
    assert 0 < delay < 30  # the codec's filter banks
    np.testing.assert_allclose(audio[1000:], tone()[1000 - delay : len(tone()) - delay], atol=0.03)


def test_g722_says_what_is_missing(tmp_path, monkeypatch):
    path = tmp_path / "a.g722"
    with pytest.raises(BabbleError, match="no such file"):
        wave.read_g722(path)
    path.write_bytes(b"\0" * 10)
    with pytest.raises(BabbleError, match="less than 10 ms"):
        wave.read_g722(path)
    monkeypatch.setitem(sys.modules, "G722", None)
    with pytest.raises(BabbleError, match="pip install g722"):
        wave.read_g722(path)


@pytest.mark.parametrize("scale", [2**15, 2**23, 2**31])
def test_floats_on_the_scale_of_integers_are_brought_to_full_scale(tmp_path, scale):
    path = tmp_path / "a.wav"
    soundfile.write(path, 0.3 * tone() * scale, RATE, subtype="FLOAT")
    sound = wave.read_sound(path)
    np.testing.assert_allclose(sound.audio, 0.3 * tone(), atol=1e-6)
    (note,) = sound.notes
    assert f"are divided by {scale}" in note


def test_what_is_beyond_full_scale_is_scaled_and_said_and_nothing_else(tmp_path, capsys):
    path = tmp_path / "a.wav"
    soundfile.write(path, 2.6 * tone(), RATE, subtype="FLOAT")  # its peak is 1.3
    audio, _ = wave.read(path)
    np.testing.assert_allclose(audio, 2 * tone(), atol=1e-4)
    assert np.abs(audio).max() <= 1
    assert capsys.readouterr().err == (
        f"note: {path}: its amplitudes reach 1.3, beyond full scale, and are brought to it (-2.3 dB)\n"
    )
    soundfile.write(path, 1e12 * tone(), RATE, subtype="FLOAT")
    with pytest.raises(BabbleError, match=r"reach 5e\+11, which is no scale of sound"):
        wave.read(path)
    square = np.where(tone(rate=48_000) > 0, 1.0, -1.0)  # resampling overshoots
    soundfile.write(path, square, 48_000)
    sound = wave.read_sound(path, RATE)
    assert sound.notes == ()
    assert sound.overshoot > 1.05
    assert 0.999 < np.abs(sound.audio).max() <= 1


def test_channels_that_cancel_give_the_louder_one(tmp_path):
    path = tmp_path / "a.wav"
    noise = 0.01 * np.random.default_rng(0).standard_normal((2, 8000)).astype(np.float32)
    for first, second, cancels in ((0.7, -1, True), (0.7, 1, False), (0.5, 0, False)):
        channels = np.stack([first * tone(), second * tone()], axis=1) + noise.T
        soundfile.write(path, channels, RATE, subtype="FLOAT")
        sound = wave.read_sound(path)
        expected = channels[:, 1] if cancels else channels.mean(axis=1, dtype=np.float32)
        np.testing.assert_array_equal(sound.audio, expected)
        assert len(sound.notes) == cancels
        assert not cancels or "cancel each other in their mean; channel 2 is taken" in sound.notes[0]
    soundfile.write(path, noise.T, RATE, subtype="FLOAT")  # two microphones
    assert wave.read_sound(path).notes == ()
