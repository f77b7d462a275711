"""Manipulations as a value."""

import pytest

from babble_jax import config
from babble_jax.timing.manipulation.manipulations import Manipulations


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"shift_gaps": float("nan")}, "shift_gaps is a number of seconds, not nan"),
        ({"shift_offsets": float("inf")}, "shift_offsets is a number of seconds"),
        ({"scale_gaps": -1.0}, "scale_gaps is a factor from 0, not -1"),
        ({"add_overlaps": 1.5}, "add_overlaps is a share from 0 to 1, not 1.5"),
        ({"backchannels": -2.0}, "backchannels is a number per minute from 0"),
        ({"remove_overlaps": True, "add_overlaps": 0.5}, "contradict each other"),
    ],
)
def test_contradictions_and_values_out_of_range_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Manipulations(**values)
    assert config.from_json(Manipulations, {"shift_gaps": 0.3}).to_json() == {"shift_gaps": 0.3}
