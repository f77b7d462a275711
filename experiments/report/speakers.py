"""The page of one speaker beside people."""

from typing import Any

from experiments.report.results import Result, Results
from experiments.report.tables import (
    columns,
    milliseconds,
    number,
    page,
    percent,
    picture,
    source,
    table,
)

PRESETS = {
    "switchboard": "Switchboard",
    "maptask-eye-contact": "Map Task, eye contact",
    "maptask-no-eye-contact": "Map Task, no eye contact",
}
SECTIONS = {"speaker": "### The agent's timing", "others": "### The caller's timing", "both": "### Together"}


def page_of_speakers(results: Results) -> str:
    """The page `speakers`."""
    return page(
        "One speaker beside people",
        "`babble compare --against PRESET --speaker NAME` puts one speaker beside people. [How human is my "
        "agent?](../howto/how-human.md) says what the measures mean and how they are computed.",
        *_calls(results["service_calls"]),
        *_people(results["people_as_agents"]),
    )


def _calls(result: Result) -> list[str]:
    comparisons = result.values["comparisons"]
    first, *_ = comparisons.values()
    parts = [
        "## The agent of two service calls",
        f"{number(first['conversations'])} calls of {number(60 * first['hours'], 1)} minutes together, role-played by "
        "people, so that the agent here is a person. The agent is on the left channel, `A`.",
        columns(
            {
                "n": "number of events; none for measures of seconds.",
                "agent": "value of the agent, or of the caller towards the agent.",
                "95 % of": f"values of 95 % of people, each in {number(first['people_seconds'] / 60, 1)} minutes of "
                "simulated dialogue; in bold where the value lies outside.",
                "pct": "percentage of people whose value is lower.",
            }
        ),
    ]
    header = ["measure", "n", "value"]
    for name in comparisons:
        header += [f"95 % of {PRESETS[name]}", "pct"]
    for by, title in SECTIONS.items():
        rows = []
        for index, row in enumerate(first["rows"]):
            if row["by"] == by:
                cells = [row["title"].removesuffix(" (ms)"), "" if row["n"] is None else number(row["n"])]
                cells.append(_value(row, row["value"]))
                for comparison in comparisons.values():
                    cells += _beside(comparison["rows"][index])
                rows.append(cells)
        parts += [title, table(header, rows), source(result)]
    alt = (
        "Histograms of the agent's offsets and of the caller's over people's, and the percentile of each measure "
        "among people"
    )
    return [*parts, "The picture is of the comparison with Switchboard.", picture("service_calls", alt)]


def _beside(row: dict[str, Any]) -> list[str]:
    if row["percentile"] is None:
        return ["n/a", "n/a"]
    ends = f"{_value(row, row['people_low'])} to {_value(row, row['people_high'])}"
    return [f"**{ends}**" if row["verdict"] != "within" else ends, number(row["percentile"])]


def _value(row: dict[str, Any], value: float | None) -> str:
    if row["unit"] == "s":
        return milliseconds(value)
    return percent(value) if row["unit"] == "share" else number(value, 2)


def _people(result: Result) -> list[str]:
    presets = result.values["presets"]
    names = list(presets)
    shares = {name: {row["name"]: row for row in one["rows"]} for name, one in presets.items()}
    rows = [
        [
            row["title"].removesuffix(" (ms)"),
            *(
                percent(shares[name][row["name"]][verdict], 1)
                for name in names
                for verdict in ("below", "within", "above")
            ),
        ]
        for row in presets[names[0]]["rows"]
    ]
    means = [
        percent(sum(row[verdict] for row in presets[name]["rows"]) / len(presets[name]["rows"]), 1)
        for name in names
        for verdict in ("below", "within", "above")
    ]
    sizes = ", ".join(f"{number(one['speakers'])} of {PRESETS[name]}" for name, one in presets.items())
    header = ["measure"]
    for name in names:
        header += [f"{PRESETS[name]}: below", "within", "above"]
    return [
        "## Are people like people?",
        "Real people, compared as an agent would be, with people who are simulated from the preset of their own "
        f"corpus: {sizes}, each in the first {number(result.values['seconds'] / 60)} minutes of a conversation. Of "
        "the simulated people themselves 95 % lie within the range, and 2.5 % on either side. The presets are fitted "
        "on the whole corpora, these people included.",
        table(header, [*rows, ["mean", *means]]),
        source(result),
    ]
