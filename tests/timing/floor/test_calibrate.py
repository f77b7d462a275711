"""The means of the effects are moved until drawn dialogues have the hazards of the corpus."""

import dataclasses

import numpy as np
import pytest

from babble_jax.timing.floor import calibrate
from babble_jax.timing.floor.effects import GROUPS
from babble_jax.timing.floor.exposure import count_exposure
from tests.timing.floor.floors import DEFINITIONS, DYAD, NO_KINDS, K, make_conversation


def test_the_beginning_of_a_call_calibrates_nothing():
    """A window that begins with ten seconds of silence is like one that begins with its first words."""
    late = [(who, a + 10, b + 10) for who, a, b in DYAD]
    short, long = (
        calibrate.group_rates(count_exposure([make_conversation(intervals, 2, seconds)], DEFINITIONS))
        for intervals, seconds in ((DYAD, 14.0), (late, 24.0))
    )
    np.testing.assert_array_equal(short, long)


@pytest.mark.slow
def test_means_of_effects_are_found_by_drawing(population, monkeypatch):
    monkeypatch.setattr(calibrate, "HOURS", (15.0, 15.0))
    floor, conversations = population
    frequent = [
        "resume_early",
        "resume_late",
        "take_late",
        "interrupt_late",
        "end_turn_early",
        "end_turn_late",
    ]
    index = [GROUPS.index(name) for name in frequent]
    mean = np.zeros(K)
    mean[index] = (0.3, -0.2, 0.25, -0.3, 0.2, -0.1)
    calibrated = calibrate.calibrate_means(
        dataclasses.replace(floor, mean=mean.tolist()), count_exposure(conversations, NO_KINDS)
    )
    np.testing.assert_allclose(np.array(calibrated.mean)[index], 0, atol=0.05)
