"""Exact designs: a script of turns, or one item at every offset for an adaptive procedure."""

from typing import Annotated

import pydantic.dataclasses
from pydantic import Field

from babble_jax.stimuli.spec.keys import STRICT, PositiveSeconds, Seconds

MOST_TURNS, MOST_GAPS = 100, 1000


@pydantic.dataclasses.dataclass(config=STRICT, frozen=True)
class ScriptTurn:
    """One turn of a script, a table `[[script]]`.

    Attributes:
      speaker: name of the one who speaks.
      seconds: length, or a range from which it is drawn for each item; None for `turn_seconds`, or that of the
        recording.
      gap: offset from the end of the turn before, seconds; None for the design's.
      recorded: whether it is a recording of the folder; None where there is a folder.
      recordings: files in the folder, joined to one turn.
    """

    speaker: Annotated[str, Field(min_length=1)]
    seconds: Annotated[tuple[PositiveSeconds, ...] | None, Field(alias="seconds list")] = None
    gap: Seconds | None = None
    recorded: Annotated[bool | None, Field(alias="recording flag")] = None
    recordings: Annotated[tuple[str, ...] | None, Field(alias="recording list")] = None


@pydantic.dataclasses.dataclass(config=STRICT, frozen=True)
class Adaptive:
    """Offsets at equal steps, a file for each: an adaptive procedure chooses among them.

    Attributes:
      first: seconds, the key `from`.
      last: seconds, the key `to`.
      step: seconds.
    """

    first: Annotated[Seconds, Field(alias="from")] = -0.5
    last: Annotated[Seconds, Field(alias="to")] = 1.0
    step: PositiveSeconds = 0.05

    @property
    def steps(self) -> float:
        """The number of steps, a whole one where `step` fits."""
        return (self.last - self.first) / self.step

    @property
    def gaps(self) -> tuple[float, ...]:
        """All offsets, seconds, rising; the first `MOST_GAPS` and one more where there are more."""
        count = round(min(max(self.steps, 0), MOST_GAPS)) + 1
        return tuple(round(self.first + k * self.step, 9) for k in range(count))


def name_gap(gap: float) -> str:
    """Names the level of an offset in seconds: `200ms`, `minus50ms`, `0_5ms`."""
    value = f"{abs(1000 * gap):.1f}".removesuffix(".0").replace(".", "_")
    return f"{'minus' if gap < 0 and value != '0' else ''}{value}ms"
