"""The pages of turn-taking events and of timing presets."""

from experiments.report.names import EVENTS, FAMILIES, shown
from experiments.report.results import LEVELS, Results
from experiments.report.tables import columns, milliseconds, number, page, percent, picture, source, table

_EVENTS_EXPLAINED = {
    "IPUs": "inter-pausal units: stretches of one speaker's speech without a longer silence inside.",
    "pauses": "silences after which the same speaker goes on.",
    "gaps": "silences after which another speaker goes on.",
    "overlaps between": "stretches of simultaneous speech after which another speaker goes on.",
    "overlaps within": "stretches of simultaneous speech after which the same speaker goes on.",
    "backchannels": "short IPUs of a speaker who is silent for longer before and after.",
}


def page_of_events(results: Results) -> str:
    """The page `events`."""
    result = results["switchboard_events"]
    values = result.values
    rates = [
        [title, *(number(values[key][event], 1) for event in EVENTS)]
        for title, key in (("events per minute", "per_minute"), ("seconds per minute", "seconds_per_minute"))
    ]
    offsets = [
        [
            title,
            number(fto["n"]),
            *(milliseconds(fto[key]) for key in ("median", "mean", "sd")),
            *(percent(fto[key], 1) for key in ("below_zero", "below_200ms", "above_1s")),
        ]
        for fto_level, title in LEVELS.items()
        for fto in [values["fto"][fto_level]]
    ]
    return page(
        "Turn-taking events of Switchboard",
        f"All {number(values['conversations'])} calls of Switchboard that have MS98 word times, "
        f"{number(values['hours'], 1)} hours. Reading and counting took {number(values['wall_seconds'], 1)} "
        "s.",
        "## Events",
        columns(_EVENTS_EXPLAINED),
        table(["", *EVENTS.values()], rates),
        source(result),
        "## Floor-transfer offsets",
        "A floor-transfer offset (FTO) is the time from the end of one speaker's speech to the start of the "
        "next speaker's: above 0 for a gap, below 0 for an overlap. The FTOs between turns leave "
        "backchannels out.",
        columns(
            {
                "number": "of offsets.",
                "SD": "standard deviation; divides by the number of offsets.",
                "below 0": "share of overlaps.",
                "below 200 ms, above 1 s": "shares of offsets.",
            }
        ),
        table(
            ["offsets", "number", "median", "mean", "SD", "below 0", "below 200 ms", "above 1 s"],
            offsets,
        ),
        source(result),
    )


def page_of_presets(results: Results) -> str:
    """The page `presets`."""
    result = results["presets"]
    presets = result.values["presets"]
    corpora = [
        [
            f"`{one['name']}`",
            one["source"],
            one["licence"],
            number(one["conversations"]),
            number(one["hours"], 1),
            "yes" if one["floor"] else "no",
        ]
        for one in presets
    ]
    rates = [
        [f"`{one['name']}`", *(number(one["per_minute"][event], 1) for event in EVENTS)] for one in presets
    ]
    parts = [
        "A timing preset is fitted on the whole of its corpus. The edges of CALLHOME's utterances are padded: "
        "[what may be compared](../cards/timing.md#what-may-be-compared) says what follows.",
        "## Corpora",
        columns(
            {
                "hours": "observed.",
                "dialogues of two": "whether dialogues of two speakers can be drawn from the preset.",
            }
        ),
        table(["preset", "source", "licence", "conversations", "hours", "dialogues of two"], corpora, left=3),
        source(result),
        "## Events per minute",
        "[Turn-taking events](events.md) explains the columns.",
        table(["preset", *EVENTS.values()], rates),
        source(result),
        "## Distributions of floor-transfer offsets",
        columns(
            {
                "family": "of the fitted distribution.",
                "offsets": "how many it is fitted on.",
                "held-out": "log-likelihood of held-out offsets, nats per offset, of the same family fitted "
                "on the training conversations alone; higher is better.",
                "CRPS": "continuous ranked probability score of the same, milliseconds; lower is better.",
                "median, below 0": "of the fitted distribution.",
            }
        ),
    ]
    for fto_level, title in LEVELS.items():
        rows = [
            [
                f"`{one['name']}`",
                shown(FAMILIES, fitted["family"]),
                number(fitted["offsets"]),
                number(fitted["heldout_nats"], 3),
                milliseconds(fitted["heldout_crps"]),
                milliseconds(fitted["median"]),
                percent(fitted["below_zero"]),
            ]
            for one in presets
            for fitted in [one["levels"][fto_level]]
        ]
        parts += [
            f"### Offsets {title}",
            table(["preset", "family", "offsets", "held-out", "CRPS", "median", "below 0"], rows, left=2),
            source(result),
        ]
    parts.append(
        picture(
            "presets",
            "Fitted densities of floor-transfer offsets, a line per preset, offsets between IPUs on the "
            "left and between turns on the right.",
        )
    )
    return page("Timing presets", *parts)
