"""Splits: copies go together, pieces too, and a few long recordings are divided in time."""

import dataclasses
import hashlib

import numpy as np
import pytest

from babble_jax.dataset import splits
from babble_jax.dataset.preparation import ScratchRecording


def recording(name, sound="", start=0, samples=1000):
    digest = hashlib.sha256((sound or name).encode()).digest()
    return ScratchRecording(name, "", "ann", start, samples, digest, np.zeros((0, 2), np.int64))


def cut(item, lengths):
    firsts = np.cumsum([0, *lengths[:-1]])
    return [
        dataclasses.replace(
            item,
            start=item.start + 2 * int(first),
            first_sample=int(first),
            samples=length,
            pieces=len(lengths),
        )
        for first, length in zip(firsts, lengths, strict=True)
    ]


def test_copies_go_to_one_split_and_are_counted():
    items = [recording(f"{i}.wav", start=i) for i in range(40)]
    copies = [recording(f"copy/{i}.wav", sound=f"{i % 3}.wav", start=40 + i) for i in range(30)]
    count, notes = splits.find_copies([*items, *copies])
    assert count == 40
    assert notes == [
        "30 of 70 recordings are copies of others, as copy/0.wav is of 0.wav; copies go to one split."
    ]
    assert splits.find_copies(items) == (40, [])
    assignment, _ = splits.assign_splits([*items, *copies])
    assert sum(map(len, assignment.values())) == 70
    homes = {}
    for split, members in assignment.items():
        assert [item.start for item in members] == sorted(item.start for item in members)
        for item in members:
            homes.setdefault(item.digest, set()).add(split)
            if item.digest not in {copy.digest for copy in copies}:
                assert split == splits.split_from_name(item.name)
    assert all(len(home) == 1 for home in homes.values())


def test_pieces_of_many_recordings_stay_together():
    items = [recording(f"{i}.wav", start=10_000 * i) for i in range(30)]
    pieces = [piece for item in items for piece in cut(item, [300, 300, 300, 100])]
    assignment, notes = splits.assign_splits(pieces)
    assert notes == []
    for split, members in assignment.items():
        assert len(members) % 4 == 0
        assert all(split == splits.split_from_name(item.name) for item in members)


@pytest.mark.parametrize(
    "lengths",
    [[1] * 3, [5] * 10, [9, 1, 1], [1, 1, 9], [9, 0.4, 0.3, 0.3], [1] * 100, [3, 1, 4, 1, 5, 9, 2, 6]],
)
def test_a_long_recording_is_divided_in_time(lengths):
    lengths = [round(1000 * length) for length in lengths]
    items = cut(recording("all.wav"), lengths)
    copies = cut(recording("copy.wav", sound="all.wav", start=10**6), lengths)
    assignment, (note, *others) = splits.assign_splits([*items, *copies])
    assert "all.wav: divided in time" in note
    assert list(assignment) == ["train", "validation", "test"]
    shares = [sum(item.samples for item in assignment[split]) / sum(lengths) / 2 for split in assignment]
    assert "first {:.1%} are train, the next {:.1%} validation, the last {:.1%} test".format(*shares) in note
    far = [f"Only {shares[0]:.1%} of the recordings in time are train. "] if shares[0] < 0.7 else []
    assert [other[: len(line)] for other, line in zip(others, far, strict=True)] == far
    order = [item for split in assignment for item in assignment[split] if item.name == "all.wav"]
    assert order == items  # stretches, in order
    assert [len(members) % 2 for members in assignment.values()] == [0, 0, 0]
    if len(lengths) >= 10:
        np.testing.assert_allclose(shares, [0.8, 0.1, 0.1], atol=0.001)


def test_two_pieces_are_too_few_to_divide():
    assignment, notes = splits.assign_splits(cut(recording("a.wav"), [100, 100]))
    assert {split: len(members) for split, members in assignment.items()} == {"train": 2}
    assert len(notes) == 2
