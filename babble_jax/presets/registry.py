"""Paths of everything that ships in `babble_jax/presets`: the one look-up."""

from pathlib import Path
from typing import Literal

from babble_jax.input_files import is_file, read_json
from babble_jax.nearest_name import nearest_name

Kind = Literal["timing", "voices", "references", "speech", "perception", "ears", "phonotactics"]
"""Folders of `babble_jax/presets`: fitted timing, voices, measures of real speech, an excerpt of recordings, the
filter of speech of a live agent, ears, phonotactics of languages."""

DEFAULT_VOICE = "babblers"
"""Name of the default voice, which is used where none is named; it has two speakers."""


def names(kind: Kind) -> list[str]:
    """Lists the names of what ships of a kind, sorted: the folders and the JSON files of its folder."""
    entries = folder(kind).iterdir() if folder(kind).is_dir() else ()
    return sorted(entry.stem for entry in entries if entry.is_dir() or entry.suffix == ".json")


def suggest(kind: Kind, name: str) -> str:
    """Returns ", perhaps you meant NAME" with the nearest of `names` for a name or path that is none; else "".

    For a speaker in the place of a voice it is ", perhaps you meant the speaker NAME of the voice VOICE".
    """
    last = Path(name).name
    if kind == "voices" and (voices := list_voices_with(last)):
        return f", perhaps you meant the speaker {last} of the voice {' or '.join(voices)}"
    nearest = nearest_name(last.lower(), names(kind))
    return f", perhaps you meant {nearest}" if nearest else ""


def list_voices_with(speaker: str) -> list[str]:
    """Lists the voices that ship and have a speaker of that name, sorted."""
    voices = []
    for name in names("voices"):
        file = path("voices", name) / "voice.json"
        description = read_json(file) if is_file(file) else {}
        if speaker in description.get("voice", {}).get("speakers", ()):
            voices.append(name)
    return voices


def suggest_voice(speaker: str) -> str:
    """Returns "; the voice VOICE has a speaker of that name" for one that another voice that ships has; else ""."""
    voices = list_voices_with(speaker)
    return f"; the voice {' or '.join(voices)} has a speaker of that name" if voices else ""


def path(kind: Kind, name: str) -> Path:
    """Returns the folder or the JSON file of one of `names`, or another file of that folder (`NOTICE`, say)."""
    described = folder(kind) / f"{name}.json"
    return described if described.is_file() else folder(kind) / name


def folder(kind: Kind) -> Path:
    """Returns the folder of a kind. Only `experiments/release` writes into it."""
    return Path(__file__).parent / kind
