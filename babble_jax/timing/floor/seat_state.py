"""All that changes in a seat that knows the other late: a value, see `seat`."""

from typing import NamedTuple

from babble_jax.timing.floor.belief import Partner
from babble_jax.timing.floor.pair import OWN, PairState, advance_pair
from babble_jax.timing.floor.state import Limits

Hazard = tuple[float, float]
"""Per frame, of beginning a turn or ending the own IPU, and of beginning a backchannel."""


class SeatState(NamedTuple):
    """Holds all that changes in a seat, at the start of a frame.

    Attributes:
      frame: its number.
      lagged: the state at the start of the frame that lies a delay back; the initial one before there is one.
      present: the state now, if the other has done nothing since.
      codes: own toggles of the frames since, and of the one before, oldest first.
      sums: hazards spent since the last own toggle, at the start of each of the frames since, oldest first.
      withheld: hazards withheld in each of them.
      spent: hazards spent since the last own toggle.
      debt: hazards that are owed; negative ones were spent too much.
      excess: probability that the own running IPU should not have begun.
      start_hazard: of the event by which the own IPU began.
      p_backchannel: probability that the other's running or last IPU is a backchannel.
      p_pause: probability that the other's silence is a pause within an IPU.
      waiting: frames after which a turn begins that a knob put off; 0 for none.
      shift: seconds by which the knobs move the next turn's begin.
      going_on: `lagged`, `present` and `p_backchannel` if the other's silence is a pause; None where it cannot be one.
      into: frames from the beginning of the other's IPU to that silence.
      doubt: hazards by which its end would have raised the sum by now.
      partner: what has been learned of the other person.
    """

    frame: int
    lagged: PairState
    present: PairState
    codes: tuple[int, ...]
    sums: tuple[Hazard, ...]
    withheld: tuple[Hazard, ...]
    spent: Hazard
    debt: Hazard
    excess: float
    start_hazard: float
    p_backchannel: float
    p_pause: float
    waiting: int
    shift: float
    going_on: tuple[PairState, PairState, float] | None
    into: int
    doubt: Hazard
    partner: Partner | None

    @classmethod
    def initial(cls, pair: PairState, partner: Partner | None = None) -> "SeatState":
        """Begins in the silence of `pair`, with what is known of the other person."""
        zero = (0.0, 0.0)
        return cls(0, pair, pair, (), (), (), zero, zero, 0.0, 1.0, 0.0, 0.0, 0, 0.0, None, 0, zero, partner)

    def own_after(self, event: int) -> bool:
        """Returns whether the own IPU runs after an event in the frame before."""
        return self.present.on[OWN] != (event > 0)

    def kind_after(self, event: int, limits: Limits) -> int:
        """Returns the kind of the own running or last IPU after an event in the frame before."""
        return advance_pair(self.present, (event, 0), limits).kind[OWN]
