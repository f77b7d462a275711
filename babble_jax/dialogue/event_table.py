"""The events of a dialogue beside those of human conversation: per minute, seconds per minute, and FTOs."""

import io
from typing import Any

import rich.box
import rich.console
import rich.table

_EVENTS = {
    "ipu": "IPUs",
    "pause": "pauses",
    "gap": "gaps",
    "overlap_between": "overlaps between",
    "overlap_within": "overlaps within",
    "backchannel": "backchannels",
}
_FTOS = {
    "median": "median offset (s)",
    "below_zero": "offsets below 0",
    "below_200ms": "offsets below 200 ms",
}


def compare_events(dialogue: dict[str, Any], human: dict[str, Any], reference: str) -> dict[str, Any]:
    """Puts two summaries (`babble_jax.timing.events.events`) side by side, as JSON values.

    Args:
      dialogue: summary of the dialogue.
      human: summary of the conversations that the timing was fitted on.
      reference: name of those.
    """
    columns = {"dialogue": dialogue, "human": human}
    return {
        "reference": reference,
        "events": {
            event: {
                unit: {column: values[unit][event] for column, values in columns.items()}
                for unit in ("per_minute", "seconds_per_minute")
            }
            for event in _EVENTS
        },
        "offsets": {
            name: {column: values["fto"][name] for column, values in columns.items()}
            for name in ("n", *_FTOS)
        },
    }


def format_event_table(values: dict[str, Any]) -> str:
    """Formats the table of `compare_events` for a terminal, at most 76 characters wide."""
    number = values["offsets"]["n"]
    layout = rich.table.Table(
        title=f"this dialogue beside human conversation ({values['reference']})",
        caption=f"{number['dialogue']} offsets here, {number['human']} there: so few vary by chance",
        box=rich.box.SIMPLE_HEAD,
    )
    layout.add_column("")
    for column in ("per minute", "human", "s per minute", "human"):
        layout.add_column(column, justify="right")
    for event, name in _EVENTS.items():
        row = values["events"][event]
        rates = (
            row[unit][column]
            for unit in ("per_minute", "seconds_per_minute")
            for column in ("dialogue", "human")
        )
        layout.add_row(name, *(f"{rate:.1f}" for rate in rates))
    layout.add_section()
    for name, label in _FTOS.items():
        row = values["offsets"][name]
        form = ".2f" if name == "median" else ".0%"
        layout.add_row(
            label,
            *("-" if row[column] is None else format(row[column], form) for column in ("dialogue", "human")),
        )
    output = io.StringIO()
    rich.console.Console(file=output, width=76, color_system=None).print(layout)
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines() if line.strip())
