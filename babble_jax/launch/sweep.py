"""Sweeps: from fields and their values to the options of each run.

`seed=0:5` are the whole numbers from 0 to 4, `model.dim=64,128` two values, `optimizer.learning-rate=log:1e-4:1e-2` a
value drawn from that range, evenly by its logarithm, and `uniform:0:1` one drawn evenly. All values are crossed; where
a field is drawn, every combination of the others is drawn `samples` times.
"""

import itertools
import math
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax import input_files
from babble_jax.errors import BabbleError
from babble_jax.launch.values import flatten

MOST_RUNS = 10_000
_RANGE = re.compile(r"(-?\d+):(-?\d+)(?::(-?\d+))?")
_DRAW = re.compile(r"(uniform|log):([^:,]+):([^:,]+)")

Point = dict[str, str]
"""Values of one run as text, by field."""


def parse_sweep(words: Sequence[str], samples: int = 1, seed: int = 0) -> list[Point]:
    """Crosses the values of fields.

    Args:
      words: `FIELD=VALUES` each; see the head of this module.
      samples: how often a field that is drawn is drawn.
      seed: of these draws.

    Raises:
      BabbleError: a word is not of this form, a field stands twice, or the runs are too many.
    """
    fields: dict[str, list[str]] = {}
    ranges: dict[str, tuple[bool, float, float]] = {}
    for word in words:
        name, equals, text = word.partition("=")
        name = name.lstrip("-").replace("_", "-")
        if not (name and equals and text.strip()):
            raise BabbleError(
                f"--sweep {word!r}: is not FIELD=VALUES; write seed=0:5 or model.dim=64,128, say."
            )
        if name in fields or name in ranges:
            raise BabbleError(f"--sweep: {name} stands there twice; name all its values at once.")
        if (match := _DRAW.fullmatch(text)) is not None:
            ranges[name] = _parse_range(word, *match.groups())
        else:
            fields[name] = _parse_values(word, text)
    count = math.prod(len(values) for values in fields.values()) * (samples if ranges else 1)
    if count > MOST_RUNS:
        raise BabbleError(f"--sweep: makes {count} runs; name fewer values, {MOST_RUNS} runs at most.")
    points = [dict(zip(fields, values, strict=True)) for values in itertools.product(*fields.values())]
    if not ranges:
        return points
    random = np.random.default_rng(seed)
    draws = [{name: _draw(random, *own) for name, own in ranges.items()} for _ in range(samples)]
    return [point | draw for draw in draws for point in points]


def _parse_values(word: str, text: str) -> list[str]:
    if (match := _RANGE.fullmatch(text)) is not None:
        values = [str(number) for number in range(*(int(part) for part in match.groups(default="1")))]
    else:
        values = [value.strip() for value in text.split(",")]
    if not all(values) or not values:
        raise BabbleError(f"--sweep {word!r}: has no values, or an empty one; name each.")
    if len({*values}) < len(values):
        raise BabbleError(f"--sweep {word!r}: has a value twice; name it once.")
    return values


def _parse_range(word: str, kind: str, low: str, high: str) -> tuple[bool, float, float]:
    try:
        bounds = float(low), float(high)
    except ValueError:
        bounds = math.nan, math.nan
    if not (bounds[0] < bounds[1] < math.inf and (kind == "uniform" or bounds[0] > 0)):
        raise BabbleError(
            f"--sweep {word!r}: needs two rising numbers, for log above zero; write log:1e-4:1e-2, say."
        )
    return kind == "log", *bounds


def _draw(random: np.random.Generator, logarithmic: bool, low: float, high: float) -> str:
    if logarithmic:
        return f"{math.exp(random.uniform(math.log(low), math.log(high))):.4g}"
    return f"{random.uniform(low, high):.4g}"


def read_sweep(path: Path) -> list[str]:
    """Reads a sweep from a TOML file: by field a list of values, or text such as "0:5".

    Raises:
      BabbleError: the file is no TOML, or a value is of another kind.
    """
    try:
        leaves = flatten(tomllib.loads(input_files.read_text(path)))
    except tomllib.TOMLDecodeError as error:
        raise BabbleError(f"{path}: is no TOML ({error}); mend it.") from error
    return [f"{name}={_join(path, name, value)}" for name, value in leaves.items()]


def _join(path: Path, name: str, value: Any) -> str:
    if isinstance(value, list) and not any(isinstance(one, dict) for one in value):
        return ",".join(_word(one) for one in value)
    if isinstance(value, str | int | float):
        return _word(value)
    raise BabbleError(f'{path}: {name} is neither a list of values nor text; write {name} = [1, 2] or "0:5".')


def _word(value: Any) -> str:
    if isinstance(value, list):  # the value of a tuple
        return " ".join(map(_word, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def options_of(point: Point) -> list[str]:
    """Writes the values of a point as options: several words for a tuple, `--no-x` for false."""
    words = []
    for name, text in point.items():
        if text.lower() in ("true", "false"):
            *above, last = name.split(".")
            flag = last if text.lower() == "true" else f"no-{last}"
            words.append("--" + ".".join((*above, flag)))
        else:
            words += [f"--{name}", *text.split()]
    return words
