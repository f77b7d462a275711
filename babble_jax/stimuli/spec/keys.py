"""Types of values that several tables of a specification share: names and files are looked for beside the file."""

import re
from pathlib import Path
from typing import Annotated, Any

import pydantic

from babble_jax.input_files import is_file, is_folder
from babble_jax.presets import registry

STRICT = pydantic.ConfigDict(strict=True, extra="forbid")
"""Of every table: no conversion of types, no keys that it does not have."""
LEVEL_NAME = re.compile(r"[A-Za-z0-9_]+")
"""Of factors and levels: they become part of file names and of columns."""


def _resolve(path: str | Path, info: pydantic.ValidationInfo) -> Path:
    """Takes a path from the folder of the file."""
    file: Any = info.context
    return file.path.parent / path


def _find_beside(name: str, info: pydantic.ValidationInfo) -> str:
    path = _resolve(name, info)
    return str(path) if is_file(path) else name


def _find_voice(name: str, info: pydantic.ValidationInfo) -> str:
    path = _resolve(name, info)
    return (
        name if name in registry.names("voices") and not is_file(path) and not is_folder(path) else str(path)
    )


PresetName = Annotated[str, pydantic.AfterValidator(_find_beside)]
"""Name of a timing preset, or a file of one."""
VoiceName = Annotated[str, pydantic.AfterValidator(_find_voice)]
"""Name of a pretrained voice, or a folder of one."""
FilePath = Annotated[Path, pydantic.AfterValidator(_resolve)]
"""A file or a folder."""
Seconds = Annotated[float, pydantic.Field(allow_inf_nan=False)]
PositiveSeconds = Annotated[float, pydantic.Field(gt=0, allow_inf_nan=False)]
