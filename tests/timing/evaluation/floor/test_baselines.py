"""Baselines of the floor. Axes: N IPUs."""

import numpy as np
import pytest

from babble_jax.timing import events
from babble_jax.timing.evaluation.floor.baselines import BASELINES, SemiMarkov, Shuffle, triples
from babble_jax.timing.evaluation.floor.comparison import cut_window
from babble_jax.timing.events import Definitions
from tests.timing.evaluation.floor.calls import CALLS, D


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_speak_in_order_and_for_long_enough(name):
    baseline = BASELINES[name](CALLS, D)
    onset, end, speaker = baseline.draw(np.random.default_rng(0), 100.0)
    assert np.all(end > onset)
    assert set(speaker.tolist()) == {0, 1}
    assert end.max() > 95
    again = baseline.draw(np.random.default_rng(0), 100.0)
    np.testing.assert_array_equal(onset, again[0])


def test_a_shuffle_keeps_the_durations_of_each_side():
    onset, end, speaker = Shuffle(CALLS[:1], D).draw(np.random.default_rng(0), 60.0)
    units = events.ipus(CALLS[0], D)
    for s in (0, 1):
        real = np.sort(units.duration[units.speaker == s][1:])
        lengths = np.round(end - onset, 6)[speaker == s][: len(real)]
        np.testing.assert_allclose(np.sort(lengths), real, atol=1e-5)


def test_the_semi_markov_process_keeps_what_follows_what():
    simulated = SemiMarkov(CALLS, D).draw(np.random.default_rng(1), 20000.0)
    dialogue = cut_window(simulated, 19900.0, "simulated")
    loose = Definitions(merge=0.0, min_ipu=0.0)  # under which nothing that it draws is merged
    share = []
    for calls in (CALLS, [dialogue]):
        before, now, after, _ = (
            np.concatenate(p) for p in zip(*[triples(events.ipus(c, loose)) for c in calls], strict=True)
        )
        solo, silence = (before == 1) | (before == 2), now == 0
        share.append(np.mean((after == before)[solo & silence]))
    assert share[0] == pytest.approx(share[1], abs=0.02)
