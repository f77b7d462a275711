"""The page of prediction: what earlier offsets and other context tell of the next floor-transfer offset."""

from typing import Any

from experiments.report.names import CORPORA, shown
from experiments.report.results import LEVELS, Result, Results
from experiments.report.tables import (
    columns,
    number,
    page,
    picture,
    significant,
    source,
    span,
    table,
    with_error,
)

CONTEXTS = {
    "switchboard_context_causal": (
        "What a live system can observe",
        "The network has what a system can observe at the frame in which it decides (mode causal).",
    ),
    "switchboard_context_descriptive": (
        "All that was over by the end of the turn before",
        "The network has all that was over by the end of the turn before (mode descriptive), such as the "
        "length of its last IPU.",
    ),
}

GAINS = {
    "pooled": "filter alone, without a network",
    "on_filter": "filter in a network",
    "truncation": "truncation alone, without input",
    "without_filter": "all covariates, without the filter",
    "full": "all covariates and the filter",
    "untruncated": "the same, without truncation",
    "selected": "retained covariates and the filter",
}

COVARIATES = {
    "ipu_duration": "duration of the holder's IPU",
    "turn_duration": "duration of the holder's turn",
    "pauses": "pauses of the holder",
    "taker_silence": "silence of the taker",
    "taker_spurt": "duration of the taker's last speech",
    "type": "whether the holder's IPU is brief",
    "rate": "rate of segments",
    "last_segment": "duration of the last segment",
    "laughter": "laughter",
    "earlier_offsets": "last offset of each speaker",
    "time": "time since the start",
    "floor_share": "share of the speech so far",
    "filter": "filter of earlier offsets",
}


def page_of_prediction(results: Results) -> str:
    """The page `prediction`."""
    parts = [
        "A floor-transfer offset (FTO) is predicted as a distribution. The gain is the held-out "
        "log-likelihood of the prediction less that of one Johnson-SU distribution for all offsets, in nats "
        "per offset. ± is one standard error over calls.",
        *_pooled(results["switchboard_pooled"]),
    ]
    for name, (title, line) in CONTEXTS.items():
        parts += _context(results[name], title, line)
    return page("Prediction of floor-transfer offsets", *parts, *_nuts(results["switchboard_nuts"]))


def _pooled(result: Result) -> list[str]:
    levels = {title: result.values[fto_level] for fto_level, title in LEVELS.items()}
    gains = [
        [
            title,
            number(one["offsets"]),
            number(one["unconditional_nats"], 3),
            number(one["heldout_nats"], 3),
            with_error(one["gain"], one["se"], 3),
            *(number(one["microseconds"][key]) for key in ("log_prob", "update")),
            number(one["wall_seconds"]),
        ]
        for title, one in levels.items()
    ]
    ranges = next(iter(levels.values()))["by_index"]
    by_index = [
        [
            title,
            *(
                with_error(one["by_index"][index]["gain"], one["by_index"][index]["se"], 3)
                for index in ranges
            ),
        ]
        for title, one in levels.items()
    ]
    sites = {
        "shift": "skewness of the Johnson-SU distribution (gamma)",
        "tail": "its tail parameter (delta)",
        "dyad_loc": "SD of location between dyads, s",
        "side_loc": "SD of location between the speakers of a dyad, s",
        "dyad_log_scale": "SD of log scale between dyads",
        "side_log_scale": "SD of log scale between the speakers of a dyad",
    }
    fitted = [one["population"] for one in levels.values()]
    population = [
        [
            f"{text} of {shown(CORPORA, corpus)}, s",
            *(number(one["corpora"][corpus][key], 3) for one in fitted),
        ]
        for corpus in fitted[0]["corpora"]
        for key, text in (("loc", "location"), ("scale", "scale"))
    ]
    population += [[text, *(number(one[key], 3) for one in fitted)] for key, text in sites.items()]
    return [
        "## From the earlier offsets of a call",
        "A filter estimates the effects of the dyad and its two speakers from the offsets so far.",
        columns(
            {
                "number": "of held-out offsets.",
                "one distribution": "held-out nats per offset of one distribution for all.",
                "filter": "held-out nats per offset of the filter.",
                "prediction, update": "time of a prediction, and of an update by an offset, microseconds.",
                "fit": "time to fit and score, seconds.",
            }
        ),
        table(
            ["offsets", "number", "one distribution", "filter", "gain", "prediction", "update", "fit"],
            gains,
        ),
        source(result),
        "The gain by the index of the offset in its call:",
        table(["offsets", *ranges], by_index),
        source(result),
        picture(
            "switchboard_pooled",
            "Gain in nats with error bars over the index of the offset in its call, a line per level.",
        ),
        "The fitted population:",
        table(["parameter", *levels], population),
        source(result),
    ]


def _context(result: Result, title: str, line: str) -> list[str]:
    levels = {text: result.values[fto_level] for fto_level, text in LEVELS.items()}
    rows = [
        [text, *(with_error(one[key]["value"], one[key]["se"], 3) for one in levels.values())]
        for key, text in GAINS.items()
    ]
    for mode in next(iter(levels.values()))["full_in_other_modes"]:
        gains = [one["full_in_other_modes"][mode] for one in levels.values()]
        rows.append(
            [
                f"all covariates and the filter, mode {mode}",
                *(with_error(g["value"], g["se"], 3) for g in gains),
            ]
        )
    seeds = [one["full_by_seed"] for one in levels.values()]
    rows.append([f"all, range over {len(seeds[0])} seeds", *(span((min(s), max(s)), 3) for s in seeds)])
    rows.append(["offsets that are held out", *(number(one["full"]["offsets"]) for one in levels.values())])
    parts = [
        f"## {title}",
        f"{line} Its distributions are truncated at the earliest possible offset, which alone gives some "
        "gain.",
    ]
    if any(one["full_in_other_modes"] for one in levels.values()):
        parts.append("In the mode projected the system sees the end of the turn coming.")
    parts += [
        table(["gain, nats per offset", *levels], rows),
        source(result),
    ]
    for text, one in levels.items():
        parts += [f"### Worth of each covariate, offsets {text}"]
        if result.name == next(iter(CONTEXTS)) and text == next(iter(levels)):
            parts += [_WORTH]
        parts += [_worth(one["worth"]), source(result)]
    return [
        *parts,
        picture(
            result.name,
            f"{title}: bars with error bars of what each covariate gains alone and beside all others, "
            "offsets between IPUs on the left and between turns on the right.",
        ),
    ]


_WORTH = (
    "The holder has the floor, the taker is the one whose offset is predicted. Standard errors leave out "
    "that another seed of the training changes a gain, too: see the range over seeds.\n\n"
) + columns(
    {
        "alone": "gain over one distribution for all of a network with nothing else.",
        "beside all": "what a network with all others gains by it.",
        "beside the retained": "what it adds where less useful covariates that did not help are left out.",
        "retained": "whether the last is above 0.",
    }
)


def _worth(worth: dict[str, Any]) -> str:
    order = sorted(worth, key=lambda name: -worth[name]["beside_all"]["value"])
    rows = [
        [
            COVARIATES.get(name, name.replace("_", " ")),
            *(
                with_error(worth[name][key]["value"], worth[name][key]["se"], 4)
                for key in ("alone", "beside_all", "beside_selected")
            ),
            "yes" if worth[name]["selected"] else "no",
        ]
        for name in order
    ]
    return table(["covariate", "alone", "beside all", "beside the retained", "retained"], rows)


def _nuts(result: Result) -> list[str]:
    values = result.values
    rows = [
        [
            f"`{name}`",
            *(number(one[method][key], 3) for method in ("svi", "nuts") for key in ("mean", "sd")),
            number(one["difference_in_nuts_sd"], 2),
            significant(one["svi"]["sd"] / one["nuts"]["sd"], 2),
        ]
        for name, one in values["population"].items()
    ]
    largest = max(abs(one["difference_in_nuts_sd"]) for one in values["population"].values())
    seconds = values["wall_seconds"]
    return [
        "## Variational inference beside NUTS",
        "The hierarchical model of the offsets is fitted by stochastic variational inference (SVI). Beside "
        f"it, NUTS samples its posterior on {number(values['conversations'])} training calls with "
        f"{number(values['offsets'])} offsets. The largest difference of their means is "
        f"{number(largest, 2)} posterior standard deviations. SVI took {number(seconds['svi'])} s, NUTS "
        f"{number(seconds['nuts'])} s.",
        columns(
            {
                "mean, SD": "of the posterior of the parameter by either method.",
                "difference": "of the means, in standard deviations of NUTS.",
                "ratio of SD": "that of SVI over that of NUTS; below 1, SVI understates the uncertainty.",
            }
        ),
        table(
            [
                "parameter",
                "SVI mean",
                "SVI SD",
                "NUTS mean",
                "NUTS SD",
                "difference",
                "ratio of SD",
            ],
            rows,
        ),
        source(result),
    ]
