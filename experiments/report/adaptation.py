"""The section on a voice that is adapted to minutes of a new speaker, of the page of voices."""

from collections.abc import Mapping
from typing import Any

from experiments.report.results import Results
from experiments.report.tables import columns, number, percent, source, table

_NAME = "adapt_asterisk_fr"
_MOST = 0.5  # share of samples within from which on a measure counts as in range


def section_of_adaptation(results: Results, titles: Mapping[str, str]) -> list[str]:
    """Tabulates the voices by minutes of recordings and of updates; nothing where the result is not there.

    Args:
      results: all of them.
      titles: what the page calls each measure.
    """
    if _NAME not in results:
        return []
    result = results[_NAME]
    bounds, rows = result.values["bounds"], result.values["rows"]
    f0 = [number(bound) for bound in bounds["f0_median_hz"]]
    last = max((row for row in rows if row["kind"] == "adapted"), key=_minutes)
    return [
        "## Adapted to minutes of a new speaker",
        "The voice `babblers` and a woman whom it has not heard (the French prompts of Asterisk), by minutes of her "
        "recordings and minutes of training on one core. Samples of 10 s are judged beside five other minutes of hers, "
        f"whose median pitch lies from {f0[0]} to {f0[1]} Hz.",
        columns(
            {
                "recordings, training": "minutes of each; 0 of training is the nearest speaker with her units alone.",
                "updates": "of the parameters that were the best, of a machine that did other work beside it.",
                "bits": "per sample of her held-out recordings, of which each amount has its own.",
                "in range": "measures of which at least half of the samples lie within the range of her speech.",
                "samples in range": "share of all measures of all samples.",
                "nearer to her": "share of the samples whose long-term spectrum is nearer to hers than to that of "
                "either speaker of `babblers`.",
                "pitch": "median of the samples, Hz.",
            }
        ),
        table(
            [
                "voice",
                "recordings",
                "training",
                "updates",
                "bits",
                "in range",
                "samples in range",
                "nearer to her",
                "pitch",
            ],
            [_row(row) for row in rows],
        ),
        source(result),
        f"Out of range after {number(last['minutes'])} minutes with {number(last['recorded_minutes'])} of recordings: "
        f"{_list_outside(last, bounds, titles)}.",
    ]


def _minutes(row: Mapping[str, Any]) -> tuple[float, float]:
    return row["recorded_minutes"], row["minutes"]


def _row(row: Mapping[str, Any]) -> list[str]:
    shares = [*row["share_within"].values()]
    inside = sum(share >= _MOST for share in shares)
    return [
        row["kind"],
        number(row["recorded_minutes"]),
        number(row["minutes"]),
        number(row["step"]),
        number(row["bits"], 2),
        f"{number(inside)} of {number(len(shares))}",
        percent(sum(shares) / len(shares)),
        percent(row["nearest_share"]),
        number(row["median"].get("f0_median_hz")),
    ]


def _list_outside(row: Mapping[str, Any], bounds: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """Lists the measures that are out of range, with their median and the range."""
    parts = []
    for name, share in row["share_within"].items():
        if share < _MOST and name in row["median"]:
            low, high = bounds[name]
            span = f"{number(high, 2)} at most" if low is None else f"{number(low, 2)} to {number(high, 2)}"
            parts.append(f"{titles[name]} {number(row['median'][name], 2)} (hers: {span})")
    return "; ".join(parts) or "none"
