"""Selects the floors that ship whose spread says how far one corpus may be from another."""

from collections.abc import Collection

from babble_jax.timing.floor.simulator import FloorSimulator
from babble_jax.timing.preset import load_timing, timing_names

FEWEST_FLOORS = 3
"""Floors of the right number of speakers without which those of any number are taken."""


def floors_of_other_corpora(corpora: Collection[str], speakers: int) -> list[FloorSimulator]:
    """Returns the floors of all presets that ship, but for those of some corpora.

    Args:
      corpora: names of the corpora that are left out, as on the cards.
      speakers: number in a conversation; other numbers are taken only where there are too few floors.
    """
    shipped = [load_timing(name).floor for name in timing_names()]
    floors = [one for one in shipped if one is not None and one.card.corpus not in corpora]
    alike = [one for one in floors if one.card.speakers == speakers]
    return alike if len(alike) >= FEWEST_FLOORS else floors
