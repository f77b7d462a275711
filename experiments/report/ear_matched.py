"""The section of the page of ears on other microphones and voices, as they are and with their spectrum matched."""

from typing import Any

from experiments.report.results import Result
from experiments.report.tables import number, percent, source, span, table

_HEARINGS = {"off": "as it is", "auto": "matched"}


def section_on_matching(result: Result | None) -> list[str]:
    """Tabulates what an ear hears as it is and matched; nothing without a result."""
    if result is None:
        return []
    values = result.values
    return [
        "## Matched spectra",
        f"What the ear `{values['ear']}` hears by the best path as it is (`--match off`) and [with its spectrum "
        "matched](../howto/hear-phones.md#level-and-spectrum) where that lies off the training's. First errors in a "
        f"hundred phones of {number(values['utterances'])} held-out utterances, with 95 % bootstrap intervals, through "
        "filters that tilt the spectrum by so many dB from the lowest to the highest band; the distance is the "
        "median, and the 5th to 95th percentile.",
        table(
            ["tilt, dB", *_HEARINGS.values(), "distance, dB", "utterances that are matched"],
            [
                [
                    f"{row['tilt']:g}",
                    *(_rate(row["errors"][name]) for name in _HEARINGS),
                    _distance(row["distance_db"]),
                    percent(row["matched"]),
                ]
                for row in result.rows
            ],
        ),
        source(result),
        f"Then sounds of {number(values['seconds'])} s: phones that are heard, phones in a second of speech, and their "
        "confidence, medians.",
        table(
            [
                "",
                *(
                    f"{what}, {title}"
                    for what in ("phones", "rate", "confidence")
                    for title in _HEARINGS.values()
                ),
            ],
            [
                [
                    "white noise" if name == "noise" else name,
                    *(
                        number(one[hearing][what], digits)
                        for what, digits in (("phones", 0), ("rate", 1), ("confidence", 2))
                        for hearing in _HEARINGS
                    ),
                ]
                for name, one in values["sounds"].items()
            ],
        ),
        source(result),
    ]


def _rate(one: dict[str, Any]) -> str:
    return f"{number(100 * one['rate'], 1)} ({span((100 * one['low'], 100 * one['high']), 1)})"


def _distance(quantiles: list[float] | None) -> str:
    if quantiles is None:
        return number(None)
    low, median, high = quantiles
    return f"{number(median, 1)} ({span((low, high), 1)})"
