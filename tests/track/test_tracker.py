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
        ("log_picture", (2, "spectrogram", Path("a.png"))),
        ("close", ()),
    ):
        getattr(tracker, method)(*arguments)
        expected += [("a", method, *arguments), ("b", method, *arguments)]
    assert calls == expected
