"""The tables that an experiment reads: a row for each stimulus, a row for each trial of each list."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from babble_jax.stimuli.columns import COLUMNS
from babble_jax.stimuli.lists import Trial
from babble_jax.stimuli.specification import StimulusSpec

_BEHIND_CONDITION = list(COLUMNS).index("condition") + 1


def stimulus_name(spec: StimulusSpec, trial: Trial) -> str:
    """Returns the name of a stimulus: `item001-LEVEL-LEVEL` or `catch001`."""
    if trial.condition is None:
        return f"catch{trial.item + 1:03d}"
    return f"item{trial.item + 1:03d}-{spec.conditions[trial.condition].name}"


def format_stimuli(stimuli: Sequence[dict[str, Any]]) -> str:
    """Formats the entries of the manifest as CSV, a row for each stimulus."""
    return _format_csv(
        [
            _stimulus_row(stimulus)
            | {
                "ipus": len(stimulus["ipus"]),
                "transfers_clipped": sum(
                    len(step["clipped"]) for step in stimulus["timing"]["manipulations"]
                ),
            }
            for stimulus in stimuli
        ]
    )


def format_list(stimuli: Sequence[dict[str, Any]]) -> str:
    """Formats one list as CSV, a row for each trial.

    Args:
      stimuli: the entries of the manifest in the order of the trials.
    """
    return _format_csv(_list_rows(stimuli))


def format_lists(lists: Sequence[Sequence[dict[str, Any]]]) -> str:
    """Formats all lists as one CSV, a row for each trial of each list; `list` is its number, from 1."""
    return _format_csv(
        [{"list": number} | row for number, one in enumerate(lists, start=1) for row in _list_rows(one)]
    )


def format_transfers(stimuli: Sequence[dict[str, Any]]) -> str:
    """Formats all floor transfers of all stimuli as CSV."""
    return _format_csv(
        [{"file": stimulus["file"]} | transfer for stimulus in stimuli for transfer in stimulus["transfers"]]
    )


def _list_rows(stimuli: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"position": k} | _stimulus_row(stimulus) for k, stimulus in enumerate(stimuli, start=1)]


def _stimulus_row(stimulus: dict[str, Any]) -> dict[str, Any]:
    """Returns the columns of a stimulus in the order of `COLUMNS`, its factors behind the condition."""
    critical = stimulus["critical"] or {}
    values: dict[str, Any] = {
        "file": stimulus["file"],
        "item": "" if stimulus["catch"] else stimulus["item"] + 1,
        "condition": "catch" if stimulus["catch"] else "-".join(stimulus["levels"].values()),
        **{name: critical.get(name, "") for name in COLUMNS if name.endswith("_ms")},
        "worst_error_ms": stimulus["worst_error_ms"],
        "starts": stimulus["starts"],
        "catch": int(stimulus["catch"]),
        "duration_ms": round(1000 * stimulus["seconds"], 3),
    }
    if stimulus["file_mono"]:
        values["file_mono"] = stimulus["file_mono"]
    for channel in stimulus["channels"]:
        values[f"speaker_{channel['channel']}"] = channel["speaker"]
        values[f"voice_{channel['channel']}"] = channel["voice"] or "recordings"
    names = list(COLUMNS)
    ordered = [*names[:_BEHIND_CONDITION], *stimulus["levels"], *names[_BEHIND_CONDITION:]]
    values |= stimulus["levels"]
    return {name: values[name] for name in ordered if name in values}


def _format_csv(rows: list[dict[str, Any]]) -> str:
    """Formats rows with every column that any of them has; a field that a row does not have is empty.

    Columns stand in the order of the longest row, so that a catch trial, which has no levels, moves none.
    """
    longest = max(rows, key=len, default={})
    columns = list(dict.fromkeys([*longest, *(name for row in rows for name in row)]))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
