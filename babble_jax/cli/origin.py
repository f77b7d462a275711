"""Where a sound file of `babble speak` is from: a line of JSON in the comment of its head."""

import dataclasses
import json
from pathlib import Path

from babble_jax.errors import BabbleError
from babble_jax.input_files import parse_json

_MARK = "babble_jax"


@dataclasses.dataclass(frozen=True)
class Origin:
    """Voice and settings by which a file was made.

    Attributes:
      voice: its name or folder, as it was named.
      speaker: name of the speaker; None for a voice without speakers.
      seed: random seed.
      prosody: in words, as `str(Prosody)`; None where it is neutral.
      temperature: of the sampling; None where the file does not say.
    """

    voice: str
    speaker: str | None
    seed: int
    prosody: str | None = None
    temperature: float | None = None


def format_origin(origin: Origin) -> str:
    """Writes an origin as the comment of a sound file."""
    optional = ("prosody", "temperature")
    values = {
        name: value for name, value in vars(origin).items() if name not in optional or value is not None
    }
    return json.dumps({_MARK: "babble", **values})


def read_origin(path: Path) -> Origin | None:
    """Reads the origin of a sound file; None for a file that is not of `babble speak`."""
    from babble_jax.audio import wave

    try:
        values = parse_json(wave.read_comment(path), str(path))
        values.pop(_MARK)
        origin = Origin(**values)
    except (BabbleError, ValueError, TypeError, AttributeError, KeyError):
        return None
    texts = isinstance(origin.speaker, str | None) and isinstance(origin.prosody, str | None)
    numbers = isinstance(origin.seed, int) and isinstance(origin.temperature, int | float | None)
    return origin if isinstance(origin.voice, str) and texts and numbers else None
