"""The section on training with acoustic units of the page of benchmarks."""

from experiments.report.results import Result
from experiments.report.tables import columns, listed, number, source, table

_LAYOUTS = {"many": "ten minutes", "one": "all in one"}


def section_on_units(result: Result) -> list[str]:
    """Tabulates what training with units costs before the first update, in memory and in each update."""
    rows = []
    for row in result.rows:
        rest = row["activity"]
        rows.append(
            [
                number(row["minutes"]),
                _LAYOUTS[row["layout"]],
                number(row["batch"]),
                number(row["runs"]),
                *(
                    number(row[key]["processor_s"] - rest["processor_s"], 1)
                    for key in ("units_first", "units_later")
                ),
                number(row["stored_mb"], 1),
                number(rest["peak_mb"]),
                *(number(row[key]["peak_mb"] - rest["peak_mb"]) for key in ("units_first", "units_later")),
            ]
        )
    updates = result.values["updates"]
    ratios = [
        f"{number(one['median'], 3)} times that {what} ({number(one['lowest'], 3)} to {number(one['highest'], 3)} in "
        "single turns)"
        for key, what in (("activity", "with activity alone"), ("plain", "without conditioning"))
        for one in [updates[f"units_over_{key}"]]
    ]
    return [
        "## Training with acoustic units",
        f"A voice of `dim` {result.values['dim']} with 64 units, beside one that is conditioned on activity alone. An "
        f"update of {result.values['batch']} recordings side by side takes {listed(ratios)}: processor time, median of "
        "the turns.",
        columns(
            {
                "minutes": "of sound, in recordings of ten minutes or in one.",
                "streams": "recordings that are read side by side.",
                "runs": "of which the medians are shown.",
                "first, later": "processor seconds beyond those of the run with activity alone: of the first run on a "
                "data set, which measures it, and of a later one, which reads what is stored and fits units.",
                "MB": "that are stored beside the data set.",
                "peak": "MB of memory of the run with activity alone; it holds the recordings that are read side by "
                "side.",
                "+ first, + later": "MB by which the runs with units go beyond it. The peaks of equal runs differ by "
                "some 50 MB.",
            }
        ),
        table(
            [
                "minutes",
                "recordings",
                "streams",
                "runs",
                "first",
                "later",
                "MB",
                "peak",
                "+ first",
                "+ later",
            ],
            rows,
        ),
        source(result),
    ]
