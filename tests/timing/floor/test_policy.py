"""Policies, their file form and their interpolation over the delay."""

import dataclasses

import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.timing.floor.policy import BY_HAND, NEUTRAL, Policy, PolicyCurve
from babble_jax.timing.preset import TimingPreset, load_timing


def test_a_policy_is_a_row_of_numbers():
    assert Policy.from_array(BY_HAND.to_array()) == BY_HAND
    assert len(BY_HAND.to_array()) == 13 + 26


def test_a_curve_gives_its_own_policies_and_what_lies_between():
    curve = PolicyCurve((0.0, 0.1, 0.3), (NEUTRAL, BY_HAND, dataclasses.replace(BY_HAND, hold_back=4.0)))
    assert (curve.at(0.0), curve.at(0.1)) == (NEUTRAL, BY_HAND)
    assert curve.at(2.0) == curve.policies[-1]
    rows = np.array([curve.at(delay).hold_back for delay in np.linspace(0, 0.4, 41)])
    assert (np.diff(rows) >= -1e-12).all()
    assert curve.at(0.2).hold_back == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"delays": [0.1, 0.0]}, "rise"),
        ({"delays": [0.0]}, "as many policies"),
        ({"delays": [0.0, 99.0]}, "from 0 to 10"),
        ({"delays": "soon"}, "delays"),
        ({"policies": [{"factors": [1.0]}, {}]}, "26 numbers"),
        ({"policies": [{"pace_starts": 0.0}, {}]}, "half a frame"),
        ({"policies": [{"hold_back": 1e9}, {}]}, "1000 at most"),
        ({"policies": [{"hold_back": "much"}, {}]}, "hold_back"),
    ],
)
def test_a_preset_with_bad_policies_is_refused_in_a_sentence(change, message):
    preset = dataclasses.replace(
        load_timing("switchboard"), policies=PolicyCurve((0.0, 0.1), (NEUTRAL, BY_HAND))
    )
    values = preset.to_json()
    assert TimingPreset.from_json(values) == preset
    values["policies"] = values["policies"] | change
    with pytest.raises(BabbleError, match=message) as error:
        TimingPreset.from_json(values)
    assert "\n" not in str(error.value)


def test_policies_need_a_floor():
    curve = PolicyCurve((0.0,), (NEUTRAL,))
    with pytest.raises(ValueError, match="belong to a floor"):
        dataclasses.replace(load_timing("switchboard"), floor=None, policies=curve)


def test_a_preset_without_policies_takes_those_of_switchboard():
    bare = dataclasses.replace(load_timing("switchboard"), name="own", policies=None)
    assert bare.policy_curve()[1] == "switchboard"
