"""The sections on the start of the verbs, and on that of a live stream, of the page of benchmarks."""

from experiments.report.results import Result
from experiments.report.tables import columns, number, source, table

_NOW = "the package at the commit below."


def section_on_start(result: Result) -> list[str]:
    """Tabulates how long each verb takes to start."""
    names = [name for name in ("numpy", "before", "now") if name in result.rows[0]]
    rows = [
        [
            f"`{row['command']}`" if row["command"].endswith("--help") else row["command"],
            *(number(row.get(name, {}).get("processor"), 2) for name in names),
        ]
        for row in result.rows
    ]
    first = [
        [row["command"], "yes" if row["libraries_compiled"] else "no", number(row["processor"], 2)]
        for row in result.values["first_start"]
    ]
    return [
        "## Start of the verbs",
        "Processor seconds of a whole process, all its threads together: the fastest of some rounds, in turn.",
        columns(
            {
                "numpy": '`python -c "import numpy"`.',
                "before": "the package before its verbs loaded only what they use.",
                "now": _NOW,
            }
        ),
        table(["command", *names], rows),
        source(result),
        "The first start after an installation compiles Python's sources. Processor seconds, where an installer "
        "has compiled the libraries and where it has not:",
        table(["command", "libraries compiled", "processor"], first),
        source(result),
    ]


def section_on_first_block(result: Result) -> list[str]:
    """Tabulates how long `babble speak --raw` takes to its first bytes."""
    rows = [
        [row["copy"], cache, number(row[key]["processor"], 2), number(row[key]["wall"], 2)]
        for row in result.rows
        for key, cache in (("cold", "empty"), ("warm", "full"))
    ]
    return [
        "## Start of a live stream",
        "Seconds from the start of `babble speak --raw` to its first bytes, with an empty folder for compiled code and "
        f"with one that an earlier run has filled: there the fastest of {result.values['rounds']} rounds, in turn.",
        columns({"before": "the package before compiled code was stored.", "now": _NOW}),
        table(["package", "folder", "processor", "clock"], rows),
        source(result),
    ]
