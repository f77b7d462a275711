"""Two sets of conversations side by side: the same events, the same figures, and how far apart they are.

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
from babble_jax.timing.preset import TimingPreset

HALVINGS = 20
"""Random halvings of A whose mean distance is `split_half`."""
SIMULATED = (60, 600.0)
"""Dialogues, and seconds of each, that stand for a preset: ten hours."""

EVENTS = ("ipu", *(kind.name.lower() for kind in Kind if kind != Kind.MIXED), "backchannel")

_SEED = 0
_Figure = Literal["rate", "seconds", "length", "offset", "share"]
_BOUNDS = {"below_zero": (-np.inf, 0.0), "below_200ms": (-np.inf, 0.2), "above_1s": (1.0, np.inf)}


@dataclasses.dataclass(frozen=True, eq=False)
class Side:
    """One of the two that are compared.

    Attributes:
      name: what to call it.
      conversations: [C] what it is measured on.
    """

    name: str
    conversations: Sequence[Conversation]

    @classmethod
    def of(cls, preset: TimingPreset) -> "Side":
        """What a preset does: ten hours drawn from its floor, the same every time.

        Raises:
          BabbleError: it has no floor.
        """
        return cls(preset.name, preset.dialogues(0, *SIMULATED))


@dataclasses.dataclass(frozen=True)
class Row:
    """One figure of both sides.

    Attributes:
      name: of the figure; `babble compare` explains the kinds.
      a: of A; None where it has no such event.
      b: of B.
      distance: between A and B: of durations and offsets the 1-Wasserstein distance of all values, in seconds;
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
    """What `babble compare` prints."""

    a: Side
    b: Side
    rows: tuple[Row, ...]

    def to_json(self) -> dict[str, Any]:
        """The object that `babble compare --json` prints."""
        sides = {
            key: {
                "name": side.name,
                "conversations": len(side.conversations),
                "hours": sum(conversation.seconds for conversation in side.conversations) / 3600,
            }
            for key, side in (("a", self.a), ("b", self.b))
        }
        return sides | {"rows": [dataclasses.asdict(row) for row in self.rows]}


def compare(a: Side, b: Side, definitions: Definitions | None = None) -> Comparison:
    """Measures both sides by the same definitions.

    Rows, for each event: `EVENT_per_minute`, `EVENT_seconds_per_minute`, `EVENT_duration` (means); for each level
    `offset_LEVEL` (medians), `offset_LEVEL_below_zero`, `_below_200ms` and `_above_1s` (shares).
    """
    definitions = definitions or Definitions()
    measured = [_Measured.of(side.conversations, definitions) for side in (a, b)]
    count = len(a.conversations)
    rng = np.random.default_rng(_SEED)
    halves: list[tuple[_Measured, _Measured]] = []
    for _ in range(HALVINGS if count > 1 else 0):
        order = rng.permutation(count)
        halves.append((measured[0].take(order[: count // 2]), measured[0].take(order[count // 2 :])))
    rows = []
    for name in _ROWS:
        split = [_distance(name, *pair) for pair in halves]
        known = [value for value in split if value is not None]
        rows.append(
            Row(
                name,
                _figure(name, measured[0]),
                _figure(name, measured[1]),
                _distance(name, *measured),
                float(np.mean(known)) if known and len(known) == len(split) else None,
            )
        )
    return Comparison(a, b, tuple(rows))


@dataclasses.dataclass(frozen=True, eq=False)
class _Measured:
    """Values by conversation, [C] arrays [V]: durations by event, offsets by level; and seconds observed, [C]."""

    values: dict[str, list[np.ndarray]]
    seconds: np.ndarray

    @classmethod
    def of(cls, conversations: Sequence[Conversation], definitions: Definitions) -> "_Measured":
        values: dict[str, list[np.ndarray]] = {
            name: [] for name in (*EVENTS, *(f"offset_{fto_level}" for fto_level in get_args(FtoLevel)))
        }
        for conversation in conversations:
            units = ipus(conversation, definitions)
            found = transitions(units)
            length = found.end - found.start
            values["ipu"].append(units.duration)
            values["backchannel"].append(units.duration[backchannels(units, definitions)])
            for kind in Kind:
                if kind != Kind.MIXED:
                    values[kind.name.lower()].append(length[found.kind == kind])
            for fto_level in get_args(FtoLevel):
                transfers = floor_transfers(units, fto_level, definitions)
                values[f"offset_{fto_level}"].append(transfers.value[transfers.defined])
        return cls(values, np.array([conversation.seconds for conversation in conversations]))

    def take(self, which: np.ndarray) -> "_Measured":
        """Those of some conversations."""
        values = {name: [parts[i] for i in which] for name, parts in self.values.items()}
        return _Measured(values, self.seconds[which])

    def pooled(self, name: str) -> np.ndarray:
        """[V] of all conversations."""
        return np.concatenate([np.zeros(0), *self.values[name]])


def _rows() -> dict[str, tuple[str, _Figure, str]]:
    """The name of each row: whose values, which figure of them, and the bound of a share."""
    rows: dict[str, tuple[str, _Figure, str]] = {}
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


_ROWS = _rows()


def _figure(name: str, measured: _Measured) -> float | None:
    values, figure, bound = _ROWS[name]
    pooled = measured.pooled(values)
    if figure in ("rate", "seconds"):
        minutes = measured.seconds.sum() / 60
        total = len(pooled) if figure == "rate" else pooled.sum()
        return float(total / minutes) if minutes else None
    if not len(pooled):
        return None
    if figure == "share":
        low, high = _BOUNDS[bound]
        return float(np.mean((pooled > low) & (pooled < high)))
    return float(np.mean(pooled) if figure == "length" else np.median(pooled))


def _distance(name: str, a: _Measured, b: _Measured) -> float | None:
    values, figure, _ = _ROWS[name]
    if figure in ("length", "offset"):
        left, right = a.pooled(values), b.pooled(values)
        return float(scipy.stats.wasserstein_distance(left, right)) if len(left) and len(right) else None
    x, y = _figure(name, a), _figure(name, b)
    return None if x is None or y is None else abs(x - y)
