"""Collects what a board shows of runs, as JSON values."""

import datetime
import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from babble_jax.launch.board.board_runs import tracked_folder
from babble_jax.launch.board.media import Sounds, collect_pictures, collect_sounds
from babble_jax.launch.board.records import latest_histograms, latest_tables, summary_values
from babble_jax.launch.compare import identify_runs, quantizer_of
from babble_jax.launch.rows import best_value, curves_of, numbers_of
from babble_jax.launch.run_folder import Run
from babble_jax.launch.select import format_value
from babble_jax.launch.values import differing, flatten

MOST_POINTS = 300
"""Points of a curve in the page; of a longer one each is the mean of as many steps as are left out."""
MEDIA_BYTES = 9 * 1024**2
"""Text of all sounds and pictures in the page."""
_DIGITS = 5

Curve = list[tuple[int, float]]


def shorten_curve(curve: Curve, count: int = MOST_POINTS) -> Curve:
    """Averages a curve over equal stretches of its points, so that it has `count` points at most.

    Args:
      curve: pairs of step and value.
      count: points that remain.
    """
    if len(curve) <= count:
        return curve
    edges = [round(i * len(curve) / count) for i in range(count + 1)]
    pieces = [curve[low:high] for low, high in itertools.pairwise(edges)]
    return [(piece[-1][0], math.fsum(value for _, value in piece) / len(piece)) for piece in pieces]


def _round(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _curve_json(curve: Curve) -> dict[str, Any]:
    """Converts a curve, with its extremes and its last value, which shortening must not change."""
    values = [value for _, value in curve]
    short = shorten_curve(curve)
    return {
        "steps": [step for step, _ in short],
        "values": [_round(value) for _, value in short],
        "min": min(values),
        "max": max(values),
        "last": values[-1],
    }


def collect_content(runs: Sequence[Run], metric: str = "", highest: bool = False) -> dict[str, Any]:
    """Collects what a board shows.

    Args:
      runs: their folders.
      metric: of the comparison; see `babble_jax.launch.rows.best_value`.
      highest: whether its highest value is the best one.
    """
    folders, media = [tracked_folder(run) for run in runs], Sounds(MEDIA_BYTES)
    sounds = collect_sounds(folders, media)
    leaves = [flatten(run.values) for run in runs]
    differ = _differing_within([run.name for run in runs], leaves)
    shown = []
    for run, identity, folder, own_sounds, values in zip(
        runs, identify_runs(runs), folders, sounds, leaves, strict=True
    ):
        name, _ = best_value(run, metric, highest)
        metric = metric or name
        state, curves = run.read_state(), curves_of(run)
        shown.append(
            {
                "label": run.label,
                "group": identity.group,
                "seed": identity.seed,
                "quantizer": quantizer_of(run),
                "state": state.state,
                "message": state.message,
                "seconds": state.seconds,
                "host": state.host,
                "step": max((curve[-1][0] for curve in curves.values()), default=None),
                "values": {
                    name: format_value(value) for name, value in ({"experiment": run.name} | values).items()
                },
                "curves": {name: _curve_json(curve) for name, curve in sorted(curves.items())},
                "numbers": numbers_of(run.result),
                "sounds": own_sounds,
                "pictures": collect_pictures(folder, _results_of(run), media),
                "tables": [] if folder is None else latest_tables(folder),
                "histograms": [] if folder is None else latest_histograms(folder),
                "summary": {} if folder is None else summary_values(folder),
            }
        )
    return {
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "metric": metric,
        "highest": highest,
        "runs": shown,
        "differ": differ,
        "media": media.content,
        "omitted": media.omitted,
    }


def _differing_within(names: Sequence[str], leaves: Sequence[dict[str, Any]]) -> list[str]:
    """Lists the values in which runs of one experiment differ; and `experiment` where there are several.

    Args:
      names: of the experiments.
      leaves: values of the runs by dotted names.
    """
    fields = ["experiment"] if len(set(names)) > 1 else []
    for name in dict.fromkeys(names):
        fields += differing([own for one, own in zip(names, leaves, strict=True) if one == name])
    return list(dict.fromkeys(fields))


def _results_of(run: Run) -> Path | None:
    folder = run.folder / "results"
    return folder if folder.is_dir() else None
