"""A policy: how a seat that knows the other late departs from the hazards of the floor.

Nobody who is a delay behind can act as the hazards say, since they tell what is likely *given the present*. A policy
keeps, instead of the hazard in each frame, its sum over the frames since the own last toggle (the compensator, by which
the distribution of a waiting time is given):

* *catching up*: once it is known that the other has begun or stopped, the hazard that the frames since then should have
  had, less the one they had, is a debt, which is paid off exponentially;
* *holding back*: while the other may have begun unseen, beginning is less likely, by exp(-c P); what was withheld is
  *given back* once it is known that they had not;
* *withdrawing*: a start that turns out to have run into a start that was not known yet is ended soon, with the
  probability by which it was too likely (rejection after the fact); while it is shorter than an IPU it is *cancelled*,
  in one frame, and the definitions do not count it;
* *doubting* that an IPU of the other is a backchannel while it runs: people seem to know, the seat does not;
* and a factor for each group of hazards.

Everything that is fitted is a number of `Policy`; they are fitted in closed loop (`policy_fit`), for some delays, and
interpolated between them.
"""

import dataclasses
import itertools
import math

import numpy as np

from babble_jax.timing.floor.effects import GROUPS

LONGEST_DELAY = 0.5
"""Seconds up to which policies are fitted; beyond, that of the longest delay is taken."""


@dataclasses.dataclass(frozen=True)
class Policy:
    """Holds the numbers of a policy at one delay; neutral by default.

    Attributes:
      catch_up_starts, catch_up_ends: share of the missed hazard that is caught up.
      pace_starts, pace_ends: frames within which 63 % of a debt are paid off.
      hold_back, hold_back_backchannels: c, of holding back in mutual silence.
      give_back: share of the withheld hazard that is given back.
      withdraw: weight of the probability that a start was too likely.
      withdraw_pace: mean frames within which such a start is ended.
      hold_back_resumes: added to `hold_back` in the silence after an own turn.
      doubt_starts, doubt_ends: taken from the log-odds that the other's running IPU is a backchannel, where the seat
        may begin and where it may end an IPU.
      cancel: the same as `withdraw` for a start that is still too short to be an IPU; it ends at once.
      factors: [K] logarithm of the factor of each of `effects.GROUPS`.
    """

    catch_up_starts: float = 0.0
    catch_up_ends: float = 0.0
    pace_starts: float = 4.0
    pace_ends: float = 4.0
    hold_back: float = 0.0
    hold_back_backchannels: float = 0.0
    give_back: float = 0.0
    withdraw: float = 0.0
    withdraw_pace: float = 3.0
    hold_back_resumes: float = 0.0
    doubt_starts: float = 0.0
    doubt_ends: float = 0.0
    cancel: float = 0.0
    factors: tuple[float, ...] = (0.0,) * len(GROUPS)

    def __post_init__(self):
        if len(self.factors) != len(GROUPS):
            raise ValueError(f"factors must be {len(GROUPS)} numbers")
        for value in self.to_array():
            if not (math.isfinite(value) and abs(value) <= 1000):
                raise ValueError("a policy holds finite numbers of 1000 at most")
        for name in ("pace_starts", "pace_ends", "withdraw_pace"):
            if not getattr(self, name) >= 0.5:
                raise ValueError(f"{name} must be half a frame at least")

    def to_array(self) -> np.ndarray:
        """Returns all numbers, float64, in the order of the attributes."""
        *single, factors = dataclasses.astuple(self)
        return np.array([*single, *factors], np.float64)

    @classmethod
    def from_array(cls, values: np.ndarray) -> "Policy":
        """Makes the policy from the numbers of `to_array`."""
        single = len(dataclasses.fields(cls)) - 1
        plain = [float(value) for value in values]
        names = [field.name for field in dataclasses.fields(cls)[:single]]
        return cls(**dict(zip(names, plain, strict=False)), factors=tuple(plain[single:]))


NEUTRAL = Policy()
"""The hazards of the floor as they are, on what is known and taken to last."""

BY_HAND = Policy(
    catch_up_starts=1.0,
    catch_up_ends=1.0,
    hold_back=2.0,
    hold_back_backchannels=2.0,
    give_back=1.0,
    withdraw=1.0,
    cancel=1.0,
)
"""A policy that nobody has fitted."""


@dataclasses.dataclass(frozen=True)
class PolicyCurve:
    """Holds the policies of some delays.

    Attributes:
      delays: seconds, rising.
      policies: one for each of them.
    """

    delays: tuple[float, ...]
    policies: tuple[Policy, ...]

    def __post_init__(self):
        if not self.delays or len(self.delays) != len(self.policies):
            raise ValueError("a curve of policies holds as many policies as delays, one at least")
        if not all(0 <= delay <= 10 for delay in self.delays):
            raise ValueError("the delays of policies must be seconds from 0 to 10")
        if any(b <= a for a, b in itertools.pairwise(self.delays)):
            raise ValueError("the delays of policies must rise")

    def at(self, delay: float) -> Policy:
        """Returns the policy of a delay in seconds: linear between the two nearest, the last one beyond them."""
        values = np.array([policy.to_array() for policy in self.policies])
        return Policy.from_array(np.array([np.interp(delay, self.delays, column) for column in values.T]))


DEFAULT_CURVE = PolicyCurve((0.0, 0.02), (NEUTRAL, BY_HAND))
"""The curve of a timing that brings none."""
