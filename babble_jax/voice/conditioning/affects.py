"""Named affects as values of `Prosody`.

The directions are those of the sources, which give them in words (fast, high, much); the sizes are ours, small enough
for a voice to stay within what its recordings hold. Whether listeners hear them has not been tested.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from babble_jax.arguments import check_arguments
from babble_jax.errors import BabbleError
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody

_REVIEW = "Juslin & Laukka 2003, doi 10.1037/0033-2909.129.5.770"


@dataclasses.dataclass(frozen=True)
class Affect:
    """A named affect.

    Attributes:
      prosody: its values.
      directions: what the source says of each of them, in words.
      source: of the directions.
    """

    prosody: Prosody
    directions: str
    source: str


AFFECTS: dict[str, Affect] = {
    "calm": Affect(
        Prosody(pitch=-1.0, pitch_range=0.8, rate=0.9, level=-3.0, effort=-1.0, final="fall"),
        "slow, soft, little high-frequency energy, low pitch of little variability, falling",
        f"{_REVIEW}: tenderness",
    ),
    "happy": Affect(
        Prosody(pitch=3.0, pitch_range=1.4, rate=1.1, level=2.0, effort=1.0, final="rise"),
        "fast, medium to high intensity, medium high-frequency energy, high pitch of much variability, rising",
        f"{_REVIEW}: happiness",
    ),
    "sad": Affect(
        Prosody(pitch=-2.0, pitch_range=0.6, rate=0.8, level=-5.0, effort=-2.0, final="fall"),
        "slow, soft, little high-frequency energy, low pitch of little variability, falling",
        f"{_REVIEW}: sadness",
    ),
    "angry": Affect(
        Prosody(pitch=2.0, pitch_range=1.4, rate=1.15, level=4.0, effort=3.0, final="rise"),
        "fast, loud, much high-frequency energy, high pitch of much variability, rising",
        f"{_REVIEW}: anger",
    ),
    "afraid": Affect(
        Prosody(pitch=4.0, pitch_range=0.7, rate=1.2, level=-3.0, effort=-1.0, final="rise"),
        "fast, soft, little high-frequency energy, high pitch of little variability, rising",
        f"{_REVIEW}: fear",
    ),
    "surprised": Affect(
        Prosody(pitch_range=1.6, rate=1.1, level=3.0, final="rise"),
        "a wide range of pitch, a steep rise, somewhat fast, somewhat loud",
        "Schröder 2001, Emotional speech synthesis: a review, Eurospeech, after Cahn 1990",
    ),
}
"""By name."""


@check_arguments
def affect(name: str) -> Prosody:
    """Returns the prosody of a named affect; `dataclasses.replace` changes one of its values.

    Args:
      name: calm, happy, sad, angry, afraid or surprised, in any case.

    Returns:
      Its values.

    Raises:
      BabbleError: there is no such affect.

    Examples:
      >>> str(affect("happy"))
      'pitch +3 semitones, pitch range x 1.4, rate x 1.1, level +2 dB, effort +1 dB per octave, final rise'
    """
    if name.lower() not in AFFECTS:
        raise BabbleError(f"There is no affect {name!r}; give one of {', '.join(AFFECTS)}.")
    return AFFECTS[name.lower()].prosody


def build_prosody(values: Mapping[str, Any]) -> Prosody:
    """Makes a prosody from values by name, `affect` among them; None leaves a value as it is, or as the affect has it.

    Raises:
      BabbleError: there is no such affect, or a value is out of its range.
    """
    prosody = NEUTRAL if values.get("affect") is None else affect(values["affect"])
    changes = {name: value for name, value in values.items() if name != "affect" and value is not None}
    return dataclasses.replace(prosody, **changes)
