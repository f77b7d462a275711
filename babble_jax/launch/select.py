"""Selects runs by the words of a command line, and shows them as a table."""

import fnmatch
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from babble_jax.errors import BabbleError
from babble_jax.launch.rows import RunRow, differences
from babble_jax.launch.run_folder import STATES, Run, find_runs
from babble_jax.launch.values import flatten
from babble_jax.progress import format_duration


def select_runs(root: Path, words: Sequence[str]) -> list[Run]:
    """Finds the runs that satisfy each word.

    Args:
      root: folder of all runs.
      words: each a NAME, NAME/DIGEST or DIGEST (with * and ?, and a digest by its first digits), a folder of a run, a
        state, or FIELD=VALUE. Words of one kind are alternatives: `failed killed` selects runs of either state.

    Raises:
      BabbleError: a word selects nothing, whatever the others are.
    """
    runs, kinds = find_runs(root), {}
    for word in words:
        if word in STATES:
            kind, matches = "state", [run for run in runs if run.read_state().state == word]
        elif "=" in word:
            field, _, text = word.partition("=")
            kind, matches = field, [run for run in runs if _has(run, field.replace("-", "_"), text)]
        else:
            kind, matches = "name", [run for run in runs if _is_named(run, word)]
            if not matches:
                raise BabbleError(f"{word}: no run in {root} has this name; see `babble launch runs`.")
        kinds.setdefault(kind, set()).update(run.folder for run in matches)
    return [run for run in runs if all(run.folder in folders for folders in kinds.values())]


def describe_no_match(root: Path, words: Sequence[str]) -> str:
    """Says that no run was selected, and whether there are any.

    Args:
      root: folder of all runs.
      words: see `select_runs`.
    """
    count = len(find_runs(root))
    return f"no run of the {count} in {root} matches {' '.join(words)}" if count else f"no runs in {root}"


def _has(run: Run, field: str, text: str) -> bool:
    leaves = {name.replace("-", "_"): value for name, value in flatten(run.values).items()}
    for name, value in leaves.items():
        if name == field or name.endswith(f".{field}"):
            try:
                if float(text) == value:
                    return True
            except ValueError:
                if format_value(value) == text:
                    return True
    return False


def _is_named(run: Run, word: str) -> bool:
    if Path(word).is_dir() and Path(word).resolve() == run.folder.resolve():
        return True
    name, slash, digest = word.rpartition("/")
    if slash:
        return fnmatch.fnmatch(run.name, name) and fnmatch.fnmatch(run.digest, f"{digest}*")
    return fnmatch.fnmatch(run.name, word) or (len(word) > 3 and run.digest.startswith(word))


def format_value(value: Any) -> str:
    """Formats a leaf of values as a table shows it."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return " ".join(map(format_value, value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def format_table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Formats a table with columns as wide as their widest cell.

    Args:
      head: names of the columns.
      lines: cells of each line.
    """
    columns = list(zip(head, *lines, strict=True))
    widths = [max(map(len, column)) for column in columns]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (head, *lines)
    )


def runs_table(rows: Sequence[RunRow]) -> str:
    """Formats runs as a table: state, step, best metric, time, host, and the values in which they differ."""
    metrics = {row.metric for row in rows if row.metric}
    column = metrics.pop() if len(metrics) == 1 else "best"
    lines = []
    for row, values in zip(rows, differences(rows), strict=True):
        best = "" if row.best is None else f"{row.best:.5g}"
        lines.append(
            (
                row.run.label,
                row.state.state,
                "" if row.step is None else str(row.step),
                best if column != "best" or not best else f"{row.metric} {best}",
                format_duration(row.state.seconds) if row.state.seconds else "",
                str(row.state.starts),
                row.state.host,
                " ".join(f"{name}={format_value(value)}" for name, value in values.items())
                or row.state.message,
            )
        )
    return format_table(("run", "state", "step", column, "time", "starts", "host", "differs"), lines)
