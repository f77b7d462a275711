"""Streams: every sample once per pass, pure schedules, shares of processes, and resuming to the bit."""

import itertools
import json
import time

import grain
import numpy as np
import orbax.checkpoint as ocp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.dataset import tbptt
from babble_jax.dataset.source import Recordings
from babble_jax.errors import BabbleError

SETTINGS = settings(deadline=None, max_examples=40)
LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=12)


def recordings(lengths: list[int], reads: list[int] | None = None) -> Recordings:
    """Sample k of recording i is 50 i + k + 1, so that every sample tells where it comes from."""

    def read_samples(i: int) -> np.ndarray:
        if reads is not None:
            reads.append(i)
        return np.arange(lengths[i], dtype=np.int16) + 50 * i + 1

    return Recordings(
        lengths=np.array(lengths, np.int64),
        speakers=np.arange(len(lengths), dtype=np.int32) % 3,
        speaker_names=("a", "b", "c"),
        sample_rate=8000,
        gain=1.0,
        read_samples=read_samples,
    )


def equal(a: list[dict], b: list[dict]) -> None:
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        assert x.keys() == y.keys()
        for name in x:
            np.testing.assert_array_equal(x[name], y[name])


@SETTINGS
@given(LENGTHS, st.integers(1, 5), st.integers(1, 9), st.integers(0, 3), st.integers(1, 3))
def test_every_sample_comes_once_per_pass_in_order(lengths, B, T, seed, passes):
    codes_read: list[list[int]] = [[] for _ in range(B)]
    fresh = [True] * B
    counts = np.zeros((len(lengths), 40), int)
    for batch in tbptt.StreamingBatches(recordings(lengths), B, T, seed, passes):
        assert {name: (value.shape, value.dtype) for name, value in batch.items()} == {
            "pcm": ((B, T), np.dtype(np.int16)),
            "before": ((B,), np.dtype(np.int16)),
            "weight": ((B, T), np.dtype(np.float32)),
            "reset": ((B,), np.dtype(np.bool_)),
            "speaker": ((B,), np.dtype(np.int32)),
        }
        assert batch["weight"].any()
        for stream in range(B):
            real = int(batch["weight"][stream].sum())
            np.testing.assert_array_equal(batch["weight"][stream], np.arange(T) < real)
            assert not batch["pcm"][stream, real:].any()
            assert batch["reset"][stream] == fresh[stream]
            before = 0 if fresh[stream] or not real else codes_read[stream][-1] + 1
            assert batch["before"][stream] == before
            if not real:
                continue
            code = batch["pcm"][stream, :real].astype(int) - 1
            i = code[0] // 50
            np.testing.assert_array_equal(code // 50, i)
            assert batch["speaker"][stream] == i % 3
            counts[i, code % 50] += 1
            codes_read[stream] += code.tolist()
            fresh[stream] = code[-1] % 50 == lengths[i] - 1
    expected = np.arange(40) < np.array(lengths)[:, None]
    np.testing.assert_array_equal(counts, passes * expected)
    assert all(fresh)
    for (
        codes
    ) in codes_read:  # each stream reads every recording it has taken from its first sample to its last
        for before, after in itertools.pairwise(codes):
            assert after == before + 1 or (after % 50 == 0 and before % 50 == lengths[before // 50] - 1)


@SETTINGS
@given(LENGTHS, st.integers(1, 4), st.integers(1, 9), st.integers(0, 3))
def test_the_schedule_takes_the_next_of_the_permutation_wherever_a_stream_is_free(lengths, B, T, seed):
    """Against the rule spelled out step by step."""
    order = [i for number in range(3) for i in tbptt.permutation(seed, number, len(lengths))]
    expected, free = [], [0] * B
    step = 0
    while len(expected) < len(order):
        for stream in range(B):
            if free[stream] == step and len(expected) < len(order):
                i = order[len(expected)]
                expected.append((step, stream, i))
                free[stream] = step + -(-lengths[i] // T)
        step += 1
    assert list(tbptt.schedule_visits(seed, np.array(lengths), B, T, 3)) == expected
    endless = tbptt.schedule_visits(seed, np.array(lengths), B, T)
    assert [next(endless) for _ in range(len(order))] == expected


@SETTINGS
@given(LENGTHS, st.sampled_from([(2, 2), (4, 2), (6, 3), (3, 3)]), st.integers(1, 9), st.integers(0, 3))
def test_processes_together_have_the_batches_of_one(lengths, shares, T, seed):
    B, count = shares
    complete = list(tbptt.StreamingBatches(recordings(lengths), B, T, seed, 2))
    parts = [list(tbptt.StreamingBatches(recordings(lengths), B, T, seed, 2, p, count)) for p in range(count)]
    joined = [
        {name: np.concatenate([part[name] for part in step]) for name in step[0]}
        for step in zip(*parts, strict=True)
    ]
    equal(joined, complete)


@SETTINGS
@given(LENGTHS, st.integers(1, 4), st.integers(1, 9), st.integers(0, 60), st.booleans())
def test_a_restored_iterator_goes_on_with_the_same_batches(lengths, B, T, at, ahead):
    make = tbptt.prefetch_batches if ahead else tbptt.StreamingBatches
    complete = list(make(recordings(lengths), B, T, 1, 2))
    at = min(at, len(complete))
    iterator = iter(make(recordings(lengths), B, T, 1, 2))
    for _ in range(at):
        next(iterator)
    state = json.loads(json.dumps(iterator.get_state()))
    assert state["step"] == at  # whatever has been read ahead
    restored = iter(make(recordings(lengths), B, T, 1, 2))
    for _ in range(min(3, len(complete))):
        next(restored)  # wherever it was before
    restored.set_state(state)
    assert restored.get_state() == state
    equal(list(restored), complete[at:])
    equal(list(iterator), complete[at:])


def test_orbax_saves_and_restores_the_place(tmp_path):
    lengths = [100, 30, 77, 5, 61]
    endless = iter(tbptt.prefetch_batches(recordings(lengths), 3, 8, seed=4))
    for _ in range(25):
        next(endless)
    with ocp.CheckpointManager(tmp_path) as manager:
        manager.save(
            25,
            args=ocp.args.Composite(
                data=grain.checkpoint.CheckpointSave(endless),  # pyright: ignore[reportCallIssue]
                config=ocp.args.JsonSave({"a": 1}),
            ),
        )
        ahead = [next(endless) for _ in range(30)]
        manager.wait_until_finished()
        restored = iter(tbptt.prefetch_batches(recordings(lengths), 3, 8, seed=4))
        manager.restore(
            25,
            args=ocp.args.Composite(
                data=grain.checkpoint.CheckpointRestore(restored)  # pyright: ignore[reportCallIssue]
            ),
        )
        equal([next(restored) for _ in range(30)], ahead)


def test_a_state_of_other_settings_is_refused():
    state = iter(tbptt.StreamingBatches(recordings([5, 6]), 2, 3, seed=0)).get_state()
    for other in (
        tbptt.StreamingBatches(recordings([5, 7]), 2, 3, seed=0),
        tbptt.StreamingBatches(recordings([5, 6]), 1, 3, seed=0),
        tbptt.StreamingBatches(recordings([5, 6]), 2, 4, seed=0),
        tbptt.StreamingBatches(recordings([5, 6]), 2, 3, seed=1),
        tbptt.StreamingBatches(recordings([5, 6]), 2, 3, seed=0, passes=1),
    ):
        with pytest.raises(BabbleError, match="belongs to another dataset, seed"):
            iter(other).set_state(state)


def test_a_recording_is_read_once_per_visit_and_only_where_its_stream_is_served():
    lengths = [30, 45, 7, 22]
    reads: list[int] = []
    list(tbptt.StreamingBatches(recordings(lengths, reads), 2, 5, 0, passes=3))
    assert sorted(reads) == sorted(3 * [0, 1, 2, 3])
    shares: list[list[int]] = [[], []]
    for p in range(2):
        list(tbptt.StreamingBatches(recordings(lengths, shares[p]), 2, 5, 0, 3, p, 2))
    assert sorted(shares[0] + shares[1]) == sorted(reads)
    assert shares[0]
    assert shares[1]


def test_permutations_are_golden_and_complete():
    # What these seeds give must never change: a checkpoint holds nothing but the step.
    assert tbptt.permutation(0, 0, 8).tolist() == [0, 3, 7, 5, 1, 2, 6, 4]
    assert tbptt.permutation(0, 1, 8).tolist() == [3, 7, 4, 2, 1, 6, 5, 0]
    assert tbptt.permutation(1, 0, 8).tolist() == [2, 0, 1, 4, 5, 6, 7, 3]
    assert sorted(tbptt.permutation(7, 3, 1000).tolist()) == list(range(1000))
    first = [tbptt.permutation(seed, 0, 10)[0] for seed in range(2000)]
    assert np.abs(np.bincount(first, minlength=10) - 200).max() < 60


def test_a_million_steps_are_skipped_in_seconds():
    lengths = [160_000] * 600  # ten seconds each; 32 streams of 512 samples
    dataset = tbptt.StreamingBatches(recordings([1]), 32, 512, 0)
    dataset.recordings = Recordings(
        np.array(lengths), np.zeros(600, np.int32), ("a",), 16_000, 1.0, lambda i: np.zeros(160_000, np.int16)
    )
    iterator = iter(dataset)
    state = iterator.get_state()
    start = time.process_time()
    iterator.set_state({**state, "step": 1_000_000})
    assert time.process_time() - start < 5
    assert next(iterator)["weight"].any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_size": 0}, "at least 1"),
        ({"subsequence": 0}, "at least 1"),
        ({"passes": 0}, "at least 1"),
        ({"process_count": 3}, "shared out evenly"),
        ({"process_index": 1}, "shared out evenly"),
        ({"recordings": recordings([])}, "must be recordings"),
        ({"recordings": recordings([4, 0])}, "must hold a sample"),
    ],
)
def test_bad_settings_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        tbptt.StreamingBatches(
            **{"recordings": recordings([5]), "batch_size": 4, "subsequence": 3, "seed": 0, **changes}
        )
