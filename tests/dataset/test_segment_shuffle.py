"""Shuffled segments: each frame with its features, joints that fade, and inserted sounds that the loss leaves out."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from babble_jax.dataset import tbptt
from babble_jax.dataset.segment_shuffle import shuffle_segments


def shuffle(audio, rows, frame, rate, silence, seed):
    """Shuffles a recording: its samples, the features that go with them, and for each sample whether it counts."""
    mixed, order, loss_mask = shuffle_segments(audio, frame, rate, np.random.default_rng(seed))
    assert order.shape == loss_mask.shape == (len(rows),)
    return mixed, np.concatenate([rows, silence[None]])[order], np.repeat(loss_mask, frame)[: len(audio)]


@hypothesis.given(
    frame=st.integers(1, 40),
    length=st.integers(1, 20_000),
    seed=st.integers(0, 99),
    rate=st.integers(100, 16_000),
)
@hypothesis.settings(max_examples=60, deadline=None)
def test_each_frame_goes_with_its_features_and_comes_once_at_most(frame, length, seed, rate):
    audio = np.full(length, 7, np.int16)
    frames, rest = divmod(length, frame)
    rows = np.arange(1, frames + bool(rest) + 1, dtype=np.float32)[:, None]
    audio[: frames * frame] = np.repeat(np.arange(1, frames + 1) % 32_768, frame)
    mixed, features, loss_mask = shuffle(audio, rows, frame, rate, np.zeros(1, np.float32), seed)
    assert mixed.shape == audio.shape
    assert features.shape == rows.shape
    assert mixed.dtype == audio.dtype
    np.testing.assert_array_equal(mixed[frames * frame :], audio[frames * frame :])
    np.testing.assert_array_equal(features[frames:], rows[frames:])
    active = features[:frames, 0] > 0
    assert len(np.unique(features[:frames, 0][active])) == active.sum()
    # Away from a joint, the first sample of a frame is that of the frame whose features stand beside it.
    inside = np.flatnonzero((np.diff(features[:frames, 0]) == 1) & active[:-1])
    np.testing.assert_array_equal(
        mixed[inside * frame], audio[((features[inside, 0] - 1) * frame).astype(int)]
    )
    assert loss_mask.shape == audio.shape
    assert loss_mask[frames * frame :].all()
    assert loss_mask[: frames * frame].reshape(frames, frame)[active].all()


def test_a_joint_fades_into_what_preceded_the_next_piece():
    frame, rate = 8, 800
    audio = np.repeat(np.arange(100, 400), frame).astype(np.int16) * 50
    rows = np.arange(300, dtype=np.float32)[:, None]
    mixed, features, _ = shuffle(audio, rows, frame, rate, np.full(1, -1, np.float32), 3)
    line = features[:, 0].astype(int)
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
    mixed, features, loss_mask = shuffle(audio, rows, frame, rate, np.full(1, -1, np.float32), seed)
    silent, loss_mask = features[:, 0] == -1, loss_mask.reshape(-1, frame)
    assert (loss_mask.all(axis=1) == loss_mask.any(axis=1)).all()
    loss_mask, sounds = loss_mask[:, 0], np.asarray(mixed.reshape(-1, frame).any(axis=1))
    assert silent[~loss_mask].all()
    ends = silent[:-1] & np.greater(features[1:, 0], 0)  # fade into what follows; nothing precedes frame 0
    assert not loss_mask[:-1][ends].any()
    fades = np.append(False, ~loss_mask[:-1]) & loss_mask & silent
    assert not sounds[silent & loss_mask & ~fades].any()
    for frames in mixed.reshape(-1, frame)[fades]:
        assert (np.diff(frames) < 0).all()
    for run in np.split(np.arange(300), np.flatnonzero(np.diff(loss_mask)) + 1):
        assert loss_mask[run].all() or len(run) <= 2 * 0.05 * rate / frame + 1  # two may touch


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


LOCAL = tbptt.LocalFeatures(
    8, 1, lambda i, samples, frames: (1 + frames[:, None]).astype(np.float32), lambda i: np.zeros(1)
)


def local_features(segment_shuffle, start=0, count=12):
    dataset = tbptt.StreamingBatches(Talk(), 2, 80, 0, local=LOCAL, segment_shuffle=segment_shuffle)  # pyright: ignore[reportArgumentType]
    iterator = iter(dataset)
    iterator.set_state(iterator.get_state() | {"step": start})
    return np.stack([next(iterator)["local"] for _ in range(count)])


def test_in_streams_they_are_the_same_wherever_one_begins():
    np.testing.assert_array_equal(local_features(1.0, 0, 12)[5:], local_features(1.0, 5, 7))
    assert not np.array_equal(local_features(1.0), local_features(0.0))


def test_however_far_ahead_features_are_computed_they_are_the_same(monkeypatch):
    expected = [local_features(share) for share in (0.0, 0.5, 1.0)]
    for ahead in (1, 7, 13):
        monkeypatch.setattr(tbptt, "_FRAMES_AHEAD", ahead)
        for share, rows in zip((0.0, 0.5, 1.0), expected, strict=True):
            np.testing.assert_array_equal(local_features(share), rows)


def test_without_features_segments_are_not_shuffled():
    with pytest.raises(ValueError, match="segment_shuffle"):
        tbptt.StreamingBatches(Talk(), 2, 80, 0, segment_shuffle=0.5)  # pyright: ignore[reportArgumentType]


def test_a_window_that_is_all_silence_asks_for_no_features():
    def compute(i, samples, frames):
        assert len(frames)
        return (1 + frames[:, None]).astype(np.float32)

    local = tbptt.LocalFeatures(8, 1, compute, lambda i: np.full(1, -1.0))
    order = np.array([-1] * 300 + [5, 6])
    reading = tbptt._Reading(tbptt.Visit(0, 0, 0), np.zeros(302 * 8, np.int16), local, order)
    assert (reading.features(0, 4) == -1).all()
    np.testing.assert_array_equal(reading.features(298, 302)[:, 0], [-1, -1, 6, 7])
