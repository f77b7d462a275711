"""How far runs are: steps, metrics by step, and the best value of a metric."""

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from babble_jax.launch.run_folder import Run, RunState
from babble_jax.launch.values import differing, flatten
from babble_jax.track.jsonl import MACHINE, read_metrics

_PREFERRED = ("validation/bits", "validation/loss")


@dataclasses.dataclass(frozen=True)
class RunRow:
    """A run as a line of a table.

    Attributes:
      run: its folder.
      state: where it stands.
      step: latest step in its metrics; None where it has none.
      metric: name of the metric; empty where there is none.
      best: its best value; None where there is none.
      values: leaves of its values, by dotted names.
    """

    run: Run
    state: RunState
    step: int | None
    metric: str
    best: float | None
    values: dict[str, Any]


def metrics_file(run: Run) -> Path | None:
    """Finds the metrics of a run: the `metrics.jsonl` in its work that was written last; None where there is none."""
    paths = [*run.work.rglob("metrics.jsonl")] if run.work.exists() else []
    return max(paths, key=lambda path: path.stat().st_mtime_ns, default=None)


def curves_of(run: Run) -> dict[str, list[tuple[int, float]]]:
    """Reads the metrics of a run, and what the clock and the device gave, by name: pairs of step and value."""
    path, curves = metrics_file(run), {}
    for line in [] if path is None else [*read_metrics(path), *read_metrics(path.with_name(MACHINE))]:
        for name, value in line.items():
            if name != "step" and isinstance(value, int | float) and math.isfinite(value):
                curves.setdefault(name, []).append((int(line["step"]), float(value)))
    return curves


def numbers_of(result: dict[str, Any] | None) -> dict[str, float]:
    """Lists the numbers of a result by dotted names, without those of where it comes from."""
    leaves = flatten(
        {name: value for name, value in (result or {}).items() if name not in ("machine", "date", "spread")}
    )
    return {
        name: float(value)
        for name, value in leaves.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }


def best_value(run: Run, metric: str = "", highest: bool = False) -> tuple[str, float | None]:
    """Finds the best value of a metric of a run.

    Args:
      run: its folder.
      metric: name in the metrics by step, or dotted name in the result. Where empty: validation/bits, else the first
        metric of the validation, else the first number of the result.
      highest: whether the highest value is the best one; else the lowest.

    Returns:
      The name of the metric and its value; empty and None where there is none.
    """
    curves, numbers = curves_of(run), numbers_of(run.result)
    if not metric:
        validation = [name for name in curves if name.startswith("validation/")]
        metric = next(
            (name for name in (*_PREFERRED, *validation, *numbers) if name in curves or name in numbers), ""
        )
    pick = max if highest else min
    if metric in numbers:
        return metric, numbers[metric]
    values = [value for _, value in curves.get(metric, [])]
    return metric, pick(values) if values else None


def read_rows(runs: Sequence[Run], metric: str = "", highest: bool = False) -> list[RunRow]:
    """Reads where runs stand.

    Args:
      runs: their folders.
      metric: see `best_value`.
      highest: see `best_value`.
    """
    rows = []
    for run in runs:
        steps = [step for curve in curves_of(run).values() for step, _ in curve]
        name, best = best_value(run, metric, highest)
        rows.append(RunRow(run, run.read_state(), max(steps, default=None), name, best, flatten(run.values)))
    return rows


def differences(rows: Sequence[RunRow]) -> list[dict[str, Any]]:
    """Lists for each row the values in which the runs of its experiment differ."""
    by_name: dict[str, list[RunRow]] = {}
    for row in rows:
        by_name.setdefault(row.run.name, []).append(row)
    names = {name: differing([row.values for row in own]) for name, own in by_name.items()}
    return [{name: row.values.get(name) for name in names[row.run.name]} for row in rows]
