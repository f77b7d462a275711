"""The events of a dialogue beside those of its reference, a timing preset or the conversation that it replays."""

import io
from typing import Any

import rich.box
import rich.console
import rich.table

from babble_jax.printable import escape_unprintable

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
_WIDEST_HEADING = 11  # characters of the reference's name in a line of a column's heading
FEWEST_OFFSETS = 10
"""A dialogue of fewer floor-transfer offsets is too short to be put beside others."""
_MANY_OFFSETS = 100


def compare_events(dialogue: dict[str, Any], human: dict[str, Any], reference: str) -> dict[str, Any]:
    """Puts two summaries (`babble_jax.timing.events.events`) side by side, as JSON values.

    Args:
      dialogue: summary of the dialogue.
      human: summary of the conversations that the timing was fitted on, or of the one that is replayed.
      reference: name of those: the timing preset's, or the conversation's.
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
    number, name = values["offsets"]["n"], escape_unprintable(values["reference"])
    counts = f"{number['dialogue']} here, {number['human']} in {name}"
    layout = rich.table.Table(
        title=f"this dialogue beside {name}",
        caption=f"offsets are FTOs at level ipu: {counts}{_judge_number(number['dialogue'])}",
        box=rich.box.SIMPLE_HEAD,
        collapse_padding=True,
    )
    layout.add_column("")
    heading = name.replace("-", "-\n")
    if max(map(len, heading.split("\n"))) > _WIDEST_HEADING:
        heading = "reference"
    for column in ("per minute", heading, "s per minute", heading):
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
    rich.console.Console(file=output, width=76, color_system=None, markup=False, emoji=False).print(layout)
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines() if line.strip())


def _judge_number(offsets: int) -> str:
    """Says how far the floor-transfer offsets of a dialogue can be compared, by their number."""
    if offsets < FEWEST_OFFSETS:
        return "; too short to compare; ask for 60 s or more"
    return "; so few differ from one dialogue to the next by chance" if offsets < _MANY_OFFSETS else ""
