"""How far the sound of a speaker follows what the voice is conditioned on, and what makes up for the rest.

A voice that is conditioned on 6 semitones more may sound 4.5 semitones higher. The response of a speaker is measured,
and stands on the card of the voice; what is asked for is divided by it, in the domain in which the sound follows in
proportion: semitones of pitch, the distance from 1 of the factor on its range, the logarithm of the factor on the rate.
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

KEY = "prosody_response"
"""Of the responses on a card: a list of objects with the fields of a `ProsodyResponse`, `speaker` and, for a voice that
speaks phones, `language`."""
MOST_RANGE = 2.5
"""Factor on the range of pitch up to which a response is made up for: beyond, voices lose their voicing."""
RATES = (0.4, 2.5)
"""Factors on the rate up to which a response is made up for."""
MOST_SEMITONES = 14.0
"""Movement at the end of an utterance up to which a response is made up for: beyond, voices stay where they are."""
_LEAST, _MOST = 0.25, 4.0  # of a response that is used


@dataclasses.dataclass(frozen=True)
class ProsodyResponse:
    """How the sound of a speaker follows; the defaults, in full, and change nothing.

    Attributes:
      pitch: semitones that are measured for each that is conditioned.
      pitch_range: change of the factor on the spread of pitch, for a change by 1 of the factor that is conditioned.
      rate: change of the logarithm of the rate, for a change by 1 of that which is conditioned.
      final: semitones of the movement at the end of an utterance, for each that is conditioned.
      hold: semitones of that movement where none is conditioned: voices fall at the end.
    """

    pitch: float = 1.0
    pitch_range: float = 1.0
    rate: float = 1.0
    final: float = 1.0
    hold: float = 0.0

    def conditioned_pitch(self, semitones: float) -> float:
        """Returns the semitones to condition a speaker on so that its pitch is so many higher."""
        return semitones / self.pitch

    def conditioned_range(self, factor: float) -> float:
        """Returns the factor on the range of pitch to condition a speaker on: 0 at least, `MOST_RANGE` at most."""
        return _within(1 + (factor - 1) / self.pitch_range, factor, 0.0, MOST_RANGE)

    def conditioned_rate(self, factor: float) -> float:
        """Returns the factor on the rate to condition a speaker on, within `RATES`."""
        return _within(factor ** (1 / self.rate), factor, *RATES)

    def conditioned_final(self, semitones: float) -> float:
        """Returns the final movement to condition a speaker on, `MOST_SEMITONES` at most; both in semitones."""
        return _within((semitones - self.hold) / self.final, semitones, -MOST_SEMITONES, MOST_SEMITONES)


LINEAR = ProsodyResponse()
"""Of a speaker whose response is not known: it is conditioned on what is asked for."""


def _within(value: float, target: float, lowest: float, highest: float) -> float:
    """Limits a value, but never to less than what is asked for."""
    return min(max(value, min(lowest, target)), max(highest, target))


def read_response(card: Mapping[str, Any], names: Mapping[str, str | None]) -> ProsodyResponse:
    """Looks up the response of a speaker on the card of its voice; `LINEAR` where there is none.

    Args:
      card: of the voice. Rows of a damaged card are left out.
      names: `speaker` and, for a voice that speaks phones, `language`.
    """
    fields = {field.name for field in dataclasses.fields(ProsodyResponse)}
    rows = card.get(KEY)
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict) or {key: row[key] for key in row if key not in fields} != names:
            continue
        values = {name: row[name] for name in fields if name in row}
        if all(is_usable(name, value) for name, value in values.items()):
            return ProsodyResponse(**values)
    return LINEAR


def is_usable(name: str, value: object) -> bool:
    """Tells whether a field of a response may have a value, of a card say: one that is made up for, and finite."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    return abs(value) <= MOST_SEMITONES if name == "hold" else _LEAST <= value <= _MOST
