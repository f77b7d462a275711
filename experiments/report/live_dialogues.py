"""The live agent in dialogue with a simulated partner: both sides over delay and knob, and a timing Turing test."""

from typing import Any

from experiments.report.results import Result
from experiments.report.tables import (
    ABSENT,
    columns,
    milliseconds,
    number,
    percent,
    picture,
    source,
    span,
    table,
)

LOOP = {
    "median": "median FTO, ms",
    "below_0": "FTO below 0",
    "below_200ms": "FTO below 200 ms",
    "above_1s": "FTO above 1 s",
    "w1": "W1 of the FTOs, ms",
    "ipus_per_minute": "IPUs per minute",
    "backchannels_per_minute": "backchannels per minute",
    "pauses_cut": "own pauses that the other cuts into",
}
PAIRS = {
    "agent_simulated": "agent and partner, two simulated people",
    "timeout_simulated": "time-out of 0.7 s and partner, two simulated people",
    "independent_simulated": "independent draws, two simulated people",
    "simulated_real": "two simulated people, recorded calls",
    "agent_real": "agent and partner, recorded calls",
    "timeout_real": "time-out of 0.7 s and partner, recorded calls",
    "independent_real": "independent draws, recorded calls",
    "maptask_real": "Map Task, recorded calls",
}


def _value(name: str, value: float | None) -> str:
    if name in ("median", "w1"):
        return number(None if value is None else 1000 * value)
    return number(value, 2) if name.endswith("minute") else percent(value, 1)


def section_on_dialogues(main: Result) -> list[str]:
    """Shows both sides of dialogues, beside two simulated people."""
    parts = [
        "## In dialogue with a simulated partner",
        "The agent takes one seat of the simulator, the partner is the simulator's other seat and knows the truth at "
        "once. The two simulated people beside them have the same seeds and no delay. Policies are those of "
        f"{main.values['policies_of']}.",
        columns(
            {
                "agent, partner": "values with the 95 % interval over dialogues.",
                "people": "the same seat of two simulated people.",
                "other seed": "two simulated people with other seeds beside the first: what chance alone does.",
                "W1": "Wasserstein-1 distance of the FTOs to those of the same seat of two simulated people.",
            }
        ),
    ]
    for delay, loop in main.values["closed_loop"].items():
        agent, seeds = loop["agent"], loop["seeds"]
        rows = []
        for key, title in LOOP.items():
            cells = [title]
            for role in ("agent", "partner"):
                low_high = agent[role][f"{key}_interval"]
                ends = "" if low_high is None else f" ({', '.join(_value(key, v) for v in low_high)})"
                cells += [
                    _value(key, agent[role][key]) + ends,
                    _value(key, agent[role]["reference"].get(key)),
                ]
                cells.append(_value(key, seeds[role][key]))
            rows.append(cells)
        offsets = number(agent["agent"]["offsets"])
        header = ["quantity", "agent", "people", "other seed", "partner", "people", "other seed"]
        parts += [
            f"### A delay of {delay} ms",
            f"{number(agent['dialogues'])} dialogues of 5 minutes, {offsets} FTOs of the agent.",
            table(header, rows),
            source(main),
        ]
    return parts


def section_on_delay_and_knob(main: Result) -> list[str]:
    """Shows both sides over the delay of the agent, its patience, and time-outs."""
    points = [
        [
            milliseconds(row["delay"]),
            *(
                _value(key, row["agent"][key])
                for key in ("median", "below_0", "below_200ms", "above_1s", "w1")
            ),
            _value("below_0", row["partner"]["below_0"]),
            _value("w1", row["partner"]["w1"]),
            _value("pauses_cut", row["partner"]["pauses_cut"]),
        ]
        for row in main.values["curve"]
    ]
    header = ["delay", "median, ms", "below 0", "below 200 ms", "above 1 s", "W1, ms"]
    parts = [
        "### Over the delay, both sides",
        table([*header, "partner below 0", "partner W1, ms", "partner's pauses cut into"], points),
        source(main),
        "### The knob, and time-outs",
        "`patience` divides the hazards of taking the floor. A time-out speaks after so much silence that it knows "
        "of. The last column is the least share of the partner's pauses that the agent cuts into in any setting "
        "whose median is no later than the time-out's.",
    ]
    for delay, loop in main.values["closed_loop"].items():
        knob = sorted(
            [{"patience": 1.0, **loop["agent"]}, *loop["frontier"]], key=lambda row: row["patience"]
        )
        rows = [[f"agent, patience {row['patience']:g}", *_frontier_cells(row), ABSENT] for row in knob]
        rows += [
            [
                f"time-out {row['timeout']:g} s",
                *_frontier_cells(row),
                percent(row["agent_pauses_cut_there"], 1),
            ]
            for row in loop["timeouts"]
        ]
        title = [
            f"at {delay} ms",
            "median, ms",
            "below 0",
            "partner's pauses cut into",
            "agent at that median",
        ]
        parts += [table(title, rows), source(main)]
    return [
        *parts,
        picture(
            main.name,
            "Above, in dialogue: share of offsets below 0, and share of the partner's pauses cut into, against the "
            "median offset, of the agent as its patience moves, of time-outs and of a simulated person. Below, beside "
            "recorded calls: pauses cut into against the median start after a turn; quantiles of the compensators.",
        ),
    ]


def _frontier_cells(row: dict[str, Any]) -> list[str]:
    return [
        _value("median", row["agent"]["median"]),
        _value("below_0", row["agent"]["below_0"]),
        _value("pauses_cut", row["partner"]["pauses_cut"]),
    ]


def section_on_turing_test(main: Result) -> list[str]:
    """Shows how well a classifier tells dialogues apart."""
    rows = [
        [
            PAIRS.get(name, name),
            number(row["auc"], 3),
            span(row["auc_interval"], 3),
            *map(number, row["dialogues"]),
        ]
        for name, row in main.values.get("turing", {}).items()
    ]
    return [
        "## Timing Turing test",
        "A gradient-boosted classifier tells two sets of dialogues of 5 minutes apart by their events, "
        "cross-fitted over calls: 0.5 is chance. The agent has a delay of 80 ms; it always has the same seat. Much of "
        "what is left is what nobody so late can do: begin within 80 ms of an end, or stop within 80 ms of a beginning "
        "of the other, as often as the simulator's people, who know the present.",
        table(["sets", "AUC", "95 % interval", "dialogues", "of the other"], rows),
        source(main),
    ]
