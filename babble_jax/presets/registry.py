"""Where what ships lies: one look-up for everything in `babble_jax/presets`."""

from pathlib import Path
from typing import Literal

Kind = Literal["timing", "voices", "references", "speech"]
"""Folders of `babble_jax/presets`: fitted timing, voices, measures of real speech, an excerpt of recordings."""


def names(kind: Kind) -> list[str]:
    """Names of what ships of a kind, sorted: of the folders and the JSON files of its folder."""
    entries = folder(kind).iterdir()
    return sorted(entry.stem for entry in entries if entry.is_dir() or entry.suffix == ".json")


def path(kind: Kind, name: str) -> Path:
    """The folder or the JSON file of one of `names`, or another file of the kind's folder (its `NOTICE`, say)."""
    described = folder(kind) / f"{name}.json"
    return described if described.is_file() else folder(kind) / name


def folder(kind: Kind) -> Path:
    """The folder of a kind. Releases write into it; everything else reads."""
    return Path(__file__).parent / kind
