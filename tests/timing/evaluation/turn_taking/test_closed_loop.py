"""Rows of the closed loop."""

import numpy as np
import pytest

from babble_jax.timing.evaluation.turn_taking.closed_loop import collect_events, measure_loop
from babble_jax.timing.preset import load_timing
from tests.timing.evaluation.turn_taking.calls import DIALOGUE, D, call


def test_counts_by_hand():
    events = collect_events([DIALOGUE], D)
    # IPUs, backchannels, pauses, pauses cut into
    assert events.counts[0].tolist() == [[4, 0, 1, 0], [3, 1, 0, 0]]
    assert np.sort(events.fto[1][0]).tolist() == pytest.approx([-0.2, 0.4])
    assert events.fto[0][0].tolist() == pytest.approx([1.0, 1.0])


def test_a_set_beside_itself_is_at_no_distance():
    floor = load_timing("switchboard").require_floor()
    events = collect_events(floor.draw(3, range(8), 60.0), floor.definitions)
    row = measure_loop(events, events, resamples=20)
    for role in ("agent", "partner"):
        assert row[role]["w1"] == 0
        assert row[role]["w1_interval"] == [0, 0]
        fto = np.concatenate(events.fto[("agent", "partner").index(role)])
        assert row[role]["below_0"] == pytest.approx(np.mean(fto < 0), abs=0.02)
        assert (
            np.mean(fto <= row[role]["median"] - 0.006) < 0.5 <= np.mean(fto <= row[role]["median"] + 0.006)
        )
        assert row[role]["ipus_per_minute"] == row[role]["reference"]["ipus_per_minute"]


def test_a_shift_of_all_offsets_is_the_distance():
    def answers(gap: float) -> list:
        segments = [(i % 2, 2.0 * i + gap * (i % 2), 2.0 * i + 1.5) for i in range(14)]
        return [call(segments)]

    first, second = (collect_events(answers(gap), D) for gap in (0.0, 0.3))
    assert measure_loop(second, first, resamples=2)["agent"]["w1"] == pytest.approx(0.0, abs=0.011)
    assert measure_loop(second, first, resamples=2)["partner"]["w1"] == pytest.approx(0.3, abs=0.011)
