"""The page of control: what a voice does when it is asked for a prosody."""

from collections.abc import Sequence
from typing import Any

from experiments.report.results import Result, Results
from experiments.report.tables import columns, number, page, percent, picture, source, span, table

_CONTROLS = {
    "pitch": ("pitch", "semitones of the median pitch"),
    "pitch_range": ("pitch range", "factor on the spread of pitch"),
    "rate": ("rate", "factor on the units per second that are heard"),
    "level": ("level", "dB of the active frames"),
    "effort": ("effort", "dB per octave of the mean spectrum"),
    "entropy": ("entropy", "share of pairs of units that are new, from neutral"),
}
_TOLERANCE = 0.1
_LEAST_SHARE = 0.95


def page_of_control(results: Results) -> str:
    """The page `control`."""
    parts = ["How to ask for it: [Control how a voice speaks](../howto/control.md)."]
    if "control_babblers" in results:
        parts += _section(results["control_babblers"])
    return page("Control: measured against asked", *parts)


def _section(result: Result) -> list[str]:
    """Tabulates each control of each speaker."""
    values = result.values
    speakers: dict[str, dict[str, Any]] = values["speakers"]
    rows = []
    for name, (title, measure) in _CONTROLS.items():
        for speaker, controls in speakers.items():
            one = controls[name]
            slope = "n/a" if name == "entropy" else number(one["slope"], 2)
            interval = "n/a" if name == "entropy" else span(one["interval"], 2)
            rows.append([title, measure, speaker, _pairs(one["asked"], one["measured"]), slope, interval])
    finals = []
    for speaker, controls in speakers.items():
        moves = controls["final"]["semitones"]
        row = [number(moves[final], 1) for final in ("rise", "hold", "fall", "neutral")]
        finals.append([speaker, *row, percent(controls["final"]["share"])])
    return [
        f"Each speaker of `babblers` says the same {number(values['utterances'])} utterances of "
        f"{values['seconds']:g} s at each setting. What is measured is compared with the neutral setting, and "
        "regressed on what was asked for; a slope of 1 is as asked.",
        columns(
            {
                "asked: measured": "what was asked for, and the mean of what was measured there.",
                "slope, 95 %": "of the measure on the value, with its interval by resampling utterances.",
            }
        ),
        table(["control", "measure", "speaker", "asked: measured", "slope", "95 %"], rows, left=4),
        "Semitones over the last 0.3 s of voiced frames, by a straight line, and the share of rises that rise and of "
        "falls that fall:",
        table(["speaker", "rise", "hold", "fall", "neutral", "right"], finals),
        _verdict(speakers),
        "Units per second: "
        + "; ".join(_rates(speaker, controls) for speaker, controls in speakers.items())
        + ".",
        "Share of pairs of units that are new, in what a voice is conditioned on, at entropy "
        + "; ".join(_new_pairs(speaker, controls) for speaker, controls in speakers.items())
        + ". Its sound holds more new pairs, since units are not heard exactly as they are meant.",
        "Of the units that a voice is conditioned on, so many are those that its sound is encoded as: "
        + "; ".join(_agreement(speaker, controls) for speaker, controls in speakers.items())
        + ".",
        picture(result.name, "Measured against asked, a panel for each control, a line for each speaker"),
        source(result),
    ]


def _pairs(targets: Sequence[float], measured: Sequence[float]) -> str:
    return ", ".join(f"{a:g}: {number(m, 2)}" for a, m in zip(targets, measured, strict=True))


def _rates(speaker: str, controls: dict[str, Any]) -> str:
    """Names the rates that a voice is conditioned on, and those that are heard."""
    rate = controls["rate"]
    conditioned = ", ".join(number(one, 1) for one in rate["conditioned"])
    heard = ", ".join(number(rate["neutral"] * one, 1) for one in rate["measured"])
    return f"the {speaker} is conditioned on {conditioned}, and {heard} are heard"


def _new_pairs(speaker: str, controls: dict[str, Any]) -> str:
    one = controls["entropy"]
    shares = zip(one["asked"], one["conditioned"], strict=True)
    return f"{', '.join(f'{target:g}: {number(share, 2)}' for target, share in shares)} of the {speaker}"


def _agreement(speaker: str, controls: dict[str, Any]) -> str:
    rate = controls["rate"]
    shares = ", ".join(
        f"{percent(share)} at rate {targets:g}"
        for targets, share in zip(rate["asked"], rate["agreement"], strict=True)
    )
    return f"the {speaker}, {shares}"


def _verdict(speakers: dict[str, dict[str, Any]]) -> str:
    """Names what is not as asked."""
    failing = [
        f"{_CONTROLS[name][0]} of the {speaker} ({number(controls[name]['slope'], 2)})"
        for name in _CONTROLS
        if name != "entropy"
        for speaker, controls in speakers.items()
        if abs(controls[name]["slope"] - 1) > _TOLERANCE
    ]
    failing += [
        f"final contour of the {speaker} ({percent(controls['final']['share'])} right)"
        for speaker, controls in speakers.items()
        if controls["final"]["share"] < _LEAST_SHARE
    ]
    if not failing:
        return "Every slope is within 10 % of 1, and 95 % of rises and falls are told apart."
    return f"Not within 10 % of what was asked, or told apart in fewer than 95 %: {', '.join(failing)}."
