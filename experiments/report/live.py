"""The page of the live agent: in dialogue with a simulated partner, and beside recorded calls."""

from typing import Any

from experiments.report.agents import section_on_two_agents
from experiments.report.policies import section_on_learning, section_on_policies
from experiments.report.results import Result, Results
from experiments.report.tables import (
    ABSENT,
    columns,
    milliseconds,
    number,
    page,
    percent,
    picture,
    source,
    span,
    table,
)

CORPORA = {"live_switchboard": "Switchboard", "live_maptask": "Map Task"}
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
EVENTS = {
    "shift_hold": "shift or hold, 50 to 250 ms into the silence",
    "shift_hold_whole_silence": "shift or hold, all of the silence",
    "shift_prediction": "shift, in the 0.5 s before the silence",
    "short_long": "backchannel or long, 0.2 s after the onset",
    "backchannel_prediction": "backchannel, in the 0.5 s before it",
}
WHO = {
    "people": "people",
    "agent_by_threshold": "agent, best threshold",
    "agent_drawn": "agent, as it draws",
    "vad_policy": "policy by hand",
    "independent": "independent draws",
}
KINDS = {"begin_turn": "begin a turn", "begin_backchannel": "begin a backchannel", "end": "end an IPU"}


def page_of_live(results: Results) -> str:
    """The page `live`."""
    main = results["live_switchboard"]
    shown = {results[name]: title for name, title in CORPORA.items() if name in results}
    return page(
        "The live agent",
        "A live agent knows the other late: detection and output together are its delay. It is measured in "
        "dialogue with a simulated partner, who reacts, and beside recorded calls, who do not, trial by trial. "
        "[When it speaks](../howto/live-timing.md) says how it decides; [Definitions](../definitions.md) and the "
        "modules of `babble_jax.timing.evaluation.turn_taking` say how each figure is computed. `babble bench live` "
        "measures any preset, delay and knob.",
        *_loop(main),
        *section_on_two_agents(results["two_agents"]),
        *section_on_policies(results["policies"]),
        *_frontier(main),
        *_turing(main),
        *_rescaling(main, shown),
        *_vap(shown),
        *_backchannels(shown, main),
        *_cut_offs(shown),
        *_full_duplex(shown),
        *_reliability(main),
        *section_on_learning(results["maptask_partner_learning"]),
    )


def _value(name: str, value: float | None) -> str:
    if name in ("median", "w1"):
        return number(None if value is None else 1000 * value)
    return number(value, 2) if name.endswith("minute") else percent(value, 1)


def _loop(main: Result) -> list[str]:
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


def _frontier(main: Result) -> list[str]:
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


def _turing(main: Result) -> list[str]:
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


def _rescaling(main: Result, shown: dict[Result, str]) -> list[str]:
    sets = {"simulated calls": main.values["simulated_rescaling"]}
    for result, title in shown.items():
        sets[f"held-out {title}"] = result.values["open_loop"]["calibration"]["now"]["kinds"]
    rows = [
        [
            name,
            KINDS[kind],
            number(row["events"]),
            number(row["mean"], 3),
            number(row["ks"], 4),
            ABSENT if row["ks_interval"] is None else span(row["ks_interval"], 4),
        ]
        for name, kinds in sets.items()
        for kind, row in kinds.items()
    ]
    return [
        "## Time rescaling",
        "The hazard summed between two events of a kind is distributed as Exp(1) where the hazard is right. KS is the "
        "largest distance of the distribution functions, with its 95 % interval over conversations, whose lower end "
        "cannot reach 0. On recorded calls the effects of both people are learned from what the call has shown so "
        "far, and the kind of the other's IPU is inferred; people differ in more than the effects, and the first "
        "minutes of a call know little of them.",
        table(["calls", "event", "events", "mean", "KS", "95 % interval"], rows, left=2),
        source(*shown),
    ]


def _vap(shown: dict[Result, str]) -> list[str]:
    rows = []
    for result, title in shown.items():
        vap = result.values["open_loop"]["vap"]
        for key, text in EVENTS.items():
            for seat, when in (("floor", "no delay"), ("floor_at_delay", "160 ms")):
                row = vap[seat][key]
                rows.append(
                    [
                        title,
                        text,
                        when,
                        number(row["positive"]),
                        number(row["negative"]),
                        number(row["auc"], 3),
                        span(row["auc_interval"], 3),
                        number(row["balanced_accuracy"], 3),
                    ]
                )
    published = next(iter(shown)).values["open_loop"]["vap"]["published"]
    hears = published["vap_switchboard"]
    return [
        "## Events of voice activity projection",
        "Each seat in turn is the agent's. People's own row would be 1 throughout: their acts are the labels. VAP, "
        f"which hears the audio, has a balanced accuracy of {number(hears['shift_hold_balanced_accuracy'], 3)} on "
        f"shifts and holds of Switchboard ({hears['source']}); what is here knows times alone, and the difference is "
        "what sound is worth.",
        table(
            ["corpus", "event", "delay", "positive", "negative", "AUC", "95 % interval", "balanced accuracy"],
            rows,
            left=3,
        ),
        source(*shown),
    ]


def _backchannels(shown: dict[Result, str], main: Result) -> list[str]:
    sets = {title: result.values["open_loop"]["backchannels"] for result, title in shown.items()}
    kit = main.values.get("kit")
    if kit:
        sets[f"{number(kit['calls'])} calls of the KIT list"] = kit["backchannels"]
    rows = []
    for title, scores in sets.items():
        for name, text in WHO.items():
            row = scores[name]
            margins = row["margins"]
            rows.append(
                [
                    title,
                    text,
                    number(row["predicted_per_minute"], 1),
                    *(number(margin["f1"], 3) for margin in margins),
                    ABSENT if margins[0]["f1_interval"] is None else span(margins[0]["f1_interval"], 3),
                    number(row["full_duplex_bench_jsd"], 3),
                ]
            )
    ruede = main.values["open_loop"]["backchannels"]["published"]["backchannels_ruede"]
    f1 = ruede["f1_by_margin"]
    return [
        "## Backchannels",
        "F1 within stretches of 5 s at least in which one person talks, by the margin around a true onset. The "
        f"published values on Switchboard, by sound and words, are {f1['0_to_1']}, {f1['-0.1_to_0.5']} and "
        f"{f1['-0.2_to_0.2']}, at random {ruede['f1_random']} ({ruede['source']}); true backchannels there "
        "are those by words. The calls of the KIT list are those held out here, too. JSD is Full-Duplex-Bench's.",
        table(
            ["calls", "who", "per minute", "0 to 1 s", "-0.1 to 0.5 s", "±0.2 s", "95 % of the first", "JSD"],
            rows,
            left=2,
        ),
        source(*shown),
    ]


def _cut_offs(shown: dict[Result, str]) -> list[str]:
    parts = [
        "## Cut-offs against latency, beside recordings",
        "Pauses are silences of 100 ms and more within a turn; a turn is cut where any of its pauses is. The median "
        "is that of the starts after a turn; people know from what is said that it is over, the agent does not.",
    ]
    for result, title in shown.items():
        cut = result.values["open_loop"]["cut_offs"]
        rows = [["people", *_cut_cells(cut["people"])]]
        rows += [[f"agent, patience {row['patience']:g}", *_cut_cells(row)] for row in cut["agent"]]
        rows += [[f"time-out {row['timeout']:g} s", *_cut_cells(row)] for row in cut["timeouts"]]
        for name, text in (
            ("moving_average", "moving average of the user's pauses"),
            ("vad_policy", "policy by hand"),
            ("independent", "independent draws"),
        ):
            rows.append([text, *_cut_cells(cut[name])])
        header = [
            title,
            "pauses cut",
            "95 % interval",
            "turns cut",
            "median start, s",
            "below 0",
            "above 1 s",
        ]
        parts += [table(header, rows), source(result)]
    return parts


def _cut_cells(row: dict[str, Any]) -> list[str]:
    median = row["latency_median"]
    return [
        percent(row["pauses_cut"], 1),
        f"{span([100 * x for x in row['pauses_cut_interval']], 1)} %",
        percent(row["turns_cut"], 1),
        "above 3" if median is None else number(median, 2),
        percent(row["below_0"], 1),
        percent(row["above_1s"], 1),
    ]


def _full_duplex(shown: dict[Result, str]) -> list[str]:
    rows = []
    for result, title in shown.items():
        for name, row in result.values["open_loop"]["full_duplex"].items():
            rows.append(
                [
                    title,
                    {"timeout_0.7": "time-out of 0.7 s"}.get(name, name),
                    percent(row["pause_takeover"], 1),
                    percent(row["turn_takeover"], 1),
                    number(row["turn_latency_mean"], 2),
                    number(row["turn_latency_median"], 2),
                    percent(row["interruption_yields"], 1),
                    number(row["interruption_latency_median"], 2),
                ]
            )
    return [
        "## Full-Duplex-Bench, by durations",
        "A segment of 1 s at least takes the floor. Latencies keep their sign. Yields: within 1 s of an interruption.",
        table(
            [
                "corpus",
                "who",
                "takes over in a pause",
                "after a turn",
                "mean start, s",
                "median start, s",
                "yields to an interruption",
                "median, s",
            ],
            rows,
            left=2,
        ),
        source(*shown),
    ]


def _reliability(main: Result) -> list[str]:
    kinds = main.values["open_loop"]["calibration"]["now"]["kinds"]
    rows = [
        [
            KINDS[kind],
            *(
                f"{number(100 * row['observed'], 2)} / {number(100 * row['predicted'], 2)}"
                for row in value["reliability"]
            ),
        ]
        for kind, value in kinds.items()
    ]
    width = max(len(row) for row in rows)
    rows = [row + [ABSENT] * (width - len(row)) for row in rows]
    return [
        "## Reliability of the hazards",
        "Events per second, observed / predicted, on held-out Switchboard, by tenths of the expected events in the "
        "order of the predicted hazard.",
        table(["event", *(str(i + 1) for i in range(width - 1))], rows),
        source(main),
    ]
