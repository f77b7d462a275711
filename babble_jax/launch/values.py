"""The values of an experiment as JSON: their digest, their leaves by dotted names, and TOML."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from babble_jax import config
from babble_jax.errors import BabbleError
from babble_jax.input_files import parse_json
from babble_jax.launch.experiment import Experiment

_DIGITS = 10  # of a digest: a collision among a million runs has a chance of one in two
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def values_of(experiment: Experiment, source: str = "the experiment") -> dict[str, Any]:
    """Converts an experiment to JSON values, from which it can be built again.

    Args:
      experiment: a frozen dataclass instance.
      source: its name, for the message.

    Raises:
      BabbleError: a field is not one of values: a function, an array, an open file.
    """
    try:
        values = parse_json(json.dumps(config.to_json(experiment), allow_nan=False), source)
        same = config.from_json(type(experiment), values, source) == experiment
    except (TypeError, ValueError, RuntimeError) as error:  # pydantic's errors are of these kinds
        raise BabbleError(
            f"{source}: its fields cannot all be written as JSON ({str(error).splitlines()[0]}); use numbers, text, "
            "tuples, paths and dataclasses of these."
        ) from error
    if not same:
        raise BabbleError(
            f"{source}: is not the same after its fields were written as JSON and read; use numbers, text, tuples, "
            "paths and dataclasses of these."
        )
    return values


def values_digest(values: dict[str, Any]) -> str:
    """Computes a digest of values, ten hexadecimal digits, whatever the order of their names."""
    text = json.dumps(values, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Lists the leaves of nested values by their dotted names; a list is a leaf.

    Args:
      values: nested JSON values.
      prefix: of the names.
    """
    leaves: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            leaves |= flatten(value, f"{prefix}{name}.")
        else:
            leaves[f"{prefix}{name}"] = value
    return leaves


def differing(rows: list[dict[str, Any]]) -> list[str]:
    """Lists the names of the leaves in which several values differ, in their order."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [name for name in names if len({json.dumps(row.get(name)) for row in rows}) > 1]


def to_toml(values: Mapping[str, Any]) -> str:
    """Writes values as TOML; a value that is none, for which TOML has no word, stands in a comment."""
    return "\n".join(_table(values, ())).strip() + "\n"


def _table(values: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    tables = {name: value for name, value in values.items() if isinstance(value, Mapping) and value}
    leaves = {name: value for name, value in values.items() if name not in tables}
    lines = []
    if path and (leaves or not tables):
        lines += ["", f"[{'.'.join(map(_key, path))}]"]
    for name, value in leaves.items():
        lines.append(f"# {_key(name)}: none" if value is None else f"{_key(name)} = {_value(value)}")
    for name, value in tables.items():
        lines += _table(value, (*path, name))
    return lines


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(name)} = {_value(one)}" for name, one in value.items() if one is not None)
        return f"{{{pairs}}}"
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False)
