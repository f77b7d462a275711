"""The ear of a verb: the one that is named, or the one that ships."""

from typing import TYPE_CHECKING

from babble_jax.errors import BabbleError
from babble_jax.presets import registry

if TYPE_CHECKING:
    from babble_jax.ear.ear import Ear


def open_ear(name: str | None) -> "tuple[Ear, str]":
    """Opens an ear.

    Args:
      name: of one that ships, or its folder; None for the one that ships.

    Returns:
      The ear and its name.

    Raises:
      BabbleError: there is no such ear, or none is named and none ships.
    """
    from babble_jax.pretrained.ear import load_ear

    if name is None:
        ships = registry.names("ears")
        if not ships:
            raise BabbleError("No ear ships with this version; name the folder of one with --ear.")
        name = ships[0]
    return load_ear(name), name
