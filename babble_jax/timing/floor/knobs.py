"""Knobs of a player: what somebody who runs a session may set, by state, each neutral by default."""

import dataclasses
import math
from typing import TYPE_CHECKING

from babble_jax.errors import BabbleError

if TYPE_CHECKING:
    import numpy as np

MOST = 20.0
"""Largest factor of a knob; its inverse is the smallest."""
FARTHEST = 2.0
"""Largest shift, seconds."""


@dataclasses.dataclass(frozen=True)
class Knobs:
    """Moves a player's timing away from that of its corpus.

    Attributes:
      patience: while the other speaks or has just stopped: divides the hazards of taking the floor.
      firmness: while both speak: divides the hazards of stopping.
      backchannels: multiplies the hazards of beginning a backchannel.
      shift: seconds by which turns are begun later; a negative one is taken from the silence that people leave, so
        that no turn begins before an end that is not known yet.
      perturb: lower and upper bound of a uniform shift in seconds that is drawn for each turn and added to `shift`;
        None for none.

    Raises:
      BabbleError: a value that is no number, or out of bounds.

    Examples:
      >>> Knobs(patience=2.0).firmness
      1.0
    """

    patience: float = 1.0
    firmness: float = 1.0
    backchannels: float = 1.0
    shift: float = 0.0
    perturb: tuple[float, float] | None = None

    def __post_init__(self):
        for name in ("patience", "firmness", "backchannels"):
            value = getattr(self, name)
            lowest = 0.0 if name == "backchannels" else 1 / MOST
            if not (isinstance(value, int | float) and lowest <= value <= MOST):
                raise BabbleError(f"The knob {name} is {value!r}; it must be from {lowest:g} to {MOST:g}.")
        if not (isinstance(self.shift, int | float) and abs(self.shift) <= FARTHEST):
            raise BabbleError(
                f"The knob shift is {self.shift!r}; it must be from -{FARTHEST:g} to {FARTHEST:g} s."
            )
        if self.perturb is not None:
            bounds = self.perturb
            numbers = isinstance(bounds, tuple | list) and len(bounds) == 2
            numbers = numbers and all(isinstance(b, int | float) and math.isfinite(b) for b in bounds)
            if not numbers or not -FARTHEST <= bounds[0] <= bounds[1] <= FARTHEST:
                raise BabbleError(
                    f"The knob perturb is {bounds!r}; it must be two numbers of seconds from -{FARTHEST:g} to "
                    f"{FARTHEST:g}, the lower one first."
                )


def knob_factors(knobs: Knobs) -> "np.ndarray":
    """Returns the logarithm of the factor of each of `policy.KINDS_OF_EVENT`."""
    import numpy as np  # loaded here, since the options of verbs hold knobs

    from babble_jax.timing.floor.effects import GROUPS

    log = {
        "interrupt_": -math.log(knobs.patience),
        "take_": -math.log(knobs.patience),
        "return_": -math.log(knobs.patience),
        "yield_": -math.log(knobs.firmness),
        "withdraw_": -math.log(knobs.firmness),
        "backchannel_": math.log(max(knobs.backchannels, 1e-12)),
    }
    return np.array([next((v for name, v in log.items() if group.startswith(name)), 0.0) for group in GROUPS])
