"""Turns what pydantic says of a value of a wrong type into a mistake with a remedy."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from pydantic_core import ErrorDetails

from babble_jax.nearest_name import nearest_name
from babble_jax.stimuli.spec.designs import Adaptive, ScriptTurn
from babble_jax.stimuli.spec.levels import Backchannel, Degradation, Level
from babble_jax.stimuli.spec.mistakes import KeyPath, Mistake
from babble_jax.stimuli.spec.output import Output, TurnLevel
from babble_jax.stimuli.spec.prosody import SpokenProsody
from babble_jax.stimuli.spec.question import Question
from babble_jax.stimuli.spec.short_forms import original_key
from babble_jax.timing.manipulation.manipulations import Manipulations

_EXPECTED = {
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "string_type": "must be a name",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list of names",
    "dict_type": "must be a table of levels; add natural = {}, say",
    "dataclass_type": "must be a table of manipulations, {} for none",
    "too_short": "must name one or two voices",
    "too_long": "must name one or two voices",
}
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
_NUMBERS = {"gap list": "must be a list of seconds", "seconds list": "must be seconds, or a range of two"}
_TABLES: dict[str, type] = {
    "script": ScriptTurn,
    "adaptive": Adaptive,
    "output": Output,
    "level": TurnLevel,
    "question": Question,
    "backchannels": Backchannel,
    "degrade": Degradation,
    "prosody": SpokenProsody,
}


def explain_all(errors: Sequence[ErrorDetails], keys: list[str]) -> list[Mistake]:
    """Returns the mistakes behind errors; a missing key that is only misspelled is one mistake.

    Args:
      errors: of pydantic.
      keys: the keys at the top of a specification.
    """
    unknown = [error["loc"] for error in errors if error["type"] in _UNKNOWN]
    return [
        _explain(error, keys)
        for error in errors
        if not (
            error["type"] == "missing"
            and any(
                path[:-1] == error["loc"][:-1] and nearest_name(str(path[-1]), [str(error["loc"][-1])])
                for path in unknown
            )
        )
    ]


def _explain(error: ErrorDetails, keys: list[str]) -> Mistake:
    """Returns the mistake behind an error.

    Args:
      error: of pydantic.
      keys: the keys at the top of a specification.
    """
    kind, path = error["type"], error["loc"]
    last = next((part for part in reversed(path) if isinstance(part, str)), "")
    table = next((original_key(p) for p in reversed(path[:-1]) if isinstance(p, str)), "")
    if kind == "missing":
        return Mistake(path, "is missing; add it, as in the example of the documentation")
    if kind in _UNKNOWN:
        if path[0] in ("factors", "catch") and path[-1] in ("timing", "replay"):
            return Mistake(path[:-1], "sets the timing: other IPUs would be other sounds; use swap_offsets")
        names = _list_keys(path, table, keys)
        if len(path) == 1 and path[0] in list_fields(Output):
            return Mistake(path, "is no key here; it belongs in the table [output]")
        nearest = nearest_name(str(path[-1]), names)
        hint = f"perhaps you meant {nearest}; " if nearest else ""
        return Mistake(path, f"is no key here; {hint}there are {', '.join(names)}")
    if kind == "missing_argument":
        return Mistake(path, "is missing; add it")
    if last in _NUMBERS and kind in ("float_type", "tuple_type"):
        return Mistake(_without_places(path), _NUMBERS[last])
    if (
        kind == "dataclass_type"
        and original_key(last) in _TABLES
        and not (path[0] == "factors" and len(path) < 4)
    ):
        keys = _list_keys((*path, ""), original_key(last), keys)
        return Mistake(path, f"must be a table with {', '.join(keys)}")
    if kind == "dict_type" and last == "keys":
        return Mistake(path, 'must be a table of answers by key, { f = "yes", j = "no" }, say')
    if kind == "tuple_type" and last == "script":
        return Mistake(path, "must be tables, [[script]] for each turn")
    if kind == "tuple_type" and last == "backchannels":
        return Mistake(path, "must be a list of seconds")
    if path and isinstance(path[-1], int):
        kind, path = "tuple_type", _without_places(path)  # an element of a list
    reason = error["msg"].replace("Input should be", "must be").replace("Value error,", "is wrong:")
    return Mistake(path, _EXPECTED.get(kind, reason))


def list_fields(cls: Any) -> list[str]:
    """Lists the keys of a table, by the fields of its dataclass: the alias of a field in place of its name."""
    names = [str(field.alias or name) for name, field in cls.__pydantic_fields__.items()]
    return list(dict.fromkeys(map(original_key, names)))


def _list_keys(path: KeyPath, table: str, keys: list[str]) -> list[str]:
    if len(path) == 1:
        return keys
    if table in _TABLES:
        return list_fields(_TABLES[table])
    if path[0] in ("factors", "catch"):
        return list(
            dict.fromkeys([*(field.name for field in dataclasses.fields(Manipulations)), *list_fields(Level)])
        )
    return keys


def _without_places(path: KeyPath) -> KeyPath:
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return path
