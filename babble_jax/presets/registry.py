"""Paths of everything that ships in `babble_jax/presets`: the one look-up."""

import difflib
from pathlib import Path
from typing import Literal

Kind = Literal["timing", "voices", "references", "speech", "perception", "ears", "phonotactics"]
"""Folders of `babble_jax/presets`: fitted timing, voices, measures of real speech, an excerpt of recordings, the
filter of speech of a live agent, ears, phonotactics of languages."""

DEFAULT_VOICE = "babblers"
"""Name of the shipped voice of two speakers that is used where none is named."""


def names(kind: Kind) -> list[str]:
    """Lists the names of what ships of a kind, sorted: the folders and the JSON files of its folder."""
    entries = folder(kind).iterdir() if folder(kind).is_dir() else ()
    return sorted(entry.stem for entry in entries if entry.is_dir() or entry.suffix == ".json")


def suggest(kind: Kind, name: str) -> str:
    """Returns ", perhaps you meant NAME" with the nearest of `names` for a name or path that is none; else ""."""
    nearest = difflib.get_close_matches(Path(name).name.lower(), names(kind), n=1, cutoff=0.6)
    return f", perhaps you meant {nearest[0]}" if nearest else ""


def path(kind: Kind, name: str) -> Path:
    """Returns the folder or the JSON file of one of `names`, or another file of that folder (`NOTICE`, say)."""
    described = folder(kind) / f"{name}.json"
    return described if described.is_file() else folder(kind) / name


def folder(kind: Kind) -> Path:
    """Returns the folder of a kind. Only `experiments/release` writes into it."""
    return Path(__file__).parent / kind
