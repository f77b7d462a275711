"""Tables, histograms, summary and artifacts of a run's tracker, as a board shows them."""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

from babble_jax.launch.select import format_value
from babble_jax.plural import plural
from babble_jax.track.jsonl import ARTIFACTS, HISTOGRAMS, SUMMARY, TABLES, read_lines, read_summary

MOST_ROWS = 200
"""Rows of a table in the page."""
_DIGITS = 6
_DIGEST = 10  # of the SHA-256 of all files of an artifact in the page


def latest_tables(folder: Path) -> list[dict[str, Any]]:
    """Reads the latest table of each name: `step`, `name`, `columns`, `rows`, and `omitted`, the rows left out."""
    tables = {line["name"]: line for line in read_lines(folder / TABLES)}
    return [
        table
        | {
            "rows": [[_short(cell) for cell in row] for row in table["rows"][:MOST_ROWS]],
            "omitted": max(0, len(table["rows"]) - MOST_ROWS),
        }
        for table in tables.values()
    ]


def latest_histograms(folder: Path) -> list[dict[str, Any]]:
    """Reads the latest histogram of each name: `step`, `name`, `edges`, `counts`."""
    histograms = {line["name"]: line for line in read_lines(folder / HISTOGRAMS)}
    return [one | {"edges": [_short(edge) for edge in one["edges"]]} for one in histograms.values()]


def summary_values(folder: Path) -> dict[str, str]:
    """Reads the summary and the artifacts as text by name."""
    values = {name: format_value(value) for name, value in read_summary(folder / SUMMARY).items()}
    for one in read_lines(folder / ARTIFACTS):
        digest = hashlib.sha256(json.dumps(one["sha256"], sort_keys=True).encode()).hexdigest()[:_DIGEST]
        values[f"artifact {one['name']}"] = f"{plural(len(one['sha256']), 'file')}, {digest}"
    return values


def _short(cell: Any) -> Any:
    """Rounds a number; one that is not finite becomes text, since JSON has no word for it."""
    if not isinstance(cell, float):
        return cell
    return float(f"{cell:.{_DIGITS}g}") if math.isfinite(cell) else str(cell)
