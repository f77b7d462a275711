"""Turns by hand, and beside the floor transfers they are made of."""

import numpy as np
import pytest

from babble_jax.timing.events import Definitions, backchannels, floor_transfers, ipus
from babble_jax.timing.events.turns import turns
from tests.timing.events.events_reference import random_talk, talk

D = Definitions()


def test_by_hand():
    """A 0-1 and 2-5 with B's mhm within, B 4.5-6, A 8-9 in another window, B 9.5-10."""
    conversation = talk(
        (0, 0, 1), (0, 2, 5), (1, 3.1, 3.4), (1, 4.5, 6), (0, 8, 9), (1, 9.5, 10), windows=((0, 7), (8, 20))
    )  # fmt: skip
    units = ipus(conversation, D)
    turn = turns(units, floor_transfers(units, "ipu", D))
    assert turn.speaker.tolist() == [0, 1, 0, 1]
    assert turn.start.tolist() == [0, 4.5, 8, 9.5]
    assert turn.end.tolist() == [5, 6, 9, 10]
    np.testing.assert_array_equal(turn.fto, [np.nan, -0.5, np.nan, 0.5])
    assert turn.first.tolist() == [0, 3, 4, 5]
    assert turn.of_ipu.tolist() == [0, 0, -1, 1, 2, 3]


@pytest.mark.parametrize("fto_level", ["ipu", "turn"])
def test_an_offset_is_between_the_ends_of_turns(fto_level):
    for seed in range(20):
        units = ipus(random_talk(seed), D)
        transfers = floor_transfers(units, fto_level, D)
        turn = turns(units, transfers)
        np.testing.assert_array_equal(turn.fto[~np.isnan(turn.fto)], transfers.fto[transfers.defined])
        after = np.flatnonzero(~np.isnan(turn.fto))
        np.testing.assert_array_equal(turn.fto[after], np.round(turn.start[after] - turn.end[after - 1], 9))
        assert (turn.speaker[after] != turn.speaker[after - 1]).all()
        for i in range(len(turn)):
            own = turn.of_ipu == i
            assert units.onset[own].min() == turn.start[i] == units.onset[turn.first[i]]
            assert units.end[own].max() == turn.end[i]
            assert (units.speaker[own] == turn.speaker[i]).all()
        if fto_level == "turn":
            assert (turn.of_ipu[backchannels(units, D)] == -1).all()


def test_nobody_speaks():
    units = ipus(talk(), D)
    assert len(turns(units, floor_transfers(units, "ipu", D))) == 0
