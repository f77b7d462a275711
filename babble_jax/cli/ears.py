"""The ear of a verb: the one that is named, or the one that ships."""

import sys
from typing import TYPE_CHECKING, Literal

from tyro.conf import arg

from babble_jax.cli.messages import print_line
from babble_jax.errors import BabbleError
from babble_jax.presets import registry

if TYPE_CHECKING:
    from babble_jax.ear.ear import Ear
    from babble_jax.ear.matching import SoundMatch


EAR = arg(
    help=f"Name of an ear that ships ({', '.join(registry.names('ears'))}), or folder of one. By default the first "
    "that ships."
)
"""Help of the option of verbs that listen with an ear."""
MatchName = Literal["auto", "off"]
"""Whether the spectrum of a recording is brought to that of the ear's training where it lies off it."""


def open_ear(name: str | None) -> "tuple[Ear, str]":
    """Opens an ear, and says on standard error what it was trained on.

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
    ear = load_ear(name)
    print_line(describe_ear(ear, name), sys.stderr)
    return ear, name


def describe_ear(ear: "Ear", name: str) -> str:
    """Returns a line from the card of an ear: its symbols, its recordings, how often it is wrong.

    Args:
      ear: the ear.
      name: of it.
    """
    card, text = ear.card, f"the ear {name}: {len(ear.config.symbols)} symbols"
    source = card.get("source", card.get("recordings"))
    if isinstance(minutes := card.get("minutes"), int | float) and isinstance(source, str):
        text += f", trained on {minutes:.0f} min of {source}"
    if isinstance(rate := card.get("validation_phone_error_rate"), int | float):
        text += (
            f"; {100 * rate:.1f} % of the phones wrong in recordings of the same kind that it had not seen"
        )
    return text


def describe_language(name: str) -> str:
    """Says by the card of an ear which recordings, and so which language, it knows.

    Args:
      name: of one that ships, or its folder.
    """
    from babble_jax.pretrained.ear import load_ear

    source = load_ear(name).card.get("source")
    text = f"trained on {source}" if isinstance(source, str) else "trained on one language"
    return f"the ear {name} was {text}, and is rough in other languages"


def print_known(name: str, is_known: bool | None) -> None:
    """Says on standard error that a recording is one that the ear was trained on.

    Args:
      name: of the recording.
      is_known: whether it is; None where that is not known.
    """
    if is_known:
        print_line(
            f"{name}: the ear was trained on this recording; it is wrong less often here than in one that is new to it",
            sys.stderr,
        )


def print_match(name: str, match: "SoundMatch", is_known: bool | None) -> None:
    """Says on standard error that the spectrum of a sound lies off that of the ear's training, and what was done.

    Args:
      name: of the sound.
      match: how it was brought to it.
      is_known: whether the ear was trained on it, so that it is left as it is; None where that is not known.
    """
    if not match.lies_off:
        return
    off = f"its spectrum lies {match.distance:.1f} dB off that of the ear's training"
    if is_known:
        line = f"{off} in the mean, and was left so, since it is one of that training"
    elif match.curve is None:
        line = f"{off}, and was left so: much of it may be misheard; --match auto brings it there"
    else:
        line = f"guessed: {off}, as through another microphone, and was brought to it; --match off takes it as it is"
    print_line(f"{name}: {line}", sys.stderr)
