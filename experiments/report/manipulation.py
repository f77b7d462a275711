"""The page of controlled timing: a replayed conversation, stimuli, bias of the voice activity detector."""

from typing import Any

from experiments.report.results import Result, Results
from experiments.report.tables import (
    columns,
    listed,
    milliseconds,
    number,
    page,
    percent,
    picture,
    source,
    span,
    table,
)

PROGRAMS = {"praat": "Praat", "elan": "ELAN"}


def page_of_manipulation(results: Results) -> str:
    """The page `manipulation`."""
    return page(
        "Controlled timing and voice activity detection",
        *_replay(results["replay_maptask"]),
        *_stimuli(results["replay_maptask"]),
        *_bias(results["vad_bias"]),
    )


def _replay(result: Result) -> list[str]:
    replay, opened = result.values["replay"], result.values["files"]
    shift, differences = replay["shift_ms"], opened["largest_difference_ms"]
    rows = [
        [
            f"`{replay['conversation']}`",
            number(replay["seconds"]),
            number(replay["ipus"]),
            number(replay["gaps"]),
            *(number(shift[key], 1) for key in ("requested", "mean", "least", "most")),
            number(replay["identical_waveforms"]),
        ]
    ]
    programs = [[PROGRAMS.get(name, name), number(value, 1)] for name, value in differences.items()]
    return [
        "## A replayed conversation",
        "The timing of a Map Task conversation is replayed with babble in place of speech, once as it was "
        "and once with every gap longer. The gaps are measured from the sound.",
        columns(
            {
                "seconds": "of the replay.",
                "IPUs, gaps": "how many the replay has.",
                "requested, mean, least, most": "by how much the gaps are longer, ms: as requested, and "
                "measured.",
                "identical waveforms": "IPUs whose waveform is the same in both renderings.",
            }
        ),
        table(
            [
                "conversation",
                "seconds",
                "IPUs",
                "gaps",
                "requested",
                "mean",
                "least",
                "most",
                "identical waveforms",
            ],
            rows,
        ),
        source(result),
        picture(
            result.name,
            "Two timelines of two speakers, one above the other: IPUs as bars, gaps shaded with their "
            "milliseconds; below, every gap is longer and every IPU is the same.",
        ),
        f"{number(opened['opened_by_praat_and_elan'])} annotated files were opened by Praat and by a reader "
        "of ELAN files. The table has the largest difference, in ms, between an edge in the file and the "
        "same edge of the dialogue.",
        table(["program", "largest difference"], programs),
        source(result),
    ]


def _stimuli(result: Result) -> list[str]:
    stimuli = result.values["stimuli"]
    balance, lists = stimuli["counterbalanced"], stimuli["lists"]
    settings = {_levels(one["levels"]): one["manipulations"] for one in stimuli["conditions"]}
    rows = [
        [
            _levels(one["levels"]),
            _manipulations(settings.get(_levels(one["levels"]))),
            number(one["stimuli"]),
            number(one["offsets"]),
            number(one["median_gap_ms"]),
            percent(one["below_zero"]),
        ]
        for one in stimuli["by_condition"]
    ]
    trials = " or ".join(str(size) for size in sorted({len(one["trials"]) for one in lists}))
    fully = "completely" if balance["completely"] else "not completely"
    return [
        "## Stimuli",
        f"A specification crosses {len(stimuli['conditions'])} conditions. Each of {len(lists)} lists has "
        f"{trials} trials, catch trials included. The factors {listed(balance['over_items'])} are "
        f"counterbalanced over items, {fully} for this number of items.",
        columns(
            {
                "condition": "levels of the factors; catch trials are apart.",
                "manipulation": "what is done to the timing of the item.",
                "stimuli, offsets": "how many there are.",
                "median gap": "of the stimuli, ms.",
                "below 0": "share of offsets that are overlaps.",
            }
        ),
        table(
            ["condition", "manipulation", "stimuli", "offsets", "median gap", "below 0"],
            rows,
            left=2,
        ),
        source(result),
    ]


def _levels(levels: dict[str, str] | str) -> str:
    if isinstance(levels, str):
        return levels
    return ", ".join(f"{factor} {level}" for factor, level in levels.items())


def _manipulations(settings: dict[str, Any] | None) -> str:
    if settings is None:
        return ""
    texts = [
        name.replace("_", " ") + ("" if value is True else f" by {milliseconds(value)}")
        for name, value in settings.items()
    ]
    return "; ".join(texts) or "as it is"


def _edges(errors: dict[str, Any]) -> list[str]:
    cells = []
    for edge in ("onset", "end"):
        one = errors[edge]
        cells += [
            number(one["median_ms"], 1),
            span(one["quartiles_ms"], 0),
            number(one["mean_absolute_ms"], 1),
        ]
    return cells


_EDGES = [f"{edge} {what}" for edge in ("onset", "end") for what in ("median", "quartiles", "mean absolute")]


def _bias(result: Result) -> list[str]:
    values = result.values
    before_after = [
        [
            title,
            number(values[key]["true_ipus"]),
            number(values[key]["detected_ipus"]),
            *_edges(values[key]),
            *(span(values[key][edge]["p5_p95_ms"], 0) for edge in ("onset", "end")),
        ]
        for title, key in (
            ("as detected", "shipped_uncorrected"),
            ("corrected", "shipped_corrected"),
        )
    ]
    conditions = [
        [
            f"{number(one['noise_dbfs'])} dBFS",
            f"{number(one['gain_db'])} dB",
            number(one["true_ipus"]),
            number(one["detected_ipus"]),
            *_edges(one),
        ]
        for one in values["shipped_by_condition"]
    ]
    rules = [
        [
            f"{number(one['rule']['enter'], 2)}, {number(one['rule']['exit'], 2)}",
            *(number(1000 * one["rule"][key], 1) for key in ("onset_bias", "end_bias")),
            number(one["corrected"]["detected_ipus"]),
            *_edges(one["corrected"]),
        ]
        for one in values["rules"]
    ]
    shipped = values["shipped"]
    return [
        "## Bias of the voice activity detector",
        f"{number(values['recordings'])} recordings of read speech with phone labels are placed at known "
        f"times on channels with silence and noise, {number(values['seconds'])} s in all. An error is the "
        "detected less the true edge of an IPU, in ms: above 0 is late. One half of the channels gives the "
        "biases, the other half the errors after correction.",
        f"The detector that ships has the thresholds {number(shipped['enter'], 2)} to enter and "
        f"{number(shipped['exit'], 2)} to leave speech. It corrects onsets by "
        f"{milliseconds(shipped['onset_bias'])} and ends by {milliseconds(shipped['end_bias'])}.",
        columns(
            {
                "true, detected": "numbers of IPUs.",
                "onset, end": "errors of the two edges.",
                "quartiles, 5 to 95 %": "between which half and nine tenths of the errors lie.",
                "mean absolute": "mean of the absolute errors.",
            }
        ),
        table(
            [
                "edges",
                "true",
                "detected",
                *_EDGES,
                "onset 5 to 95 %",
                "end 5 to 95 %",
            ],
            before_after,
        ),
        source(result),
        picture(
            "vad_bias-errors",
            "Histograms of the errors of onsets on the left and of ends on the right, as detected and "
            "corrected.",
        ),
        "### By level of noise and speech",
        "The detector that ships, corrected, on all channels. Noise is the level of white noise, speech the "
        "gain of the recordings.",
        table(["noise", "speech", "true", "detected", *_EDGES], conditions, left=2),
        source(result),
        "### Other thresholds",
        columns(
            {
                "thresholds": "to enter and to leave speech.",
                "onset bias, end bias": "median errors of the first half, ms, which correct the other half.",
            }
        ),
        table(["thresholds", "onset bias", "end bias", "detected", *_EDGES], rules),
        source(result),
    ]
