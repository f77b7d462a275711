"""What has moved between two results."""

from babble_jax.launch.verify import moved


def test_numbers_that_moved_are_listed_and_times_are_not():
    before = {
        "a": {"bits": 4.0, "seconds": 1.0},
        "rows": [1, 2, {"x": True}],
        "commit": "a",
        "date": "b",
        "ms": 3,
    }
    after = {
        "a": {"bits": 4.1, "seconds": 2.0},
        "rows": [1, 2, {"x": False}],
        "commit": "c",
        "machine": {},
        "new": 1,
    }
    changes = moved(before, after)
    assert [change.name for change in changes] == ["a.bits", "rows.2.x", "new"]
    assert str(changes[0]) == "a.bits: 4.0 -> 4.1 (+2.5 %)"
    assert str(changes[2]) == "new: None -> 1"
    assert [change.name for change in moved(before, after, 0.05)] == ["rows.2.x", "new"]
    assert moved(before, before) == []
