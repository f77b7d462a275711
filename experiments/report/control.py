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
    "entropy": ("entropy", "share of pairs of units that are new in an utterance, from neutral"),
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
        medians = controls["final"]["medians"]
        row = [number(moves[final], 1) for final in ("rise", "hold", "fall", "neutral")]
        row += [number(medians[final], 1) for final in ("rise", "fall")]
        finals.append([speaker, *row, percent(controls["final"]["share"])])
    target = values["final_semitones"]
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
        f"Pitch was sought from 60 to {values['highest_f0']:g} Hz.",
        source(result),
        f"Semitones over the last 0.3 s of voiced frames, by a straight line, where a rise of {target:g} and a fall of "
        "as much are asked for:",
        columns(
            {
                "rise, hold, fall, neutral": "mean over utterances.",
                "median rise, median fall": "median over utterances.",
                "right": "share of utterances in which the rise goes up, or the fall down, however little; 50 % is "
                "chance.",
            }
        ),
        table(["speaker", "rise", "hold", "fall", "neutral", "median rise", "median fall", "right"], finals),
        source(result),
        _verdict(speakers, target),
        "Units per second, in what the voice is conditioned on, and as its sound is encoded again: "
        + "; ".join(_rates(speaker, controls) for speaker, controls in speakers.items())
        + ".",
        "A pair of consecutive units is new where the utterance has not had it before; the share is that of different "
        "pairs among all. In what a voice is conditioned on, at entropy "
        + "; ".join(_new_pairs(speaker, controls) for speaker, controls in speakers.items())
        + ". The measure is all but saturated from 1 on, so that it says nothing of entropy above 1. In the sound the "
        "change is that of the table above.",
        "Of the units that a voice is conditioned on, so many are those that its sound is encoded as, frame by frame: "
        + "; ".join(_agreement(speaker, controls) for speaker, controls in speakers.items())
        + ". A guess among all units alike would be right in one of their number.",
        "Contours, affects, and the endings of phrases at another entropy than 1 are not measured here.",
        picture(result.name, "Measured against asked, a panel for each control, a line for each speaker"),
    ]


def _pairs(targets: Sequence[float], measured: Sequence[float]) -> str:
    return ", ".join(f"{a:g}: {number(m, 2)}" for a, m in zip(targets, measured, strict=True))


def _rates(speaker: str, controls: dict[str, Any]) -> str:
    """Names the rates that a voice is conditioned on, and those that are heard."""
    rate = controls["rate"]
    conditioned = ", ".join(number(one, 1) for one in rate["conditioned"])
    encoded = ", ".join(number(rate["neutral"] * one, 1) for one in rate["measured"])
    return f"the {speaker} is conditioned on {conditioned}, and {encoded} are heard"


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


def _verdict(speakers: dict[str, dict[str, Any]], target: float) -> str:
    """Names what is not as asked.

    Args:
      speakers: controls of each.
      target: semitones of a final rise, and of a fall.
    """
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
    for final, sign in (("rise", 1), ("fall", -1)):
        failing += [
            f"final {final} of the {speaker} ({controls['final']['semitones'][final]:+.1f} semitones of "
            f"{sign * target:+g})"
            for speaker, controls in speakers.items()
            if abs(controls["final"]["semitones"][final] / (sign * target) - 1) > _TOLERANCE
        ]
    if not failing:
        return "Every slope is within 10 % of 1, 95 % of rises and falls are told apart, and their size is within 10 %."
    return f"Not within 10 % of the value, or told apart in fewer than 95 %: {', '.join(failing)}."
