"""Contours: melodies that are drawn in tables or measured in recordings."""

import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.errors import BabbleError
from babble_jax.voice.conditioning.contour import read_contour


def test_a_table_is_drawn_with_straight_lines_and_pauses(tmp_path):
    path = tmp_path / "melody.csv"
    path.write_text("time,f0,level\n0,200,-20\n0.5,400,-20\n1.0,,\n1.2,200,-30\n2,200,-30\n", "utf-8")
    contour = read_contour(path)
    assert str(contour) == "melody.csv (2.00 s)"
    np.testing.assert_array_equal(contour.active, [[0, 1], [1.2, 2]])
    melody, _ = contour.at(np.array([0.0, 0.25, 0.5, 1.9]))
    np.testing.assert_allclose(np.diff(melody[:3]), 0.5, atol=0.02)
    assert melody[3] == pytest.approx(melody[0], abs=0.02)
    _, level = contour.at(np.array([0.5, 1.6]))
    assert level[0] - level[1] == pytest.approx(10, abs=0.5)  # smoothed over 0.2 s


def test_what_was_read_is_said(tmp_path):
    path = tmp_path / "melody.csv"
    path.write_text("time,f0,level\n0.5,130,-25\n1,260,-15\n2,,\n2.2,200,-20\n3.2,200,-20\n", "utf-8")
    summary = read_contour(path).summary
    assert summary.startswith("melody.csv: 5 rows, 1 pause, 0 to 3.2 s, 131 to 260 Hz, median 2")
    assert summary.endswith(" Hz, level -25 to -15 dB; silent until 0.5 s")
    path.write_text("time,f0\n0,200\n1,200\n", "utf-8")
    assert read_contour(path).summary == (
        "melody.csv: 2 rows, 0 pauses, 0 to 1.0 s, 200 to 200 Hz, median 200 Hz, no level"
    )


@pytest.mark.slow
def test_a_recording_gives_its_melody_and_its_pauses(tmp_path):
    rate = 8000
    time = np.arange(2 * rate) / rate
    f0 = np.where(time < 1, 150, 300)
    phase = 2 * np.pi * np.cumsum(f0) / rate
    sound = sum(np.sin(n * phase) / n for n in range(1, 5)) * np.where((time > 0.9) & (time < 1.2), 0, 0.1)
    wave.write(tmp_path / "hum.wav", sound.astype(np.float32), rate)
    contour = read_contour(tmp_path / "hum.wav")
    assert contour.seconds == pytest.approx(2)
    np.testing.assert_allclose(contour.active, [[0, 0.9], [1.2, 2]], atol=0.03)
    melody, _ = contour.at(np.array([0.5, 1.6]))
    assert melody[1] - melody[0] == pytest.approx(1, abs=0.05)
    assert contour.summary.startswith("hum.wav: a recording, 1 pause, 0 to 2.0 s, 1")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("time;pitch\n0;1\n", "line 1: names no column f0, but 'time, pitch'; begin with time,f0"),
        ("time,f0\n0,100\n0,110\n", "line 3: time is 0; give seconds from 0 to 600, each row later"),
        ("time,f0\n0,5\n1,100\n", "line 2: f0 is 5; give Hz from 20 to 2000"),
        ("time,f0\n0,high\n", "line 2: f0 is 'high', which is no number"),
        ("time,f0\n0,100\n", "has no two rows with f0"),
        ("time,f0\n", "has no two rows with f0"),
        ("time,f0\n0,\n1,\n", "has no two rows with f0"),
        ("time,f0\n0,100\n0.0004,110\n", "lasts 0.0004 s, too short for a melody; give 0.05 s at least"),
        ("time,f0\n0,100\n0.002,100\n0.003,\n1,\n", "speaks for less than 0.01 s"),
        ("time,f0\n0,100\n1,%s\n" % ("1" * 140_000), "is no table of numbers .field larger than field limit"),
        ("time,f0,level\n0,100,4000\n", "line 2: level is 4000; give dB from -120 to 120"),
        (
            "time,f0\n0,100\n0,5,110\n",
            "line 3: has more values than line 1 has names; mend that line, or separate",
        ),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path, text, sentence):
    (tmp_path / "melody.csv").write_text(text, "utf-8")
    with pytest.raises(BabbleError, match=sentence):
        read_contour(tmp_path / "melody.csv")


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.2])
def test_a_short_table_is_a_contour_and_far_pitches_stay(tmp_path, seconds):
    (tmp_path / "melody.csv").write_text(f"time,f0,level\n0,50,-20\n{seconds},1600,-20\n", "utf-8")
    contour = read_contour(tmp_path / "melody.csv")
    assert contour.pitch.shape == contour.level.shape == (round(seconds * 100),)
    np.testing.assert_allclose(contour.level, 0, atol=0.1)
    assert np.ptp(contour.pitch) == pytest.approx(5 * (1 - 0.01 / seconds))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("hz", "refused"),
    [
        (500, None),
        (1000, "reaches the limits of what is measured, 60 to 800 Hz|nothing in it is voiced|are voiced"),
    ],
)
def test_a_high_voice_is_heard_or_refused(tmp_path, hz, refused):
    rate = 8000
    phase = 2 * np.pi * np.cumsum(np.repeat([hz / 1.25, hz], rate // 2)) / rate
    sound = 0.2 * np.sum([np.sin(n * phase) / n for n in range(1, 4)], axis=0)
    wave.write(tmp_path / "high.wav", sound.astype(np.float32), rate)
    if refused is None:
        melody, _ = read_contour(tmp_path / "high.wav").at(np.array([0.25, 0.75]))
        assert melody[1] - melody[0] == pytest.approx(np.log2(1.25), abs=0.03)
    else:
        with pytest.raises(BabbleError, match=refused):
            read_contour(tmp_path / "high.wav")


def test_a_recording_without_a_voice_has_no_melody(tmp_path):
    wave.write(tmp_path / "silence.wav", np.zeros(4000, np.float32), 8000)
    with pytest.raises(BabbleError, match="nothing in it is voiced"):
        read_contour(tmp_path / "silence.wav")
