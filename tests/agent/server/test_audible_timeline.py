"""The timeline of what is heard: the agent's sound and its events move together, whatever the delay does."""

from typing import Any, NamedTuple

import numpy as np
import pytest

from babble_jax.agent.server.audible_timeline import AudibleTimeline


class Hop(NamedTuple):
    sample: int
    events: tuple[dict[str, Any], ...] = ()


def run(changes: dict[int, float], delay: float = 0.1):
    """Sends a click at each event of the agent; returns the samples of clicks and of logged events."""
    timeline = AudibleTimeline(1000, delay)
    sound, logged, user = [], [], []
    for number in range(100):
        if number in changes:
            timeline.set_delay(changes[number])
        block = np.zeros(20, np.float32)
        events = []
        if number % 17 == 5:
            block[3] = 1.0
            events = [
                {"event": "turn", "sample": 20 * number + 3},
                {"event": "user began", "sample": 20 * number},
            ]
        sound.append(timeline.push(block))
        assert len(sound[-1]) == 20
        for hop in timeline.take_due([Hop(20 * number, tuple(events))]):
            logged += [event["sample"] for event in hop.events if event["event"] == "turn"]
            user += [event["sample"] for event in hop.events if event["event"] == "user began"]
    rest = [
        event["sample"] for hop in timeline.take_rest() for event in hop.events if event["event"] == "turn"
    ]
    return np.flatnonzero(np.concatenate(sound)).tolist(), logged, rest, user


def test_the_agent_is_moved_and_the_user_is_not():
    clicks, logged, rest, user = run({})
    assert clicks == [20 * number + 103 for number in (5, 22, 39, 56, 73, 90)]
    assert logged + rest == clicks
    assert user == [20 * number for number in (5, 22, 39, 56, 73, 90)]


@pytest.mark.parametrize(
    "changes", [{30: 0.2}, {30: 0.12, 50: 0.16, 70: 0.08}, {7: 0.24, 95: 0.1}, {40: 0.0}]
)
def test_sound_and_events_stay_together_when_the_delay_changes(changes):
    clicks, logged, rest, _ = run(changes)
    assert set(clicks) <= {*logged, *rest}
    assert len(clicks) >= 5


def test_no_delay():
    timeline = AudibleTimeline(1000, 0.0)
    np.testing.assert_array_equal(timeline.push(np.arange(5, dtype=np.float32)), np.arange(5))
    assert timeline.take_due([Hop(0)]) == [Hop(0)]
