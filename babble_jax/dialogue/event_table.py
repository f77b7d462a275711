"""The table of a dialogue beside human conversation: events per minute, seconds per minute, offsets."""

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
_OFFSETS = {
    "median": "median offset (s)",
    "below_zero": "offsets below 0",
    "below_200ms": "offsets below 200 ms",
}


def table(dialogue: dict[str, Any], human: dict[str, Any], reference: str) -> dict[str, Any]:
    """Two summaries (`babble_jax.timing.events.summary`) side by side, as JSON values.

    Args:
      dialogue: of the duet.
      human: of the conversations that the timing was fitted on.
      reference: what to call them.
    """
    sides = {"dialogue": dialogue, "human": human}
    return {
        "reference": reference,
        "events": {
            event: {
                unit: {side: values[unit][event] for side, values in sides.items()}
                for unit in ("per_minute", "seconds_per_minute")
            }
            for event in _EVENTS
        },
        "offsets": {
            name: {side: values["fto"][name] for side, values in sides.items()} for name in ("n", *_OFFSETS)
        },
    }


def table_text(values: dict[str, Any]) -> str:
    """The table as text for a terminal, at most 76 columns wide."""
    offsets = values["offsets"]["n"]
    shown = rich.table.Table(
        title=f"this dialogue beside human conversation ({values['reference']})",
        caption=f"{offsets['dialogue']} offsets here, {offsets['human']} there: so few vary by chance",
        box=rich.box.SIMPLE_HEAD,
    )
    shown.add_column("")
    for column in ("per minute", "human", "s per minute", "human"):
        shown.add_column(column, justify="right")
    for event, name in _EVENTS.items():
        row = values["events"][event]
        cells = (
            row[unit][side] for unit in ("per_minute", "seconds_per_minute") for side in ("dialogue", "human")
        )
        shown.add_row(name, *(f"{cell:.1f}" for cell in cells))
    shown.add_section()
    for name, label in _OFFSETS.items():
        row = values["offsets"][name]
        form = ".2f" if name == "median" else ".0%"
        shown.add_row(
            label, *("-" if row[side] is None else format(row[side], form) for side in ("dialogue", "human"))
        )
    text = io.StringIO()
    rich.console.Console(file=text, width=76, color_system=None).print(shown)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines() if line.strip())
