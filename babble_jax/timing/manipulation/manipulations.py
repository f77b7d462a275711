"""All manipulations together: what is asked for, as one value, and what becomes of a dialogue.

Axes: N IPUs.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from babble_jax import config
from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions
from babble_jax.timing.manipulation.dialogue import Edit
from babble_jax.timing.manipulation.gaps import scale_gaps, shift_gaps
from babble_jax.timing.manipulation.overlaps import add_overlaps, remove_overlaps, shift_offsets
from babble_jax.timing.manipulation.rate import set_backchannels
from babble_jax.timing.manipulation.swap import swap_offsets
from babble_jax.timing.preset import load


@dataclasses.dataclass(frozen=True)
class Manipulations:
    """What is done to the timing of a dialogue, in this order; the defaults do nothing.

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
        if self.backchannels is not None and not 0 <= self.backchannels < math.inf:
            raise ValueError(f"backchannels is a number per minute from 0, not {self.backchannels}")
        if self.remove_overlaps and self.add_overlaps:
            raise ValueError("remove_overlaps and add_overlaps contradict each other")

    def to_json(self) -> dict[str, Any]:
        """Those that do something, by name."""
        nothing = config.to_json(Manipulations())
        return {name: value for name, value in config.to_json(self).items() if value != nothing[name]}


@dataclasses.dataclass(frozen=True, eq=False)
class Manipulated:
    """A dialogue after manipulations.

    Attributes:
      dialogue: what came out.
      number: [N] int32, the number of each IPU among those of its speaker in the dialogue that went in, from
        0; new ones are numbered after them. An IPU keeps it whatever is left out or moved.
      steps: what was done, in order: `manipulation`, `value` and the `report` of the edit.
    """

    dialogue: Conversation
    number: np.ndarray
    steps: tuple[dict[str, Any], ...]


def manipulate(
    dialogue: Conversation, asked: Manipulations, seed: int, definitions: Definitions
) -> Manipulated:
    """Applies the manipulations, each to what the one before it gave.

    Args:
      dialogue: of IPUs, as `dialogue_of` gives it.
      asked: which.
      seed: of those that draw; each one draws by itself.
      definitions: of the events.

    Raises:
      BabbleError: what is asked for is impossible in this dialogue.
    """
    wanted = asked.to_json()
    number = numbers(dialogue)
    following = np.bincount(dialogue.speaker, minlength=len(dialogue.speakers))
    steps = []
    for place, (name, apply) in enumerate(_APPLY.items()):
        if name not in wanted:
            continue
        value = wanted[name]
        edit = apply(dialogue, value, [seed, place], definitions)
        number = np.where(edit.source >= 0, number[edit.source], -1)
        for row in np.flatnonzero(number < 0):
            who = edit.dialogue.speaker[row]
            number[row] = following[who]
            following[who] += 1
        dialogue = edit.dialogue
        steps.append({"manipulation": name, "value": value, **edit.report()})
    return Manipulated(dialogue, number.astype(np.int32), tuple(steps))


def numbers(dialogue: Conversation) -> np.ndarray:
    """[N] int32: how many IPUs of the same speaker come before, in the order of the rows."""
    number = np.zeros(len(dialogue.speaker), np.int32)
    for who in range(len(dialogue.speakers)):
        own = dialogue.speaker == who
        number[own] = np.arange(np.count_nonzero(own))
    return number


# In the order in which they are done: who speaks when first, then how far apart.
_APPLY: dict[str, Callable[[Conversation, Any, Sequence[int], Definitions], Edit]] = {
    "swap_offsets": lambda dialogue, value, seed, d: swap_offsets(
        dialogue, load(value).models["ipu"], seed, d
    ),
    "remove_overlaps": lambda dialogue, value, seed, d: remove_overlaps(dialogue, d),
    "add_overlaps": add_overlaps,
    "backchannels": set_backchannels,
    "scale_gaps": lambda dialogue, value, seed, d: scale_gaps(dialogue, value, d),
    "shift_offsets": lambda dialogue, value, seed, d: shift_offsets(dialogue, value, d),
    "shift_gaps": lambda dialogue, value, seed, d: shift_gaps(dialogue, value, d),
}
