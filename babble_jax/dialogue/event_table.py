"""The events of a dialogue beside those of its reference, a timing preset or the conversation that it replays.

Axes: R rows of the table.
"""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import rich.box
import rich.console
import rich.table

from babble_jax.printable import escape_unprintable
from babble_jax.timing.events.columns import EVENT_NAMES

_FTOS = {
    "median": "median offset (s)",
    "below_zero": "offsets below 0",
    "below_200ms": "offsets below 200 ms",
}
_UNITS = {"per_minute": "per minute", "seconds_per_minute": "seconds per minute"}
ROWS = (*((unit, event) for unit in _UNITS for event in EVENT_NAMES), *(("fto", name) for name in _FTOS))
"""The rows of the table: part and name of each number in the summary of a dialogue (`events.events`)."""
_WIDEST_HEADING = 11  # characters of the reference's name in a line of a column's heading
FEWEST_OFFSETS = 10
"""Fewer floor-transfer offsets than that are too few to be put beside others."""
_MANY_OFFSETS = 100
OUTSIDE = "*"
"""Marks a number outside the range of the pieces."""


def event_values(summary: dict[str, Any]) -> np.ndarray:
    """Returns the numbers of `ROWS` in a summary: [R] float64, NaN where there is no floor-transfer offset."""
    values = [summary[part][name] for part, name in ROWS]
    return np.array([np.nan if value is None else value for value in values], np.float64)


def compare_events(
    dialogue: dict[str, Any], human: dict[str, Any], reference: str, **columns: dict[str, Any]
) -> dict[str, Any]:
    """Puts summaries (`babble_jax.timing.events.events`) side by side, as JSON values.

    Args:
      dialogue: summary of the dialogue.
      human: summary of the conversations that the timing was fitted on, or of the one that is replayed.
      reference: name of those: the timing preset's, or the conversation's.
      columns: further summaries: `low` and `high`, the ends of the range of drawn pieces of this length (both or
        neither), and `pooled`, the figures of many drawn hours.
    """
    columns = {"dialogue": dialogue, "human": human, **columns}
    return {
        "reference": reference,
        "events": {
            event: {
                unit: {column: values[unit][event] for column, values in columns.items()} for unit in _UNITS
            }
            for event in EVENT_NAMES
        },
        "offsets": {
            name: {column: values["fto"][name] for column, values in columns.items()}
            for name in ("n", *_FTOS)
        },
    }


def table_rows(values: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Gives the rows of `compare_events`: the heading they stand under, the name, and each column as text.

    The column `range` holds the range of the pieces where there is one. A number of the dialogue outside of it is
    marked with `OUTSIDE`.
    """
    for part, name in ROWS:
        if part == "fto":
            heading, label, cell = "floor-transfer offsets", _FTOS[name], values["offsets"][name]
            form = ".2f" if name == "median" else ".0%"
        else:
            heading, label, cell = _UNITS[part], EVENT_NAMES[name], values["events"][name][part]
            form = ".1f"
        texts = {
            column: "-" if value is None else format(_without_sign_of_zero(value, form), form)
            for column, value in cell.items()
        }
        if "low" in texts:
            texts["range"] = f"{texts.pop('low')} to {texts.pop('high')}"
            texts["dialogue"] += OUTSIDE if is_outside(cell) else ""
        yield heading, label, texts


def is_outside(cell: dict[str, float | None]) -> bool:
    """Returns whether the dialogue's number in a cell of the table lies outside the range of the pieces."""
    low, value, high = cell.get("low"), cell["dialogue"], cell.get("high")
    return low is not None and high is not None and value is not None and not low <= value <= high


def outside_rows(values: dict[str, Any]) -> list[str]:
    """Returns the names of the rows in which the dialogue lies outside the range of the pieces."""
    return [
        f"{label}, {heading}" for heading, label, texts in table_rows(values) if OUTSIDE in texts["dialogue"]
    ]


def explain_table(values: dict[str, Any]) -> list[str]:
    """Says in sentences what the columns of a table are, and which dialogue this is."""
    number, name = values["offsets"]["n"], values["reference"]
    notes = []
    if "pieces" in values:
        notes.append(
            f"This dialogue is the most typical of {values['typical']['drawn']} drawn with its seed."
            if "typical" in values
            else "This dialogue is one drawn at random, typical or not."
        )
        pieces = values["pieces"]
        notes.append(
            f"The range is the 5th to 95th percentile of {pieces['number']} pieces of {pieces['seconds']:g} s drawn "
            f"with the timing of {name}."
        )
        outside = len(outside_rows(values))
        notes.append(
            f"{OUTSIDE} lies outside of it: {outside} of {len(ROWS)} rows."
            if outside
            else "Every row lies within it."
        )
    counts = f"{number['dialogue']} here, {number['human']} in {name}"
    notes.append(f"Offsets are FTOs at level ipu: {counts}{_judge_number(number['dialogue'])}.")
    notes.append("The table counts utterances where plan and annotation have them, however the voices sound.")
    return notes


def format_event_table(values: dict[str, Any]) -> str:
    """Formats the table of `compare_events` for a terminal, at most 76 characters wide."""
    name = escape_unprintable(values["reference"])
    layout = rich.table.Table(box=rich.box.SIMPLE_HEAD, collapse_padding=True)
    rows = list(table_rows(values))
    headings = column_headings(values)
    layout.add_column("", no_wrap=True)
    for column, heading in headings.items():
        text = _narrow_heading(name) if column == "human" else heading.replace(" ", "\n", 1)
        layout.add_column(text, justify="right", no_wrap=True)
    before = ""
    for heading, label, texts in rows:
        if heading != before:
            if before:
                layout.add_section()
            layout.add_row(heading)
            before = heading
        layout.add_row(f"  {label}", *(_aligned(texts[column], column, headings) for column in headings))
    output = io.StringIO()
    console = rich.console.Console(
        file=output, width=76, color_system=None, markup=False, emoji=False, highlight=False
    )
    console.print(f"this dialogue beside {name}", justify="center")
    console.print(layout)
    for sentence in explain_table(values):
        console.print(escape_unprintable(sentence))
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines() if line.strip())


def column_headings(values: dict[str, Any]) -> dict[str, str]:
    """Returns the columns that a table has, in order, with the heading of each."""
    headings = {"dialogue": "this dialogue", "human": values["reference"]}
    if "pieces" in values:
        headings["range"] = f"range in {values['pieces']['seconds']:g} s"
    if "hours" in values:
        headings["pooled"] = f"{values['hours']:g} h drawn"
    return headings


def _aligned(text: str, column: str, headings: dict[str, str]) -> str:
    """Leaves room for the mark behind a number of the dialogue, so that the numbers stand below each other."""
    return f"{text} " if column == "dialogue" and "range" in headings and not text.endswith(OUTSIDE) else text


def _narrow_heading(name: str) -> str:
    heading = name.replace("-", "-\n")
    return "reference" if max(map(len, heading.split("\n"))) > _WIDEST_HEADING else heading


def _without_sign_of_zero(value: float, form: str) -> float:
    """Returns zero for a number that is shown as zero, so that no minus stands before it."""
    return 0.0 if float(format(value, form).rstrip("%")) == 0 else value


def _judge_number(offsets: int) -> str:
    """Says how far the floor-transfer offsets of a dialogue can be compared, by their number."""
    if offsets < FEWEST_OFFSETS:
        return "; too few to compare: make a longer dialogue"
    return "; so few differ from one dialogue to the next by chance" if offsets < _MANY_OFFSETS else ""
