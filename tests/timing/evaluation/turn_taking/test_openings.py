"""Pauses and ends of turns."""

from babble_jax.timing.evaluation.turn_taking.frames import frame_calls
from babble_jax.timing.evaluation.turn_taking.openings import NEVER, find_openings
from tests.timing.evaluation.turn_taking.calls import DIALOGUE, D, call


def test_pauses_and_ends_by_hand():
    pauses, ends = find_openings([DIALOGUE], frame_calls([DIALOGUE], D), D)
    assert list(zip(pauses.seat, pauses.begin, pauses.length, strict=True)) == [(1, 400, 50), (0, 1000, 12)]
    assert (pauses.human == NEVER).all()
    rows = list(zip(ends.seat, ends.begin, ends.human, strict=True))
    assert rows == [(1, 700, 40), (0, 1200, 100), (1, 2000, -20), (0, 2400, 100)]
    assert ends.length[0] == 600  # A begins again at 13 s


def test_a_cut_in_is_a_pause_that_was_cut_into():
    # B begins 0.3 s into A's pause of 0.6 s, and A goes on while B speaks
    one = call([(1, 1.0, 3.0), (0, 4.0, 8.0), (1, 8.3, 9.5), (0, 8.6, 12.0), (1, 13.0, 15.0)])
    pauses, ends = find_openings([one], frame_calls([one], D), D)
    assert list(zip(pauses.begin, pauses.length, pauses.human, strict=True)) == [(800, 60, 30)]
    assert 800 not in ends.begin
