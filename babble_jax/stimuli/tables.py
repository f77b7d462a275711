"""Names of the stimuli, and the two tables that an experiment reads: a row per stimulus, a row per trial."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from babble_jax.stimuli.lists import Trial
from babble_jax.stimuli.specification import StimulusSpec


def stimulus_name(spec: StimulusSpec, trial: Trial) -> str:
    """Returns the name of a stimulus: `item001-LEVEL-LEVEL` or `catch001`."""
    if trial.condition is None:
        return f"catch{trial.item + 1:03d}"
    return f"item{trial.item + 1:03d}-{spec.conditions[trial.condition].name}"


def format_stimuli(stimuli: Sequence[dict[str, Any]]) -> str:
    """Formats the entries of the manifest as CSV, a row for each stimulus."""
    return _format_csv([_stimulus_row(stimulus) for stimulus in stimuli])


def format_lists(spec: StimulusSpec, lists: Sequence[Sequence[Trial]]) -> str:
    """Formats the lists as CSV, a row for each trial of each list."""
    rows = []
    for number, trials in enumerate(lists, start=1):
        for position, trial in enumerate(trials, start=1):
            levels = {} if trial.condition is None else spec.conditions[trial.condition].levels
            rows.append(
                {
                    "list": number,
                    "trial": position,
                    "file": f"{stimulus_name(spec, trial)}.wav",
                    "item": _item(trial.item, trial.condition is None),
                    "catch": int(trial.condition is None),
                    **levels,
                }
            )
    return _format_csv(rows)


def _stimulus_row(stimulus: dict[str, Any]) -> dict[str, Any]:
    voices = {f"voice_{c['channel']}": c["voice"] for c in stimulus["channels"]}
    speakers = {f"speaker_{c['channel']}": c["speaker"] for c in stimulus["channels"]}
    clips = sum(len(step["clipped"]) for step in stimulus["timing"]["manipulations"])
    return {
        "file": stimulus["file"],
        "item": _item(stimulus["item"], stimulus["catch"]),
        "catch": int(stimulus["catch"]),
        **stimulus["levels"],
        "starts": stimulus["starts"],
        **speakers,
        **voices,
        "seconds": f"{stimulus['seconds']:.6f}",
        "ipus": len(stimulus["ipus"]),
        "transfers_clipped": clips,
    }


def _item(number: int, catch: bool) -> int | str:
    return "" if catch else number + 1


def _format_csv(rows: list[dict[str, Any]]) -> str:
    """Formats rows with every column that any of them has; a field that a row does not have is empty."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
