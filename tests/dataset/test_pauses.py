"""Pauses are shortened within silence; speech stays as it was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from babble_jax.audio import wave
from babble_jax.cli.dataset import silence_lines
from babble_jax.dataset.pauses import count_silent, shorten_pauses
from babble_jax.errors import BabbleError
from tests.dataset.test_recordings import build

RATE = 8_000


@given(st.lists(st.tuples(st.integers(0, 9_000), st.integers(1, 3_000)), max_size=8), st.integers(0, 5_000))
def test_speech_stays_and_pauses_become_shorter(rows, tail):
    """Each row is a silence and the speech after it, in samples."""
    edges = np.cumsum(np.array(rows, np.int64).reshape(-1))
    active = edges.reshape(-1, 2)
    count = int(edges[-1] if len(edges) else 0) + tail
    samples = np.random.default_rng(0).integers(-5, 6, count).astype(np.int16)
    shorter, moved = shorten_pauses(samples, active, RATE, 0.3)
    assert shorter.dtype == np.int16
    assert len(moved) == len(active)
    for (a, b), (c, d) in zip(active.tolist(), moved.tolist(), strict=True):
        assert np.array_equal(samples[a:b], shorter[c:d])
    before, after = active[1:, 0] - active[:-1, 1], moved[1:, 0] - moved[:-1, 1]
    most, ramp = round(0.3 * RATE), round(0.005 * RATE)
    assert np.array_equal(after, np.where(before > most + ramp, most, before))
    if len(rows):
        assert np.array_equal(samples[: rows[0][0]], shorter[: rows[0][0]])
    assert np.array_equal(samples[count - tail :], shorter[len(shorter) - tail :])
    assert count_silent(moved, len(shorter)) == count_silent(active, count) - (count - len(shorter))


def test_a_cut_is_cross_faded():
    samples = np.full(8_000, 100, np.int16)
    samples[4_000:] = 0
    active = np.array([[0, 1_000], [7_000, 8_000]])
    shorter, _ = shorten_pauses(samples, active, RATE, 0.1)
    steps = np.abs(np.diff(shorter.astype(int)))
    assert len(shorter) == 2_800
    assert 0 < steps.max() < 5


def test_a_data_set_without_long_pauses_says_its_silence(tmp_path):
    time = np.arange(RATE * 8) / RATE
    sound = np.where(time % 2 < 0.6, 0.3 * np.sin(2 * np.pi * 200 * time), 0.0)
    (tmp_path / "me").mkdir()
    for n in range(3):
        wave.write(tmp_path / "me" / f"{n}.wav", sound * (1 - 0.1 * n), RATE)
    plain = build(tmp_path / "me", tmp_path / "plain", piece=0.0)
    short = build(tmp_path / "me", tmp_path / "short", piece=0.0, longest_pause=0.3)
    assert plain.silent_share == short.silent_share == pytest.approx(0.7, abs=0.01)
    assert plain.removed_share == 0
    assert short.removed_share == pytest.approx(3 * 1.1 / 8, abs=0.01)
    assert sum(short.seconds.values()) == pytest.approx(3 * (8 - 3.3), abs=0.1)
    with pytest.raises(BabbleError, match=r"longest pause is 0\.01 s; choose from 0\.1"):
        build(tmp_path / "me", tmp_path / "none", longest_pause=0.01)


def test_much_silence_is_warned_of():
    assert silence_lines(0.3) == ["silence: 30% of the recordings"]
    line, warning = silence_lines(0.59)
    assert warning.startswith("warning: 59% is silence")
    assert warning.endswith("--longest-pause 0.3.")
    (line,) = silence_lines(0.5, 0.4)
    assert line.endswith("shortened by 40% of them, so that 17% of the data set is silence")
