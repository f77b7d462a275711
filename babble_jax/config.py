"""Machinery of configs, which are frozen dataclasses: validation, JSON in and out, difference.

A config sits beside what it configures; a rule that spans several fields is checked in its `__post_init__`, which
raises `ValueError` with one sentence.
"""

import dataclasses
from typing import Any, TypeVar

from babble_jax.errors import BabbleError

C = TypeVar("C")
_LONGEST = 400  # characters of a part of a message


def check_seed(seed: int) -> None:
    """Checks that a seed fits into one 32-bit word of a random key; a larger one would be truncated silently.

    Raises:
      ValueError: it does not fit.
    """
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed is {seed}; choose from 0 to {2**32 - 1}")


def to_json(config: Any) -> dict[str, Any]:
    """Converts a config, and the configs within it, to plain JSON values."""
    import pydantic  # takes longer to load than all else that a verb without JAX needs

    return pydantic.TypeAdapter(type(config)).dump_python(config, mode="json")


def from_json(cls: type[C], values: dict[str, Any], source: str = "config") -> C:
    """Builds the config dataclass `cls` from JSON values.

    Args:
      cls: a frozen dataclass.
      values: as `to_json` gives them; missing fields take their defaults.
      source: the file that the values come from, for the message.

    Raises:
      BabbleError: an unknown field, a value of the wrong type, or a rule of the config that does not hold.
    """
    import pydantic

    if not isinstance(values, dict):
        raise BabbleError(f"{source}: must be an object with the fields of {cls.__name__}.")
    unknown = sorted(set(values) - {field.name for field in dataclasses.fields(cls)})  # pyright: ignore[reportArgumentType]
    if unknown:
        raise BabbleError(
            f"{source}: {cls.__name__} has no field {_shorten(', '.join(map(repr, unknown)))}; remove it."
        )
    try:
        return pydantic.TypeAdapter(cls).validate_python(values)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        where = _field_path(first, values) or cls.__name__
        reason = first["msg"].removeprefix(
            "Value error, "
        )  # pydantic puts it before the message of a `ValueError`
        raise BabbleError(f"{source}: {_shorten(where)}: {_shorten(reason)}.") from error


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _field_path(error: Any, values: Any) -> str:
    """Returns the field that an error is about, without the names that pydantic inserts for a member of a union."""
    *names, last = error["loc"] or [""]
    path = []
    for name in names:
        if not isinstance(values, dict) or name in values:
            values = values[name] if isinstance(values, dict) else None
            path.append(str(name))
    if error["type"] == "missing" or not isinstance(values, dict) or last in values:
        path.append(str(last))
    return ".".join(path)


def difference(old: dict[str, Any], new: dict[str, Any], prefix: str = "") -> list[str]:
    """Lists every leaf in which two JSON configs differ, as `field: old -> new`.

    Of two configs of different kinds the kind alone is listed, since they have other fields.

    Args:
      old: JSON values of a config.
      new: JSON values of another one.
      prefix: of the fields' names.
    """
    lines = []
    for name in sorted(set(old) | set(new)):
        a, b = old.get(name), new.get(name)
        if isinstance(a, dict) and isinstance(b, dict):
            kinds = [{key: config[key] for key in ("kind",) if key in config} for config in (a, b)]
            before, after = (a, b) if kinds[0] == kinds[1] else kinds
            lines += difference(before, after, f"{prefix}{name}.")
        elif a != b:
            lines.append(f"{prefix}{name}: {a!r} -> {b!r}")
    return lines
