"""Several trackers behind one: each call reaches each of them, in turn."""

from pathlib import Path

import numpy as np

from babble_jax.track.tracker import CompositeTracker


class Recorder:
    """A tracker that notes its calls."""

    def __init__(self, name, calls):
        self.name, self.calls = name, calls

    def __getattr__(self, method):
        return lambda *arguments: self.calls.append((self.name, method, *arguments))


def test_each_call_reaches_each_tracker():
    calls, sound = [], np.zeros(3, np.float32)
    tracker = CompositeTracker([Recorder("a", calls), Recorder("b", calls)])
    expected = []
    for method, arguments in (
        ("resume", (1, True)),
        ("log_metrics", (2, {"x": 1.0})),
        ("log_audio", (2, "babble", sound, 8000)),
        ("log_machine", (2, {"machine/updates_per_second": 9.0})),
        ("log_picture", (2, "spectrogram", Path("a.png"))),
        ("log_table", (2, "leaderboard", ["family"], [["normal"]])),
        ("log_histogram", (2, "quantized/babble", sound, sound[1:])),
        ("log_summary", ({"best/bits": 1.0},)),
        ("log_artifact", ("voice", "voice", Path("voice"), {"steps": 2})),
        ("close", ()),
    ):
        getattr(tracker, method)(*arguments)
        expected += [("a", method, *arguments), ("b", method, *arguments)]
    assert calls == expected


def test_no_tracker_logs_nothing():
    tracker = CompositeTracker()
    tracker.log_table(1, "leaderboard", [], [])
    tracker.log_summary({"x": 1.0})
    tracker.close()
