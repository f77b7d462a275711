"""How the voices speak in a condition."""

import dataclasses
from typing import Annotated, Literal

import pydantic.dataclasses
from pydantic import Field

from babble_jax.stimuli.spec.keys import STRICT
from babble_jax.voice.conditioning.affects import build_prosody
from babble_jax.voice.conditioning.prosody import Prosody


@pydantic.dataclasses.dataclass(config=STRICT, frozen=True)
class SpokenProsody:
    """The prosody of all turns: `prosody = "sad"`, or `prosody = { pitch = 3, rate = 1.2 }`.

    There is no level: each turn has that of `output`, or the common one.

    Attributes:
      affect: a named one, the values of which the others replace.
      pitch: semitones.
      pitch_range: factor on how far the pitch departs from the speaker's median.
      rate: factor on how fast they are spoken.
      effort: spectral tilt, dB per octave.
      final: how the pitch of a turn ends.
      entropy: factor on the temperature of the unit language model, or of the phonotactics.
    """

    affect: Literal["calm", "happy", "sad", "angry", "afraid", "surprised"] | None = None
    pitch: Annotated[float, Field(ge=-12, le=12)] | None = None
    pitch_range: Annotated[float, Field(ge=0, le=3)] | None = None
    rate: Annotated[float, Field(ge=0.5, le=2)] | None = None
    effort: Annotated[float, Field(ge=-6, le=6)] | None = None
    final: Literal["rise", "fall", "hold"] | None = None
    entropy: Annotated[float, Field(ge=0, le=4)] | None = None

    def read(self) -> Prosody:
        """Makes the prosody, without a level."""
        return dataclasses.replace(build_prosody(vars(self)), level=0.0)
