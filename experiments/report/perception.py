"""The page of perception: how late and how surely a live agent knows that the user speaks, and what cues tell it."""

from typing import Any

from experiments.report.results import Result, Results
from experiments.report.tables import columns, number, page, percent, picture, source, span, table

STREAMED = {"network": "network, fitted on both calls"}
CUES = {
    "smart-turn": "Smart Turn v3.2",
    "network": "`babble cue fit`, on the other call",
    "ear": "lengthening of the last phones, by an ear",
}


def page_of_perception(results: Results) -> str:
    """The page `perception`."""
    return page(
        "Hearing the user",
        *_lags(results["vad_lags"], results["speech_filter"]),
        *_conditions(results["vad_lags"]),
        *_cues(results["cues_on_calls"]),
    )


def _scores(one: dict[str, Any]) -> list[str]:
    return [
        *(percent(one[key], 2) for key in ("error", "missed", "false_alarm")),
        number(one["brier"], 4),
        number(-one["log_score"], 4),
    ]


def _delay(one: dict[str, Any]) -> list[str]:
    quantiles = one["delay_ms"]
    return [
        number(quantiles[2]),
        span((quantiles[1], quantiles[3]), 0),
        span((quantiles[0], quantiles[4]), 0),
    ]


def _ages(one: dict[str, Any]) -> list[str]:
    return [span(one["quartiles"][::2], 2), percent(one["above_half"])]


_SCORES = ["wrong", "missed", "false alarms", "Brier", "log loss"]
_DELAYS = [f"{edge} {name}" for edge in ("onset", "end") for name in ("median", "quartiles", "5 to 95 %")]


def _lags(result: Result, fitted: Result) -> list[str]:
    values = result.values
    rows = [
        [f"{1000 * one['lag']:.0f} ms", *_scores(one), *_delay(one["onset"]), *_delay(one["end"])]
        for one in values["lags"]
    ]
    reliability = [
        [span((one["low"], one["high"]), 2), number(one["hops"]), number(one["stated"], 3), number(one["observed"], 3)]
        for one in values["reliability"]
    ]  # fmt: skip
    ages = [
        [
            f"{20 * speech['hops_since_edge']} ms" + (" or more" if speech["hops_since_edge"] == 14 else ""),
            *_ages(speech),
            *_ages(silence),
        ]
        for speech, silence in zip(values["detector"]["speech"], values["detector"]["silence"], strict=True)
    ]  # fmt: skip
    return [
        "## The lag",
        "A live agent is told, every 20 ms, the probability that the user spoke in the hop of 20 ms that lies a *lag* "
        f"back. {number(values['seconds'])} s of labelled read speech, of recordings on which nothing was fitted, "
        "stand on channels with the lengths of speech and silence of telephone calls, with noise and bursts of noise, "
        "at gains from -30 to 5 dB.",
        columns(
            {
                "wrong": "hops on the other side of one half.",
                "missed, false alarms": "of the hops with speech, and of those without.",
                "log loss": "nats a hop.",
                "onset, end": "ms from an edge until the answer about it crosses one half, the lag included.",
            }
        ),
        table(["lag", *_SCORES, *_DELAYS], rows),
        source(result),
        picture(
            "vad_lags",
            "On the left the share of wrong hops by lag; in the middle histograms of the delays of onsets and ends; "
            "on the right stated against observed probabilities.",
        ),
        "The low quantiles of onsets at 160 ms and more come from how answers are paired with edges, not from the "
        "filter. "
        f"The agent uses a lag of {1000 * values['lag']:.0f} ms.",
        "### Reliability",
        "Answers at that lag, in bins, beside the share of their hops that hold speech.",
        table(["stated", "hops", "mean of the stated", "share with speech"], reliability),
        source(result),
        "### The detector alone",
        "Probability of the voice activity detector by the time since the last edge: quartiles, and the share above "
        "one half. It is late and uneven, so that a threshold would be wrong for tens of milliseconds.",
        table(
            ["since the edge", "speech: quartiles", "above half", "silence: quartiles", "above half"], ages
        ),
        source(result, fitted),
        f"The filter is fitted on {number(fitted.values['channels'])} other channels.",
    ]


def _conditions(result: Result) -> list[str]:
    values = result.values
    rows = [
        *([f"speech {span(one['snr_db'], 0)} dB above the noise", *_scores(one)] for one in values["by_snr"]),
        *([f"gain {span(one['gain_db'], 0)} dB", *_scores(one)] for one in values["by_gain"]),
        *([f"`{one['name']}`", *_scores(one)] for one in values["other_speakers"]),
    ]
    return [
        "## By noise, level and speaker",
        "At the lag that is used. The other speakers' recordings have no labels: their speech is what is louder than "
        "25 dB below their active level, a rule that differs from the phone labels in "
        f"{percent(values['energy_labels_error'], 1)} of the frames of the labelled recordings.",
        table(["channels", *_SCORES], rows),
        source(result),
    ]


def _cues(result: Result) -> list[str]:
    values = result.values
    rows = [
        [
            CUES[name],
            number(one["silences"]),
            number(one["over"]),
            number(one["auc"], 2),
            span(one["auc_interval"], 2),
            number(one["wait"], 2),
            span(one["wait_interval"], 2),
            number(one["milliseconds"], 1 if one["milliseconds"] > 1 else 2),
        ]
        for name, one in values["cues"].items()
    ]
    alone = values["time_alone"]
    first = next(iter(values["cues"].values()))
    rows.append(
        ["time alone", number(first["silences"]), number(first["over"]), "", "", number(alone["wait"], 2),
         span(alone["wait_interval"], 2), ""]
    )  # fmt: skip
    streamed = [
        [STREAMED.get(name, CUES[name]), number(one["streamed_answers"]), f"{one['largest_difference']:.1e}"]
        for name, one in values["cues"].items()
    ]
    return [
        "## Cues on two calls",
        f"{number(values['calls'])} role-played service calls, {number(values['seconds'] / 60, 1)} minutes: too few to "
        "claim anything from, and the intervals, a bootstrap over silences, say so. Each cue is asked 0.2 s into a "
        "silence whether the turn is over.",
        columns(
            {
                "wait": "mean seconds from the end of a turn until a policy speaks that cuts into a fifth of the "
                "pauses, calibrated on the other call.",
                "ms": "of CPU a decision; of the network, which answers in every hop, a hop.",
            }
        ),
        table(["cue", "silences", "over", "AUC", "95 %", "wait", "95 %", "ms"], rows),
        source(result),
        "The engine's answers, streamed hop by hop, beside the offline computation from the recording.",
        table(["cue", "answers", "largest difference"], streamed),
        source(result),
    ]
