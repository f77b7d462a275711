"""Recordings in pieces."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from babble_jax.dataset import tbptt
from babble_jax.dataset.segment_shuffle import shuffle_segments


@hypothesis.given(
    frame=st.integers(1, 40),
    length=st.integers(1, 20_000),
    seed=st.integers(0, 99),
    rate=st.integers(100, 16_000),
)
@hypothesis.settings(max_examples=60, deadline=None)
def test_each_frame_goes_with_its_features_and_comes_once_at_most(frame, length, seed, rate):
    audio = np.full(length, 7, np.int16)
    whole, rest = divmod(length, frame)
    rows = np.arange(1, whole + bool(rest) + 1, dtype=np.float32)[:, None]
    audio[: whole * frame] = np.repeat(np.arange(1, whole + 1) % 32_768, frame)
    mixed, told, counted = shuffle_segments(
        audio, rows, frame, rate, np.zeros(1, np.float32), np.random.default_rng(seed)
    )
    assert mixed.shape == audio.shape
    assert told.shape == rows.shape
    assert mixed.dtype == audio.dtype
    np.testing.assert_array_equal(mixed[whole * frame :], audio[whole * frame :])
    np.testing.assert_array_equal(told[whole:], rows[whole:])
    speaks = told[:whole, 0] > 0
    assert len(np.unique(told[:whole, 0][speaks])) == speaks.sum()
    # Away from a joint, the first sample of a frame is that of the frame whose features stand beside it.
    inside = np.flatnonzero((np.diff(told[:whole, 0]) == 1) & speaks[:-1])
    np.testing.assert_array_equal(mixed[inside * frame], audio[((told[inside, 0] - 1) * frame).astype(int)])
    assert counted.shape == audio.shape
    assert counted[whole * frame :].all()
    assert counted[: whole * frame].reshape(whole, frame)[speaks].all()


def test_a_joint_fades_into_what_preceded_the_next_piece():
    frame, rate = 8, 800
    audio = np.repeat(np.arange(100, 400), frame).astype(np.int16) * 50
    rows = np.arange(300, dtype=np.float32)[:, None]
    mixed, told, _ = shuffle_segments(
        audio, rows, frame, rate, np.full(1, -1, np.float32), np.random.default_rng(3)
    )
    line = told[:, 0].astype(int)
    joints = np.flatnonzero((np.diff(line) != 1) & (line[1:] > 0) & (line[:-1] >= 0))
    assert len(joints) > 3
    rise = (np.arange(frame) + 0.5) / frame
    for j in joints:
        expected = (1 - rise) * audio[line[j] * frame] + rise * audio[(line[j + 1] - 1) * frame]
        np.testing.assert_allclose(mixed[j * frame : (j + 1) * frame], expected, atol=0.5)


@pytest.mark.parametrize("seed", range(20))
def test_what_breaks_into_silence_fades_and_does_not_count(seed):
    frame, rate = 8, 800
    audio = np.repeat(np.arange(100, 400), frame).astype(np.int16) * 50
    rows = np.arange(300, dtype=np.float32)[:, None]
    mixed, told, counted = shuffle_segments(
        audio, rows, frame, rate, np.full(1, -1, np.float32), np.random.default_rng(seed)
    )
    silent, counted = told[:, 0] == -1, counted.reshape(-1, frame)
    assert (counted.all(axis=1) == counted.any(axis=1)).all()
    counted, sounds = counted[:, 0], np.asarray(mixed.reshape(-1, frame).any(axis=1))
    assert silent[~counted].all()
    ends = silent[:-1] & np.greater(told[1:, 0], 0)  # fade into what follows; nothing precedes frame 0
    assert not counted[:-1][ends].any()
    fades = np.append(False, ~counted[:-1]) & counted & silent
    assert not sounds[silent & counted & ~fades].any()
    for frames in mixed.reshape(-1, frame)[fades]:
        assert (np.diff(frames) < 0).all()
    for run in np.split(np.arange(300), np.flatnonzero(np.diff(counted)) + 1):
        assert counted[run].all() or len(run) <= 2 * 0.05 * rate / frame + 1  # two may touch


class Talk:
    """Recordings in memory."""

    lengths = np.array([400, 320])
    speakers = np.zeros(2, int)
    speaker_names = ("one",)
    sample_rate = 800
    gain = 1.0

    def __len__(self):
        return 2

    def read(self, i):
        return np.arange(1, self.lengths[i] + 1, dtype=np.int16)


LOCAL = tbptt.Local(
    8, 1, lambda i: np.arange(1.0, Talk.lengths[i] // 8 + 1, dtype=np.float32)[:, None], lambda i: np.zeros(1)
)


def told(segment_shuffle, start=0, count=12):
    dataset = tbptt.StreamingBatches(Talk(), 2, 80, 0, local=LOCAL, segment_shuffle=segment_shuffle)  # pyright: ignore[reportArgumentType]
    iterator = iter(dataset)
    iterator.set_state(iterator.get_state() | {"step": start})
    return np.stack([next(iterator)["local"] for _ in range(count)])


def test_in_lanes_they_are_the_same_wherever_one_begins():
    np.testing.assert_array_equal(told(1.0, 0, 12)[5:], told(1.0, 5, 7))
    assert not np.array_equal(told(1.0), told(0.0))


def test_without_features_there_is_nothing_to_heed():
    with pytest.raises(ValueError, match="segment_shuffle"):
        tbptt.StreamingBatches(Talk(), 2, 80, 0, segment_shuffle=0.5)  # pyright: ignore[reportArgumentType]
