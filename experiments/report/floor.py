"""The page of the floor simulator: simulated dialogues beside held-out ones, on four corpora."""

from typing import Any

from experiments.report.names import EVENTS, MODELS, shown
from experiments.report.results import Result, Results
from experiments.report.tables import (
    ABSENT,
    bold,
    columns,
    listed,
    number,
    page,
    picture,
    significant,
    source,
    table,
)

CORPORA = {
    "floor_switchboard": "Switchboard",
    "floor_maptask": "Map Task",
    "floor_japanese": "CALLHOME Japanese",
    "floor_ami": "AMI, meetings of four",
}
STATES = {"nobody": "nobody speaks", "one": "one speaks", "several": "several speak"}
LAGS = {
    "lag1": "one turn apart",
    "lag2": "two turns apart",
    "lag1_within_call": "one turn apart, within conversations",
    "lag2_within_call": "two turns apart, within conversations",
}
SINGLE = {
    "ipu": "IPU",
    "pause": "pause",
    "gap": "gap",
    "overlap_between": "overlap between",
    "overlap_within": "overlap within",
    "backchannel": "backchannel",
    "offset": "floor-transfer offset",
}


def quantity(row: str) -> str:
    """What a row of the JSON table is, in words: "w1/ipu" is "W1 of IPU durations, s"."""
    kind, _, name = row.partition("/")
    match kind:
        case "per_minute":
            return f"{EVENTS[name]} per minute"
        case "seconds_per_minute":
            return f"seconds of {EVENTS[name]} per minute"
        case "occupancy":
            return f"share of time in which {STATES[name]}"
        case "dwell_mean":
            return f"mean stretch in which {STATES[name]}, s"
        case "correlation":
            return f"correlation of offsets {LAGS[name]}"
        case "spread":
            if name.startswith("median_"):
                return f"spread of the median {SINGLE[name.removeprefix('median_')]}, s"
            return f"spread of {EVENTS[name.removeprefix('per_minute_')]} per minute"
        case "w1":
            return "W1 of offsets, s" if name == "offset" else f"W1 of {SINGLE[name]} durations, s"
        case "dwell_w1":
            return f"W1 of stretches in which {STATES[name]}, s"
        case _:
            return row.replace("_", " ")


def nearer(entry: dict[str, Any]) -> str:
    """Who is significantly nearer to the real conversations: "simulator", "baseline" or "tie"."""
    low, high = entry["behind"]
    return "baseline" if low > 0 else "simulator" if high < 0 else "tie"


def page_of_floor(results: Results) -> str:
    """The page `floor`."""
    shown_results = {results[name]: title for name, title in CORPORA.items()}
    return page(
        "The floor simulator",
        "The floor simulator is two or more on-off processes with competing hazards: gaps and overlaps "
        "emerge from them. It is fitted on training conversations and draws dialogues that match the "
        "held-out conversations in number and length. Baselines do the same.",
        columns(
            {
                "independent": "IPUs and silences of each speaker drawn from the corpus, whatever the "
                "others do.",
                "shuffle": "IPUs and silences of a real conversation, each speaker's in random order.",
                "KDE": "turn after turn, at offsets drawn from a kernel density estimate.",
                "semi-Markov": "an empirical semi-Markov process of the four states of two speakers.",
                "chain": "the chain of IPUs that have the floor, two speakers.",
            }
        ),
        *_likelihood(shown_results),
        *_summary(shown_results),
        *_correlations(shown_results),
        *_spread(shown_results),
        *_all_rows(shown_results),
    )


def _likelihood(shown_results: dict[Result, str]) -> list[str]:
    models = list(
        dict.fromkeys(name for result in shown_results for name in result.values["nats_per_second"])
    )
    rows = []
    for result, title in shown_results.items():
        values = result.values
        nats = values["nats_per_second"]
        best = max(nats.values())
        rows.append(
            [
                title,
                number(values["training_conversations"]),
                number(values["calls"]),
                number(values["hours"], 1),
                *(
                    bold(number(nats[name], 2), nats[name] == best) if name in nats else ABSENT
                    for name in models
                ),
                number(values["fit_seconds"]),
            ]
        )
    header = ["corpus", "training", "held-out", "hours"]
    return [
        "## Held-out log-likelihood",
        "Nats per second of the held-out conversations; higher is better, and the best is bold.",
        columns(
            {
                "training, held-out": "numbers of conversations.",
                "hours": "of the held-out conversations.",
                "simulator without effects": "the same hazards for every person and pair.",
                "fit": "time to fit the simulator, seconds; one that was fitted before is only read.",
            }
        ),
        table([*header, *(shown(MODELS, name) for name in models), "fit"], rows),
        source(*shown_results),
    ]


def _summary(shown_results: dict[Result, str]) -> list[str]:
    rows = []
    for result, title in shown_results.items():
        entries = result.values["rows"]
        verdicts = {row: nearer(entry) for row, entry in entries.items()}
        counts = [sum(v == who for v in verdicts.values()) for who in ("simulator", "tie", "baseline")]
        behind = listed(
            quantity(row).removesuffix(", s") for row, who in verdicts.items() if who == "baseline"
        )
        rows.append([title, number(len(entries)), *(number(one) for one in counts), behind])
    parts = [
        "## Simulated beside real conversations",
        "Each quantity has an error: how far the simulated conversations are from the held-out ones. In "
        "each quantity the simulator stands beside the baseline of the least error there. One is nearer "
        "where the 95 % interval of the difference of their errors, over resampled conversations, excludes "
        "0.",
        columns(
            {
                "quantities": "how many are compared.",
                "simulator, tie, baseline": "in how many the simulator is significantly nearer, neither is, "
                "or the best baseline is.",
                "baseline nearer in": "the quantities of the last.",
            }
        ),
    ]
    header = ["corpus", "quantities", "simulator", "tie", "baseline", "baseline nearer in"]
    return [*parts, table(header, rows), source(*shown_results)]


def _correlations(shown_results: dict[Result, str]) -> list[str]:
    models = list(next(iter(shown_results)).values["rows"]["correlation/lag1"]["models"])
    rows = []
    for result, title in shown_results.items():
        for lag, text in LAGS.items():
            entry = result.values["rows"][f"correlation/{lag}"]
            values = [entry["models"].get(name, {}).get("value") for name in models]
            rows.append([title, text, number(entry["real"], 3), *(number(value, 3) for value in values)])
    return [
        "## Correlation of successive offsets",
        "Rank correlations of the offsets of a conversation. Within conversations, each offset counts less "
        "the mean of its conversation.",
        table(["corpus", "offsets", "real", *(shown(MODELS, name) for name in models)], rows, left=2),
        source(*shown_results),
    ]


def _spread(shown_results: dict[Result, str]) -> list[str]:
    models = list(next(iter(shown_results)).values["rows"]["correlation/lag1"]["models"])
    rows = []
    for result, title in shown_results.items():
        spreads = [entry for row, entry in result.values["rows"].items() if row.startswith("spread/")]
        cells = []
        for name in models:
            ratios = [one["models"][name]["value"] / one["real"] for one in spreads if name in one["models"]]
            cells.append(f"{number(min(ratios), 2)} to {number(max(ratios), 2)}" if ratios else ABSENT)
        rows.append([title, number(len(spreads)), *cells])
    return [
        "## Spread between conversations",
        "The standard deviation between simulated conversations over that between real ones, of several "
        "quantities: the least and the greatest ratio. 1 is as varied as real conversations.",
        table(["corpus", "quantities", *(shown(MODELS, name) for name in models)], rows),
        source(*shown_results),
    ]


def _all_rows(shown_results: dict[Result, str]) -> list[str]:
    parts = [
        "## All quantities",
        columns(
            {
                "real": "the value of the held-out conversations; a W1 distance has none.",
                "simulated": "the value of the simulator, mean over several sets.",
                "error": "how far the two are apart; of a spread the logarithm of their ratio; of W1 the "
                "Wasserstein-1 distance of the distributions.",
                "real beside real": "the same error between two sets of real conversations.",
                "best baseline, its error": "the baseline of the least error.",
                "nearer": "which of the two is significantly nearer.",
            }
        ),
    ]
    for result, title in shown_results.items():
        rows = []
        for row, entry in result.values["rows"].items():
            simulated = entry["models"]["hazards"]
            rows.append(
                [
                    quantity(row),
                    *(significant(value) for value in (entry["real"], simulated["value"])),
                    *(significant(value, 2) for value in (simulated["error"], entry["ceiling"])),
                    shown(MODELS, entry["best"]),
                    significant(entry["models"][entry["best"]]["error"], 2),
                    nearer(entry),
                ]
            )
        header = ["quantity", "real", "simulated", "error", "real beside real"]
        parts += [
            f"### {title}",
            table([*header, "best baseline", "its error", "nearer"], rows),
            source(result),
            picture(
                result.name,
                f"{title}: on the left the error of each model in each quantity, as a multiple of the error "
                "of real beside real conversations; on the right the spread between conversations over the "
                "real one.",
            ),
        ]
    return parts
