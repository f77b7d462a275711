"""The levels of factors, catch trials, and the conditions that levels combine to."""

import dataclasses
from typing import Annotated, Any, Literal, Self

import pydantic
import pydantic.dataclasses
from pydantic import Field

from babble_jax.stimuli.spec.keys import STRICT, PresetName, Seconds
from babble_jax.stimuli.spec.prosody import SpokenProsody
from babble_jax.timing.manipulation.manipulations import Manipulations
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody

DegradationKind = Literal["low-pass", "noise-vocoded", "reversed", "rotated"]


@pydantic.dataclasses.dataclass(config=STRICT, frozen=True)
class Degradation:
    """Degrades each turn as a unit: `degrade = "low-pass"`, or `degrade = { kind = "low-pass", cutoff = 400 }`.

    Attributes:
      kind: which of `audio.degrade`.
      cutoff: Hz, of `low-pass`; None for the usual one.
      bands: their number, of `noise-vocoded`; None for the usual one.
    """

    kind: DegradationKind
    cutoff: Annotated[float, Field(gt=0, le=20_000)] | None = None
    bands: Annotated[int, Field(ge=1, le=64)] | None = None


@pydantic.dataclasses.dataclass(config=STRICT, frozen=True)
class Backchannel:
    """A short sound of the speaker who does not have the floor.

    Attributes:
      at: its onset, seconds from the onset of the first turn.
      seconds: its length.
      speaker: name; None for the one of whom the turn at that time is not.
    """

    at: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    seconds: Annotated[float, Field(ge=0.05, le=10)] = 0.3
    speaker: str | None = None


@pydantic.dataclasses.dataclass(config=STRICT, frozen=True)
class Level(Manipulations):
    """A level of a factor: manipulations, as the file has them, and what only exact designs have.

    Attributes:
      gap: offset of the critical turn, seconds.
      degrade: degradation of all turns.
      prosody: of all turns that are babble.
      backchannel_times: of exact designs, a list under the key `backchannels`.
    """

    swap_offsets: PresetName | None = None
    gap: Seconds | None = None
    degrade: Degradation | None = None
    prosody: SpokenProsody | None = None
    backchannel_times: Annotated[tuple[Backchannel, ...] | None, Field(alias="backchannels list")] = None

    def settings(self) -> dict[str, Any]:
        """Returns the values of those that do something, by the name of the field."""
        fields = dataclasses.fields(Level)
        return {f.name: getattr(self, f.name) for f in fields if getattr(self, f.name) != f.default}


@pydantic.dataclasses.dataclass(config=STRICT, frozen=True)
class Catch(Level):
    """The catch trials: how many there are in each list, and their manipulations.

    Attributes:
      trials: their number.
    """

    trials: Annotated[int, Field(ge=0)] = 0


@dataclasses.dataclass(frozen=True)
class Treatment:
    """All that is done to an item in one condition.

    Attributes:
      manipulations: of its timing, relative to that of the item.
      gap: offset of the critical turn, seconds; None for that of the design.
      degrade: degradation of its turns; None for none.
      backchannels: of exact designs; None for those of the design.
      prosody: of its turns; None for that of the voices.
    """

    manipulations: Manipulations = Manipulations()
    gap: float | None = None
    degrade: Degradation | None = None
    backchannels: tuple[Backchannel, ...] | None = None
    prosody: SpokenProsody | None = None

    @property
    def delivery(self) -> Prosody:
        """Prosody of its turns; neutral where none is asked for."""
        return NEUTRAL if self.prosody is None else self.prosody.read()

    @classmethod
    def combine(cls, settings: dict[str, Any]) -> Self:
        """Makes the treatment of the `settings` of levels, by the names of their fields.

        Raises:
          ValueError: values contradict each other.
        """
        names = [field.name for field in dataclasses.fields(Manipulations)]
        manipulations = Manipulations(**{name: settings[name] for name in names if name in settings})
        return cls(
            manipulations,
            settings.get("gap"),
            settings.get("degrade"),
            settings.get("backchannel_times"),
            settings.get("prosody"),
        )

    def to_json(self) -> dict[str, Any]:
        """Returns the values of those that do something, by the names of the keys."""
        values = self.manipulations.to_json()
        for name in ("gap", "degrade", "backchannels", "prosody"):
            value = getattr(self, name)
            if value is not None and name not in values:
                values[name] = pydantic.RootModel[Any](value).model_dump(mode="json", exclude_none=True)
        return values


@dataclasses.dataclass(frozen=True)
class Condition:
    """One combination of levels.

    Attributes:
      levels: name of the level of each factor.
      treatment: that of all its levels.
    """

    levels: dict[str, str]
    treatment: Treatment

    @property
    def name(self) -> str:
        """The names of its levels, for the names of files."""
        return "-".join(self.levels.values())
