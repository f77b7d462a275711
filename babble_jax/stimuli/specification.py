"""What a set of stimuli is to be, written down in a TOML file.

An example: 2 x 3 conditions, 12 items, and 2 catch trials in each list.

    voices = ["voices/ann"]       # one or two, from the folder of this file
    timing = "switchboard"        # draws the items; or replay = ["talk.TextGrid"], which items are excerpts of
    seconds = 12.0                # of each item, before manipulation
    transfers = 2                 # least number of floor transfers in an item; 1 without it
    items = 12                    # a multiple of the number of conditions
    seed = 1
    counterbalance = ["start", "channel", "voice"]

    [factors.gap]                 # each level: manipulations, by their names and values
    short = { shift_gaps = -0.1 }
    natural = {}
    long = { shift_gaps = 0.3 }

    [factors.overlap]
    with = {}
    without = { remove_overlaps = true }

    [catch]
    trials = 2
    shift_gaps = 3.0

Conditions are all combinations of the factors' levels. No level sets the timing itself: other IPUs would be other
sounds. `swap_offsets` gives the same IPUs another corpus's offsets.
"""

import dataclasses
import itertools
import math
import os
import re
import tomllib
from pathlib import Path
from typing import Any

from babble_jax.errors import BabbleError
from babble_jax.stimuli.lists import FACTORS
from babble_jax.timing.manipulation.manipulations import Manipulations

_NAME = re.compile(r"[A-Za-z0-9_]+")
_PART = re.compile(r"\"[^\"]*\"|'[^']*'|[\w-]+")  # of a dotted key
_KEYS = {
    "voices": list, "speakers": list, "temperature": float, "top_k": int, "timing": str, "replay": list, "seconds":
    float,
    "transfers": int,
    "items": int, "seed": int, "counterbalance": list, "factors": dict, "catch": dict,
}  # fmt: skip
_CALLED = {
    list: "a list of names",
    float: "a number",
    int: "a whole number",
    str: "a name",
    dict: "a table",
    bool: "true or false",
}


@dataclasses.dataclass(frozen=True)
class Condition:
    """One combination of levels.

    Attributes:
      levels: name of the level of each factor.
      manipulations: what they ask for together.
    """

    levels: dict[str, str]
    manipulations: Manipulations

    @property
    def name(self) -> str:
        """Of its files."""
        return "-".join(self.levels.values())


@dataclasses.dataclass(frozen=True)
class StimulusSpec:
    """A set of stimuli; the module's docstring has an example.

    Attributes:
      path: of the file.
      text: what stands in it.
      voices: one or two folders of voices.
      timing: a preset or a file of one, from which items are drawn.
      replay: annotation of conversations whose stretches are the items, in place of `timing`.
      seconds: of each item before manipulation.
      transfers: an item has at least as many floor transfers.
      items: how many.
      conditions: all combinations of the factors' levels.
      catch_trials: in each list.
      catch: their manipulations.
      counterbalance: of `lists.FACTORS`, what varies over items.
      seed: of everything.
      speakers: one of each voice's, where voices have several.
      temperature: of the babble; None for each voice's own.
      top_k: of the babble.
    """

    path: Path
    text: str
    voices: tuple[Path, ...]
    timing: str
    replay: tuple[Path, ...]
    seconds: float
    transfers: int
    items: int
    conditions: tuple[Condition, ...]
    catch_trials: int
    catch: Manipulations
    counterbalance: tuple[str, ...]
    seed: int
    speakers: tuple[str, ...]
    temperature: float | None
    top_k: int


def read_spec(path: str | os.PathLike) -> StimulusSpec:
    """Reads a spec.

    Raises:
      BabbleError: it cannot be read, is no TOML, or asks for what makes no sense: file, line, key and remedy.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BabbleError(f"{path}: cannot be read ({error}); name a TOML file.") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f", line {line[1]}" if line else ""
        raise BabbleError(f"{path}{where}: no valid TOML ({error}); mend that line.") from error
    return _Reader(path, text, values).spec()


class _Reader:
    """The values of one file; every complaint names the line of the key."""

    def __init__(self, path: Path, text: str, values: dict[str, Any]):
        self._path, self._text, self._values = path, text, values

    def spec(self) -> StimulusSpec:
        self._known(self._values, _KEYS, ())
        for key in ("voices", "items", "seconds", "factors"):
            if key not in self._values:
                raise BabbleError(
                    f"{self._path}: the key {key} is missing; add {key} = {_CALLED[_KEYS[key]]}."
                )
        for key, kind in _KEYS.items():
            if key in self._values:
                self._typed(key, kind)
        conditions = self._conditions()
        catch = dict(self._values.get("catch", {}))
        trials = catch.pop("trials", 0)
        if type(trials) is not int or trials < 0:
            self._wrong(("catch", "trials"), "must be a whole number from 0")
        spec = StimulusSpec(
            path=self._path,
            text=self._text,
            voices=tuple(self._path.parent / name for name in self._values["voices"]),
            timing=self._timing(),
            replay=tuple(self._path.parent / name for name in self._values.get("replay", [])),
            seconds=float(self._values["seconds"]),
            transfers=self._values.get("transfers", 1),
            items=self._values["items"],
            conditions=conditions,
            catch_trials=trials,
            catch=self._manipulations(catch, ("catch",)),
            counterbalance=tuple(self._values.get("counterbalance", FACTORS)),
            seed=self._values.get("seed", 0),
            speakers=tuple(self._values.get("speakers", [])),
            temperature=float(self._values["temperature"]) if "temperature" in self._values else None,
            top_k=self._values.get("top_k", 0),
        )
        self._check(spec)
        return spec

    def _timing(self) -> str:
        if "timing" in self._values and "replay" in self._values:
            self._wrong(("replay",), "and timing cannot both be given; remove one")
        name = self._values.get("timing", "switchboard")
        beside = self._path.parent / name
        return str(beside) if beside.is_file() else name

    def _check(self, spec: StimulusSpec) -> None:
        count = len(spec.conditions)
        if not 1 <= len(spec.voices) <= 2:
            self._wrong(("voices",), "must name one or two voices")
        if not (math.isfinite(spec.seconds) and spec.seconds > 0):
            self._wrong(("seconds",), "must be above 0")
        if spec.transfers < 0:
            self._wrong(("transfers",), "must be 0 or more")
        if spec.items < 1 or spec.items % count:
            nearest = max(round(spec.items / count), 1) * count
            self._wrong(
                ("items",), f"must be a multiple of the {count} conditions, for lists in which each comes equally "
                f"often; take {nearest}"
            )  # fmt: skip
        if spec.catch_trials >= spec.items:
            self._wrong(("catch", "trials"), f"must be fewer than the {spec.items} items")
        if spec.catch_trials and not spec.catch.to_json():
            self._wrong(("catch",), "needs a manipulation that a listener catches, shift_gaps = 3.0, say")
        strange = [name for name in spec.counterbalance if name not in FACTORS]
        if strange or len(set(spec.counterbalance)) < len(spec.counterbalance):
            self._wrong(("counterbalance",), f"must name some of {', '.join(FACTORS)}, each once")
        if not 0 <= spec.seed < 2**32:
            self._wrong(("seed",), f"must be from 0 to {2**32 - 1}")

    def _conditions(self) -> tuple[Condition, ...]:
        factors: dict[str, dict[str, Any]] = self._values["factors"]
        if not factors:
            self._wrong(("factors",), "holds no factor; add [factors.NAME] with a level or more")
        for factor, levels in factors.items():
            for name, path in [
                (factor, ("factors", factor)),
                *((n, ("factors", factor, n)) for n in levels or ()),
            ]:
                if not _NAME.fullmatch(name):
                    self._wrong(path, "becomes part of file names: use letters, digits and _ only")
            if not isinstance(levels, dict) or not levels:
                self._wrong(("factors", factor), "must be a table of levels; add natural = {}, say")
            for level, asked in levels.items():
                if not isinstance(asked, dict):
                    self._wrong(("factors", factor, level), "must be a table of manipulations, {} for none")
                self._manipulations(asked, ("factors", factor, level))
        conditions = []
        for combination in itertools.product(*(levels.items() for levels in factors.values())):
            together: dict[str, Any] = {}
            for factor, (level, asked) in zip(factors, combination, strict=True):
                for key, value in asked.items():
                    if key in together:
                        self._wrong(("factors", factor, level), f"sets {key}, which another factor sets too")
                    together[key] = value
            levels = dict(zip(factors, (level for level, _ in combination), strict=True))
            where = ("factors", next(reversed(levels)), levels[next(reversed(levels))])
            conditions.append(Condition(levels, self._manipulations(together, where)))
        return tuple(conditions)

    def _manipulations(self, asked: dict[str, Any], path: tuple[str, ...]) -> Manipulations:
        if {"timing", "replay"} & set(asked):
            self._wrong(
                path,
                "sets the timing: other IPUs would be other sounds; use swap_offsets, which keeps the IPUs",
            )
        kinds: dict[str, type] = {field.name: float for field in dataclasses.fields(Manipulations)}
        kinds |= {"swap_offsets": str, "remove_overlaps": bool}
        self._known(asked, kinds, path)
        for key, value in asked.items():
            if not _is(value, kinds[key]):
                self._wrong((*path, key), f"must be {_CALLED[kinds[key]]}")
        try:
            made = Manipulations(**asked)
        except ValueError as error:
            return self._wrong(path, f"is wrong: {error}")
        swapped = made.swap_offsets
        if swapped is not None and (self._path.parent / swapped).is_file():
            return dataclasses.replace(made, swap_offsets=str(self._path.parent / swapped))
        return made

    def _known(self, values: dict[str, Any], known: dict[str, Any], path: tuple[str, ...]) -> None:
        for key in values:
            if key not in known:
                self._wrong((*path, key), f"is no key here; there are {', '.join(known)}")

    def _typed(self, key: str, kind: type) -> None:
        value = self._values[key]
        if not _is(value, kind) or (kind is list and not all(isinstance(v, str) for v in value)):
            self._wrong((key,), f"must be {_CALLED[kind]}")

    def _wrong(self, path: tuple[str, ...], what: str) -> Any:
        line = _line(self._text, path)
        raise BabbleError(f"{self._path}{f', line {line}' if line else ''}: {'.'.join(path)} {what}.")


def _is(value: Any, kind: type) -> bool:
    """TOML's types, true and false being no numbers."""
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float) if kind is float else isinstance(value, kind)


def _line(text: str, path: tuple[str, ...]) -> int | None:
    """The line of the longest beginning of `path` that stands as a key or a table's name."""
    table: tuple[str, ...] = ()
    found: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line)
        key = re.match(rf"\s*((?:{_PART.pattern})(?:\s*\.\s*(?:{_PART.pattern}))*)\s*=", line)
        if header:
            here = table = _parts(header[1])
        elif key:
            here = (*table, *_parts(key[1]))
        else:
            continue
        if here == path[: len(here)] and (found is None or len(here) > found[0]):
            found = (len(here), number)
    return None if found is None else found[1]


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
