"""The manipulations of a dialogue's timing as one value."""

import dataclasses
import math
from typing import Any

from babble_jax import config


@dataclasses.dataclass(frozen=True)
class Manipulations:
    """Manipulations of the timing of a dialogue, applied in this order; the defaults do nothing.

    Attributes:
      swap_offsets: draw the floor-transfer offsets anew from this timing preset, or file of one.
      remove_overlaps: no two speak at once: overlaps become transfers of 0 s, contained IPUs are left out.
      add_overlaps: share of the gaps that become overlaps, 0 to 1.
      backchannels: set their number per minute; without it they stay.
      scale_gaps: factor on the gaps' distances from their median; 0 makes all gaps equal.
      shift_offsets: seconds added to every offset; below 0, gaps become overlaps where nothing collides.
      shift_gaps: seconds of silence added to every gap, or below 0 taken out as far as there is some.
    """

    swap_offsets: str | None = None
    remove_overlaps: bool = False
    add_overlaps: float = 0.0
    backchannels: float | None = None
    scale_gaps: float = 1.0
    shift_offsets: float = 0.0
    shift_gaps: float = 0.0

    def __post_init__(self):
        for name in ("shift_offsets", "shift_gaps"):
            value = getattr(self, name)
            if not (math.isfinite(value) and abs(value) <= 1000):
                raise ValueError(f"{name} is a number of seconds, not {value}")
        if not 0 <= self.scale_gaps <= 1000:
            raise ValueError(f"scale_gaps is a factor from 0, not {self.scale_gaps}")
        if not 0 <= self.add_overlaps <= 1:
            raise ValueError(f"add_overlaps is a share from 0 to 1, not {self.add_overlaps}")
        if self.backchannels is not None and not 0 <= self.backchannels <= 1000:
            raise ValueError(f"backchannels is a number per minute from 0 to 1000, not {self.backchannels}")
        if self.remove_overlaps and self.add_overlaps:
            raise ValueError("remove_overlaps and add_overlaps contradict each other")

    def to_json(self) -> dict[str, Any]:
        """Returns the values of those that do something, by name."""
        nothing = config.to_json(Manipulations())
        return {name: value for name, value in config.to_json(self).items() if value != nothing[name]}
