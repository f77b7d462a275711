"""The sections on what a delay costs a live agent, and on what learning the partner gains."""

from experiments.report.results import Result
from experiments.report.tables import columns, milliseconds, number, percent, source, table


def section_on_policies(result: Result) -> list[str]:
    """Tabulates the closed loop by delay, for each preset."""
    rows = []
    for name, values in result.values["presets"].items():
        for row, neutral in zip(values["policy"], values["neutral"], strict=True):
            agent, partner = row["rates"]
            rows.append(
                [
                    name,
                    milliseconds(row["delay"]),
                    milliseconds(neutral["w1"]),
                    milliseconds(row["w1"]),
                    milliseconds(row["median"]),
                    percent(row["below_zero"], 1),
                    percent(row["below_zero_reference"], 1),
                    *(number(one[event], 2) for one in (agent, partner) for event in ("ipu", "backchannel")),
                ]
            )
        seeds = values["seeds"]
        rows.append(
            [
                f"{name}, other seeds",
                "",
                "",
                milliseconds(seeds["w1"]),
                milliseconds(seeds["median"]),
                percent(seeds["below_zero"], 1),
                percent(seeds["below_zero_reference"], 1),
                *(number(one[event], 2) for one in seeds["rates"] for event in ("ipu", "backchannel")),
            ]
        )
    return [
        "## What a delay costs",
        f"One seat that knows the other late, and is not told the kinds of their IPUs, beside the simulator's other "
        f"seat, {result.values['dialogues']} dialogues of five minutes on seeds that the fit of the policies has not "
        "seen, with the random numbers of the reference: the simulator's own seats.",
        columns(
            {
                "no policy": "W1 of its FTOs to the reference, ms, by the hazards of the floor on what is known.",
                "W1, median, below 0": "of its FTOs by the policy that ships; the reference's share beside.",
                "IPUs, backchannels": "per minute, over those of the reference; of the partner, too.",
            }
        ),
        table(
            [
                "preset",
                "delay",
                "no policy",
                "W1",
                "median",
                "below 0",
                "reference",
                "IPUs",
                "backchannels",
                "partner's IPUs",
                "partner's backchannels",
            ],
            rows,
        ),
        source(result),
    ]


def section_on_learning(result: Result) -> list[str]:
    """Says what learning a partner's effects gains."""
    values = result.values
    low, high = values["gain_interval"]
    nats = values["nats_per_minute"]
    return [
        "## What learning the other person gains",
        f"Log-likelihood per minute of the events of {values['people']} people of Map Task whom the floor has not "
        "seen, each second by what their own past tells of them.",
        table(
            ["effects of the person", "nats per minute"],
            [
                ["the mean ones", number(nats["mean"], 2)],
                ["those of the mean hazards over people", number(nats["population"], 2)],
                ["as learned so far", number(nats["learned"], 2)],
            ],
        ),
        f"Learned over the mean hazards: {number(values['gain_per_minute'], 2)} nats per minute, 95 % interval over "
        f"people {number(low, 2)} to {number(high, 2)}.",
        source(result),
    ]
