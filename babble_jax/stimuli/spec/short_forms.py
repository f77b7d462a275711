"""Short forms of keys, which become the one form that the model has.

`gap = [0.0, 0.2]` is a factor and `gap = 0.2` a number, and so on: each form becomes a field of its own, whose name no
TOML file has (`gap list`), so that a value of a wrong type has one sentence.
"""

import itertools
from collections.abc import Callable
from typing import Any

LIST, FLAG = " list", " flag"
"""Ends of the names of fields behind a key that has several forms."""
_HARMLESS = {"items": 100_000, "turns": 2, "script": [{"speaker": "A"}, {"speaker": "B"}]}


def expand(values: dict[str, Any]) -> dict[str, Any]:
    """Replaces the short forms of a specification, as TOML has it; what has another type stays."""
    values = _rename(values, "gap", lambda value: isinstance(value, list))
    if isinstance(values.get("turn_seconds"), int | float) and values["turn_seconds"] is not True:
        values["turn_seconds"] = [values["turn_seconds"]] * 2
    if isinstance(values.get("backchannels"), list):
        values["backchannels"] = _expand_backchannels(values["backchannels"])
    if isinstance(values.get("degrade"), str):
        values["degrade"] = {"kind": values["degrade"]}
    if isinstance(values.get("script"), list):
        values["script"] = [_expand_turn(turn) for turn in values["script"]]
    if isinstance(values.get("catch"), dict):
        values["catch"] = _expand_level(values["catch"])
    if isinstance(values.get("factors"), dict):
        values["factors"] = {
            factor: {name: _expand_level(level) for name, level in levels.items()}
            if isinstance(levels, dict)
            else levels
            for factor, levels in values["factors"].items()
        }
    return values


def original_key(name: str) -> str:
    """Returns the key behind a field."""
    return name.removesuffix(LIST).removesuffix(FLAG)


def remove_value(values: dict[str, Any], path: tuple[str | int, ...]) -> None:
    """Removes a wrong value, so that the others can be read; what must be there becomes something harmless.

    Args:
      values: of a specification, expanded.
      path: of the value; of one in a list the list is removed.
    """
    names = list(itertools.takewhile(lambda part: isinstance(part, str), path))
    if len(names) == 1 and names[0] in _HARMLESS:
        values[names[0]] = _HARMLESS[names[0]]
        return
    holder: Any = values
    for name in names[:-1]:
        if not isinstance(holder.get(name), dict):
            return
        holder = holder[name]
    if names[0] == "factors" and len(names) in (2, 3):
        holder[names[-1]] = {} if len(names) == 3 else {"level": {}}
    elif names[-1] in holder:
        del holder[names[-1]]
    elif len(names) > 1:  # a key is missing in this table
        remove_value(values, tuple(names[:-1]))


def _expand_level(level: Any) -> Any:
    if not isinstance(level, dict):
        return level
    level = _rename(level, "backchannels", lambda value: isinstance(value, list))
    if f"backchannels{LIST}" in level:
        level[f"backchannels{LIST}"] = _expand_backchannels(level[f"backchannels{LIST}"])
    if isinstance(level.get("degrade"), str):
        level["degrade"] = {"kind": level["degrade"]}
    if isinstance(level.get("prosody"), str):
        level["prosody"] = {"affect": level["prosody"]}
    return level


def _expand_backchannels(values: list[Any]) -> list[Any]:
    return [value if isinstance(value, dict) else {"at": value} for value in values]


def _expand_turn(turn: Any) -> Any:
    if not isinstance(turn, dict):
        return turn
    turn = {
        f"seconds{LIST}" if name == "seconds" else name: [value, value]
        if name == "seconds" and not isinstance(value, list)
        else value
        for name, value in turn.items()
    }
    if isinstance(turn.get("recording"), bool):
        return _rename(turn, "recording", lambda value: True, FLAG)
    if isinstance(turn.get("recording"), str):
        turn["recording"] = [turn["recording"]]
    return _rename(turn, "recording", lambda value: True)


def _rename(values: dict[str, Any], key: str, matches: Callable[[Any], bool], end: str = LIST) -> dict:
    """Returns the values in their order, `key` with `end` behind it where its value `matches`."""
    return {
        f"{name}{end}" if name == key and matches(value) else name: value for name, value in values.items()
    }
