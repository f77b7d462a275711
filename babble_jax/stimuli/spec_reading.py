"""Reads the specification of a set of stimuli from its TOML file, or reports all mistakes in it."""

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pydantic

from babble_jax.errors import BabbleError
from babble_jax.input_files import read_text
from babble_jax.stimuli.spec import rules
from babble_jax.stimuli.spec.mistakes import KeyPath, Mistake, SpecError, SpecFile, touches
from babble_jax.stimuli.spec.output import Format
from babble_jax.stimuli.spec.short_forms import expand, remove_value
from babble_jax.stimuli.spec.type_mistakes import explain_all, list_fields
from babble_jax.stimuli.specification import StimulusSpec

_MAX_BYTES = 1_000_000


def read_spec(
    path: str | os.PathLike, *, sample_rate: int | None = None, format: Format | None = None
) -> StimulusSpec:
    """Reads the specification of a set of stimuli.

    Args:
      path: of the TOML file.
      sample_rate: Hz of the files, in place of `output.sample_rate`.
      format: type of the files, in place of `output.format`.

    Raises:
      BabbleError: the file cannot be read, is no TOML, or values in it are wrong: all of them, with line, key and
        remedy.
    """
    path = Path(path)
    text = read_text(path, _MAX_BYTES)
    try:
        values = expand(tomllib.loads(text))
    except RecursionError:
        raise BabbleError(f"{path}: is nested too deeply; see the example of the documentation.") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f", line {line[1]}" if line else ""
        raise BabbleError(f"{path}{where}: no valid TOML ({error}); mend that line.") from error
    except ValueError:  # of Python's own limits
        raise BabbleError(f"{path}: holds a number that is too long; shorten it.") from None
    for name, value in (("sample_rate", sample_rate), ("format", format)):
        if value is not None and isinstance(values.setdefault("output", {}), dict):
            values["output"][name] = value
    return _validate(SpecFile(path, text), values)


_MOST_PASSES = 5  # of validation; each removes what it finds wrong


def _validate(file: SpecFile, values: dict[str, Any]) -> StimulusSpec:
    """Makes the specification of values, whose short forms are expanded, or raises all mistakes in it."""
    mistakes: list[Mistake] = []
    wrong: list[KeyPath] = []
    spec = None
    for _ in range(_MOST_PASSES):
        try:
            # As JSON: its strict mode takes arrays for tuples and objects for dataclasses, but no other types.
            spec = StimulusSpec.model_validate_json(json.dumps(values, default=str), context=file)
            break
        except pydantic.ValidationError as error:
            if error.errors()[0]["type"] == "json_invalid":  # of its own limit of nesting
                break
            new = explain_all(error.errors(), list_fields(StimulusSpec))
            mistakes += [one for one in new if not touches(one.path, wrong)]
            # Without them the rest can be read, so that the rules find the mistakes in it, too.
            for one in error.errors():
                wrong.append(one["loc"])
                remove_value(values, one["loc"])
        except RecursionError:
            break
    if spec is None and not mistakes:
        raise BabbleError(f"{file.path}: is nested too deeply; see the example of the documentation.")
    if spec is not None:
        if any(
            path[0] in ("gap list", "adaptive") or (path[0] == "factors" and len(path) < 3) for path in wrong
        ):
            wrong.append(("items",))  # the number of conditions is not certain
        mistakes += [one for one in rules.find_mistakes(spec) if not touches(one.path, wrong)]
    if mistakes or spec is None:
        raise SpecError(file, mistakes)
    return spec
