"""Compares two sets of conversations: the same measures of the same events, and the distance between them.

Axes: C conversations, V values of one kind in one conversation. Times are seconds, float64.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import scipy.stats

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import (
    Definitions,
    FtoLevel,
    Kind,
    backchannels,
    floor_transfers,
    ipus,
    transitions,
)

HALVINGS = 20
"""Random halvings of A whose mean distance is `split_half`."""
SIMULATED = (60, 600.0)
"""Number of dialogues, and seconds of each, that represent a timing preset: ten hours."""

EVENTS = ("ipu", *(kind.name.lower() for kind in Kind if kind != Kind.MIXED), "backchannel")

_SEED = 0
_Measure = Literal["rate", "seconds", "length", "offset", "share"]
_BOUNDS = {"below_zero": (-np.inf, 0.0), "below_200ms": (-np.inf, 0.2), "above_1s": (1.0, np.inf)}


@dataclasses.dataclass(frozen=True, eq=False)
class ComparedSet:
    """One of the two sets of conversations that are compared.

    Attributes:
      name: of the set.
      conversations: [C] of the set.
      from_preset: whether they are drawn from a timing preset, which the text says.
    """

    name: str
    conversations: Sequence[Conversation]
    from_preset: bool = False


@dataclasses.dataclass(frozen=True)
class ComparedMeasure:
    """One measure of both sets.

    Attributes:
      name: of the measure; `babble compare` explains the kinds.
      a: of A; None where it has no such event.
      b: of B.
      distance: between A and B: of durations and FTOs the 1-Wasserstein distance of all values, in seconds;
        of rates and shares the absolute difference.
      split_half: the same distance between two halves of A's conversations, mean over seeded halvings; None
        for a single conversation. A distance of this size is nothing where B is as large as a half of A; a smaller B is
        farther by chance.
    """

    name: str
    a: float | None
    b: float | None
    distance: float | None
    split_half: float | None


@dataclasses.dataclass(frozen=True, eq=False)
class Comparison:
    """The measures of two sets, as `babble compare` prints them."""

    a: ComparedSet
    b: ComparedSet
    rows: tuple[ComparedMeasure, ...]

    def to_json(self) -> dict[str, Any]:
        """Returns the object that `babble compare --json` prints."""
        sets = {
            key: {
                "name": one.name,
                "conversations": len(one.conversations),
                "hours": sum(conversation.seconds for conversation in one.conversations) / 3600,
            }
            for key, one in (("a", self.a), ("b", self.b))
        }
        return sets | {"rows": [dataclasses.asdict(row) for row in self.rows]}


def compare(a: ComparedSet, b: ComparedSet, definitions: Definitions | None = None) -> Comparison:
    """Compares two sets by the same definitions.

    The rows are, for each event: `EVENT_per_minute`, `EVENT_seconds_per_minute`, `EVENT_duration` (means); for each
    level `offset_LEVEL` (medians), `offset_LEVEL_below_zero`, `_below_200ms` and `_above_1s` (shares).

    Args:
      a: the first set, of whose halves `split_half` is.
      b: the second set.
      definitions: of the events; the standard ones by default.
    """
    definitions = definitions or Definitions()
    measured = [_EventValues.measure(one.conversations, definitions) for one in (a, b)]
    count = len(a.conversations)
    rng = np.random.default_rng(_SEED)
    halves: list[tuple[_EventValues, _EventValues]] = []
    for _ in range(HALVINGS if count > 1 else 0):
        order = rng.permutation(count)
        halves.append((measured[0].take(order[: count // 2]), measured[0].take(order[count // 2 :])))
    rows = []
    for name in _ROWS:
        split = [_distance(name, *pair) for pair in halves]
        distances = [value for value in split if value is not None]
        rows.append(
            ComparedMeasure(
                name,
                _summarize(name, measured[0]),
                _summarize(name, measured[1]),
                _distance(name, *measured),
                float(np.mean(distances)) if distances and len(distances) == len(split) else None,
            )
        )
    return Comparison(a, b, tuple(rows))


@dataclasses.dataclass(frozen=True, eq=False)
class _EventValues:
    """The values of each conversation, [C] arrays [V]: durations by event, FTOs by level; and seconds observed, [C]."""

    values: dict[str, list[np.ndarray]]
    seconds: np.ndarray

    @classmethod
    def measure(cls, conversations: Sequence[Conversation], definitions: Definitions) -> "_EventValues":
        values: dict[str, list[np.ndarray]] = {
            name: [] for name in (*EVENTS, *(f"offset_{fto_level}" for fto_level in get_args(FtoLevel)))
        }
        for conversation in conversations:
            units = ipus(conversation, definitions)
            between_solos = transitions(units)
            length = between_solos.end - between_solos.start
            values["ipu"].append(units.duration)
            values["backchannel"].append(units.duration[backchannels(units, definitions)])
            for kind in Kind:
                if kind != Kind.MIXED:
                    values[kind.name.lower()].append(length[between_solos.kind == kind])
            for fto_level in get_args(FtoLevel):
                transfers = floor_transfers(units, fto_level, definitions)
                values[f"offset_{fto_level}"].append(transfers.fto[transfers.defined])
        return cls(values, np.array([conversation.seconds for conversation in conversations]))

    def take(self, which: np.ndarray) -> "_EventValues":
        """Selects conversations by their indices."""
        values = {name: [parts[i] for i in which] for name, parts in self.values.items()}
        return _EventValues(values, self.seconds[which])

    def pooled(self, name: str) -> np.ndarray:
        """Pools the values of all conversations, [V]."""
        return np.concatenate([np.zeros(0), *self.values[name]])


def _name_rows() -> dict[str, tuple[str, _Measure, str]]:
    """Names each row: whose values, which measure of them, and the bound of a share."""
    rows: dict[str, tuple[str, _Measure, str]] = {}
    for event in EVENTS:
        rows[f"{event}_per_minute"] = (event, "rate", "")
    for event in EVENTS:
        rows[f"{event}_seconds_per_minute"] = (event, "seconds", "")
    for event in EVENTS:
        rows[f"{event}_duration"] = (event, "length", "")
    for fto_level in get_args(FtoLevel):
        rows[f"offset_{fto_level}"] = (f"offset_{fto_level}", "offset", "")
        for bound in _BOUNDS:
            rows[f"offset_{fto_level}_{bound}"] = (f"offset_{fto_level}", "share", bound)
    return rows


_ROWS = _name_rows()


def _summarize(name: str, measured: _EventValues) -> float | None:
    values, measure, bound = _ROWS[name]
    pooled = measured.pooled(values)
    if measure in ("rate", "seconds"):
        minutes = measured.seconds.sum() / 60
        total = len(pooled) if measure == "rate" else pooled.sum()
        return float(total / minutes) if minutes else None
    if not len(pooled):
        return None
    if measure == "share":
        low, high = _BOUNDS[bound]
        return float(np.mean((pooled > low) & (pooled < high)))
    return float(np.mean(pooled) if measure == "length" else np.median(pooled))


def _distance(name: str, a: _EventValues, b: _EventValues) -> float | None:
    values, measure, _ = _ROWS[name]
    if measure in ("length", "offset"):
        left, right = a.pooled(values), b.pooled(values)
        return float(scipy.stats.wasserstein_distance(left, right)) if len(left) and len(right) else None
    x, y = _summarize(name, a), _summarize(name, b)
    return None if x is None or y is None else abs(x - y)
