"""The live agent beside recorded calls: time rescaling, events, backchannels, cut-offs, reliability of its hazards."""

from typing import Any

from experiments.report.results import Result
from experiments.report.tables import (
    ABSENT,
    number,
    percent,
    source,
    span,
    table,
)

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


def sections_on_calls(main: Result, shown: dict[Result, str]) -> list[str]:
    """Shows all that is measured beside recorded calls.

    Args:
      main: result on Switchboard.
      shown: titles of the results.
    """
    return [
        *_rescaling(main, shown),
        *_vap(shown),
        *_backchannels(shown, main),
        *_cut_offs(shown),
        *_full_duplex(shown),
        *_reliability(main),
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
