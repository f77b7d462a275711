"""Successive halving: many points of a sweep at a small budget, the best of them at more, the best of those at most.

Each round begins anew, with the budget among the values of its runs, so that what depends on it (a schedule of the
learning rate) fits it. Jamieson and Talwalkar 2016, arXiv 1502.07943, algorithm "Successive Halving".
"""

import dataclasses
import math
import re
import statistics
from collections.abc import Mapping, Sequence

from babble_jax.errors import BabbleError
from babble_jax.launch.sweep import Point
from babble_jax.plural import plural

_WORD = re.compile(r"(?P<field>[^=]+)=(?P<low>\d+):(?P<high>\d+)(?::(?P<factor>\d+))?")
_FACTOR = 3


@dataclasses.dataclass(frozen=True)
class Halving:
    """A budget that grows from round to round.

    Attributes:
      field: of the experiment that is the budget, such as its steps.
      budgets: its value in each round, rising.
      factor: of the points, one in so many goes on to the next round.
    """

    field: str
    budgets: tuple[int, ...]
    factor: int

    def keep(self, count: int) -> int:
        """Returns how many of a number of points go on."""
        return math.ceil(count / self.factor)


def parse_halving(word: str) -> Halving:
    """Reads `FIELD=LOW:HIGH` or `FIELD=LOW:HIGH:FACTOR`: the last budget is HIGH, the first at least LOW.

    Args:
      word: of the command line.

    Raises:
      BabbleError: it is not of this form, or there would be one round alone.
    """
    match = _WORD.fullmatch(word.strip())
    low, high, factor = (
        (int(match[key] or _FACTOR) for key in ("low", "high", "factor")) if match else (0, 0, 0)
    )
    if match is None or not (1 <= low <= high and factor >= 2):
        raise BabbleError(
            f"--halve {word!r}: is not FIELD=LOW:HIGH:FACTOR with whole numbers, LOW from 1, HIGH no less and FACTOR "
            "from 2; write steps=300:2700:3, say."
        )
    budgets = [high]
    while budgets[0] // factor >= low:
        budgets.insert(0, budgets[0] // factor)
    if len(budgets) == 1:
        largest = high // low
        remedy = f"take a FACTOR of {largest} at most: {match['field']}={low}:{high}:{largest}"
        raise BabbleError(
            f"--halve {word!r}: is one round alone, since HIGH is less than {factor} times LOW, FACTOR being {factor}; "
            f"{remedy if largest >= 2 else 'take a LOW of half of HIGH at most, and a FACTOR of 2'}."
        )
    return Halving(match["field"].lstrip("-").replace("_", "-"), tuple(budgets), factor)


def without_seed(point: Point) -> Point:
    """Returns the values of a point but its seeds: points that differ in these alone are one."""
    return {name: text for name, text in point.items() if name.rsplit(".", 1)[-1] != "seed"}


def best_points(
    points: Sequence[Point], scores: Mapping[int, float], halving: Halving, highest: bool = False
) -> list[Point]:
    """Picks the points that go on: by the mean of the metric over their seeds, all seeds of each.

    Args:
      points: of a round.
      scores: metric of each by its number; a point of which a seed has none (a run failed) does not go on.
      halving: says how many go on.
      highest: whether the highest value is the best one.

    Raises:
      BabbleError: no point has a metric for each of its seeds.
    """
    groups = _group(points)
    best = _rank(groups, scores, highest)[: halving.keep(len(groups))]
    return [points[number] for number in sorted(number for group in best for number in group)]


def describe_round(
    points: Sequence[Point], scores: Mapping[int, float], halving: Halving, metric: str, highest: bool = False
) -> str:
    """Says in a line which points of a round go on and which do not, with the mean of the metric of each.

    Args:
      points: of a round.
      scores: metric of each by its number.
      halving: says how many go on.
      metric: its name.
      highest: whether the highest value is the best one.

    Raises:
      BabbleError: no point has a metric for each of its seeds.
    """
    groups = _group(points)
    ranked = _rank(groups, scores, highest)
    count = min(halving.keep(len(groups)), len(ranked))

    def describe(group: list[int]) -> str:
        words = " ".join(f"{name}={text}" for name, text in without_seed(points[group[0]]).items())
        return f"{words} {statistics.fmean(scores[number] for number in group):.5g}".lstrip()

    parts = [f"{metric}: {', '.join(map(describe, ranked[:count]))} {'go' if count > 1 else 'goes'} on"]
    if out := ranked[count:]:
        parts.append(f"{', '.join(map(describe, out))} {'do' if len(out) > 1 else 'does'} not")
    if failed := len(groups) - len(ranked):
        parts.append(
            f"{plural(failed, 'point')} without a value for each seed {'do' if failed > 1 else 'does'} not"
        )
    return "; ".join(parts)


def best_point(
    points: Sequence[Point], scores: Mapping[int, float], highest: bool = False
) -> tuple[Point, float]:
    """Returns the first of the best points, and the mean of its metric over seeds; see `best_points`.

    Args:
      points: of the last round.
      scores: metric of each by its number.
      highest: whether the highest value is the best one.

    Raises:
      BabbleError: no point has a metric for each of its seeds.
    """
    group = _rank(_group(points), scores, highest)[0]
    return points[group[0]], statistics.fmean(scores[number] for number in group)


def _group(points: Sequence[Point]) -> list[list[int]]:
    """Lists the numbers of the points that differ in their seeds alone."""
    groups: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for number, point in enumerate(points):
        groups.setdefault(tuple(without_seed(point).items()), []).append(number)
    return [*groups.values()]


def _rank(groups: list[list[int]], scores: Mapping[int, float], highest: bool) -> list[list[int]]:
    complete = [group for group in groups if all(number in scores for number in group)]
    if not complete:
        raise BabbleError(
            "--halve: no point of this round has a metric for each seed; see `babble launch logs failed`."
        )
    return sorted(
        complete, key=lambda group: statistics.fmean(scores[number] for number in group), reverse=highest
    )
