"""Properties of the files that are delivered: rate, type, level, silence around, channels, folders."""

from typing import Annotated, Literal

import pydantic.dataclasses
from pydantic import Field

from babble_jax.stimuli.spec.keys import STRICT

Format = Literal["wav", "flac", "ogg", "mp3"]
Mix = Literal["stereo", "mono", "both"]

_Decibels = Annotated[float, Field(ge=-70, le=-6)]
_Silence = Annotated[float, Field(ge=0, le=600)]


@pydantic.dataclasses.dataclass(config=STRICT, frozen=True)
class TurnLevel:
    """The level to which each turn is brought, one of the two.

    Attributes:
      active: dB of full scale over the active frames, as ITU-T P.56 has it.
      lufs: loudness of ITU-R BS.1770-4, LUFS.
    """

    active: _Decibels | None = None
    lufs: _Decibels | None = None


@pydantic.dataclasses.dataclass(config=STRICT, frozen=True)
class Output:
    """The table `[output]`.

    Attributes:
      sample_rate: Hz; None for that of the recordings, or else of the voices.
      format: type of the files.
      level: of each turn; None for the voice's own, and for recordings -26 dB of active level.
      lead_in: seconds of silence in front.
      lead_out: seconds of silence behind.
      mix: `stereo` with a speaker on each channel, `mono` with both on one, or `both` files.
      folders: whether each list has a folder of its own.
    """

    sample_rate: Annotated[int, Field(ge=8000, le=192_000)] | None = None
    format: Format = "wav"
    level: TurnLevel | None = None
    lead_in: _Silence = 0.0
    lead_out: _Silence = 0.0
    mix: Mix = "stereo"
    folders: bool = False
