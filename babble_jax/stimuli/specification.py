"""The specification of a set of stimuli, a TOML file.

An example: 2 x 3 conditions, 12 items, and 2 catch trials in each list.

    voices = ["voices/ann"]       # one or two folders beside this file, or names of voices that ship
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
import functools
import itertools
import json
import math
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, NoReturn, Self

import pydantic
import pydantic.dataclasses
from pydantic import Field
from pydantic_core import ErrorDetails, PydanticCustomError

from babble_jax.conversation.layout.layout import Layout
from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, is_folder, read_text
from babble_jax.presets import registry
from babble_jax.stimuli.lists import FACTORS
from babble_jax.timing.manipulation.manipulations import Manipulations

_MAX_BYTES = 1_000_000
MOST_CONDITIONS, MOST_ITEMS = 1000, 100_000
_NAME = re.compile(r"[A-Za-z0-9_]+")
_PART = re.compile(r"\"[^\"]*\"|'[^']*'|[\w-]+")  # of a dotted key
_STRICT = pydantic.ConfigDict(strict=True, extra="forbid")
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


_PresetName = Annotated[str, pydantic.AfterValidator(_find_beside)]
_VoiceName = Annotated[str, pydantic.AfterValidator(_find_voice)]
_File = Annotated[Path, pydantic.AfterValidator(_resolve)]


@pydantic.dataclasses.dataclass(config=_STRICT, frozen=True)
class ReplayLayout(Layout):
    """The layout of the annotation to replay, as the file has it."""


@pydantic.dataclasses.dataclass(config=_STRICT, frozen=True)
class Level(Manipulations):
    """A level of a factor: manipulations, as the file has them."""

    swap_offsets: _PresetName | None = None


@pydantic.dataclasses.dataclass(config=_STRICT, frozen=True)
class Catch(Level):
    """The catch trials: how many there are in each list, and their manipulations."""

    trials: Annotated[int, Field(ge=0)] = 0

    def manipulations(self) -> Manipulations:
        """Returns the manipulations alone."""
        names = [field.name for field in dataclasses.fields(Manipulations)]
        return Manipulations(**{name: getattr(self, name) for name in names})


@dataclasses.dataclass(frozen=True)
class Condition:
    """One combination of levels.

    Attributes:
      levels: name of the level of each factor.
      manipulations: those of all its levels.
    """

    levels: dict[str, str]
    manipulations: Manipulations

    @property
    def name(self) -> str:
        """The names of its levels, for the names of files."""
        return "-".join(self.levels.values())


@dataclasses.dataclass(frozen=True)
class SpecFile:
    """The file of a specification, and its text."""

    path: Path
    text: str


class StimulusSpec(pydantic.BaseModel):
    """A set of stimuli; the module's docstring has an example.

    Attributes:
      voices: one or two folders of voices, or names of voices that ship.
      seconds: of each item before manipulation.
      items: their number.
      factors: levels by factor and name.
      timing: a preset or a file of one, from which items are drawn.
      replay: annotation of conversations whose stretches are the items, in place of `timing`.
      layout: how that annotation is laid out, where it is guessed otherwise: `layout.tiers = "..."`.
      transfers: an item has at least as many floor transfers.
      catch: trials that a listener is sure to notice.
      counterbalance: the `lists.FACTORS` that vary over items.
      seed: of everything.
      speakers: one of each voice's, where voices have several.
      temperature: of the babble; None for each voice's own.
      top_k: of the babble.
    """

    model_config = pydantic.ConfigDict(strict=True, extra="forbid", frozen=True)

    voices: Annotated[tuple[_VoiceName, ...], Field(min_length=1, max_length=2)]
    seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    items: int
    factors: dict[str, dict[str, Level]]
    timing: _PresetName = "switchboard"
    replay: tuple[_File, ...] = ()
    layout: ReplayLayout = ReplayLayout()
    transfers: Annotated[int, Field(ge=0)] = 1
    catch: Catch = Catch()
    counterbalance: tuple[str, ...] = FACTORS
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    speakers: tuple[str, ...] = ()
    temperature: float | None = None
    top_k: int = 0
    _file: SpecFile = pydantic.PrivateAttr()

    @property
    def file(self) -> SpecFile:
        """The file that it was read from."""
        return self._file

    def model_post_init(self, context: SpecFile) -> None:
        """Keeps the file."""
        self._file = context

    @functools.cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """All combinations of the factors' levels."""
        conditions = []
        for combination in itertools.product(*(levels.items() for levels in self.factors.values())):
            values: dict[str, Any] = {}
            for factor, (name, level) in zip(self.factors, combination, strict=True):
                for key, value in level.to_json().items():
                    if key in values:
                        _refuse(("factors", factor, name), f"sets {key}, which another factor sets too")
                    values[key] = value
            levels = dict(zip(self.factors, (name for name, _ in combination), strict=True))
            try:
                conditions.append(Condition(levels, Manipulations(**values)))
            except ValueError as error:
                _refuse(("factors", *list(levels.items())[-1]), f"is wrong: {error}")
        return tuple(conditions)

    @pydantic.model_validator(mode="after")
    def _check(self) -> Self:
        if not self.factors:
            _refuse(("factors",), "holds no factor; add [factors.NAME] with a level or more")
        for factor, levels in self.factors.items():
            for path in (("factors", factor), *(("factors", factor, name) for name in levels)):
                if not _NAME.fullmatch(path[-1]):
                    _refuse(path, "becomes part of file names: use letters, digits and _ only")
            if not levels:
                _refuse(("factors", factor), _EXPECTED["dict_type"])
        if math.prod(map(len, self.factors.values())) > MOST_CONDITIONS:
            _refuse(("factors",), f"have more than {MOST_CONDITIONS} combinations; leave some levels out")
        count = len(self.conditions)
        if self.items > MOST_ITEMS:
            _refuse(("items",), f"must be {MOST_ITEMS} at most")
        if self.items < 1 or self.items % count:
            nearest = max(round(self.items / count), 1) * count
            rule = (
                f"must be a multiple of the {count} conditions, for lists in which each comes equally often"
            )
            _refuse(("items",), f"{rule}; take {nearest}")
        if self.catch.trials >= self.items:
            _refuse(("catch", "trials"), f"must be fewer than the {self.items} items")
        if self.catch.trials and not self.catch.manipulations().to_json():
            _refuse(("catch",), "needs a manipulation that a listener catches, shift_gaps = 3.0, say")
        if sorted(set(self.counterbalance) & set(FACTORS)) != sorted(self.counterbalance):
            _refuse(("counterbalance",), f"must name some of {', '.join(FACTORS)}, each once")
        if {"timing", "replay"} <= self.model_fields_set:
            _refuse(("replay",), "and timing cannot both be given; remove one")
        return self


def read_spec(path: str | os.PathLike) -> StimulusSpec:
    """Reads the specification of a set of stimuli.

    Raises:
      BabbleError: the file cannot be read, is no TOML, or a value in it is wrong: file, line, key and remedy.
    """
    path = Path(path)
    text = read_text(path, _MAX_BYTES)
    try:
        # As JSON: its strict mode takes arrays for tuples and objects for dataclasses, but no other types.
        values = json.dumps(tomllib.loads(text), default=str)
        return StimulusSpec.model_validate_json(values, context=SpecFile(path, text))
    except RecursionError:
        raise BabbleError(f"{path}: is nested too deeply; see the example of the documentation.") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f", line {line[1]}" if line else ""
        raise BabbleError(f"{path}{where}: no valid TOML ({error}); mend that line.") from error
    except pydantic.ValidationError as error:
        # An unknown key explains a missing one: it comes first.
        key, reason = _explain(min(error.errors(), key=lambda details: details["type"] == "missing"))
        line = _line(text, key)
        raise BabbleError(f"{path}{f', line {line}' if line else ''}: {'.'.join(key)} {reason}.") from None
    except ValueError:  # of Python's own limits
        raise BabbleError(f"{path}: holds a number that is too long; shorten it.") from None


def _refuse(path: tuple[str, ...], sentence: str) -> NoReturn:
    """Ends the validation with a sentence about the key at `path`."""
    raise PydanticCustomError("rule", "{sentence}", {"path": path, "sentence": sentence})


def _explain(error: ErrorDetails) -> tuple[tuple[str, ...], str]:
    """Returns the key that an error of pydantic is about, and the sentence that follows it."""
    kind, context = error["type"], error.get("ctx", {})
    path = tuple(part for part in error["loc"] if isinstance(part, str))
    if kind == "rule":
        return context["path"], context["sentence"]
    if kind == "missing":
        return path, "is missing; add it, as in the example of the documentation"
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        if len(path) > 1 and path[-1] in ("timing", "replay"):
            return path[:-1], "sets the timing: other IPUs would be other sounds; use swap_offsets"
        fields = dataclasses.fields(Manipulations)
        keys = [field.name for field in fields] if len(path) > 1 else list(StimulusSpec.model_fields)
        return path, f"is no key here; there are {', '.join(keys)}"
    if len(path) < len(error["loc"]):
        kind = "tuple_type"  # an element of a list
    reason = error["msg"].replace("Input should be", "must be").replace("Value error,", "is wrong:")
    return path, _EXPECTED.get(kind, reason)


def _line(text: str, path: tuple[str, ...]) -> int | None:
    """Finds the line of the longest beginning of `path` that stands as a key or a table's name."""
    table: tuple[str, ...] = ()
    match: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line)
        key = re.match(rf"\s*((?:{_PART.pattern})(?:\s*\.\s*(?:{_PART.pattern}))*)\s*=", line)
        if header:
            here = table = _parts(header[1])
        elif key:
            here = (*table, *_parts(key[1]))
        else:
            continue
        if here == path[: len(here)] and (match is None or len(here) > match[0]):
            match = (len(here), number)
    return None if match is None else match[1]


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
