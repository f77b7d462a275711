"""The page of control: what a voice does when it is asked for a prosody."""

from collections.abc import Sequence
from typing import Any

from experiments.report.results import Result, Results
from experiments.report.tables import columns, number, page, percent, picture, source, span, table

_CONTROLS = {
    "pitch": ("pitch", "semitones of the median pitch"),
    "pitch_range": ("pitch range", "factor on the spread of pitch"),
    "rate": ("rate", "factor on how fast the spectrum changes"),
    "level": ("level", "dB of the active frames"),
    "effort": ("effort", "dB per octave of the mean spectrum"),
    "entropy": ("entropy", "share of pairs of units that are new in an utterance, from neutral"),
}
_VOICES = ("babblers", "languages", "other-sounds", "russian")
_UNNAMED = "voice"  # the speaker of a voice whose speaker has no name
_TOLERANCE = 0.1
_LEAST_SHARE = 0.95
_RATES = {
    "change": "how fast the spectrum changes",
    "phones": "phones per second of speech that the ear `ru` hears",
    "units": "acoustic units per second, as the sound is encoded again",
}


def page_of_control(results: Results) -> str:
    """The page `control`."""
    parts = ["How to ask for it: [Control how a voice speaks](../howto/control.md)."]
    for voice in _VOICES:
        name = voice.replace("-", "_")
        if f"control_{name}" in results:
            parts += _section(voice, results[f"control_{name}"], results.get(f"response_{name}"))
    return page("Control: measured against asked", *parts)


def _section(voice: str, result: Result, response: Result | None) -> list[str]:
    """Tabulates each control of each speaker of a voice.

    Args:
      voice: name.
      result: what it does when it is asked.
      response: how far it follows what it is conditioned on.
    """
    values = result.values
    speakers: dict[str, dict[str, Any]] = values["speakers"]
    rows = []
    for name, (title, measure) in _CONTROLS.items():
        for speaker, controls in speakers.items():
            if name not in controls:
                continue
            one = controls[name]
            slope = "n/a" if name == "entropy" else number(one["slope"], 2)
            interval = "n/a" if name == "entropy" else span(one["interval"], 2)
            beyond = ", ".join(_pair(*pair) for pair in one.get("beyond", ())) or "n/a"
            row = [title, measure, _name(speaker), _pairs(one["asked"], one["measured"]), beyond]
            rows.append([*row, slope, interval])
    parts = [
        f"## {voice}",
        f"Each speaker of `{voice}` says the same {number(values['utterances'])} utterances of "
        f"{values['seconds']:g} s at each setting. What is measured is compared with the neutral setting, and "
        "regressed on what was asked for; a slope of 1 is as asked.",
        columns(
            {
                "asked: measured": "what was asked for, and the mean of what was measured there.",
                "beyond": "the same of values further away than the voice follows, which have no part in the slope.",
                "slope, 95 %": "of the measure on the value, of the rate that of their logarithms, with its interval "
                "by resampling utterances.",
            }
        ),
        table(["control", "measure", "speaker", "asked: measured", "beyond", "slope", "95 %"], rows, left=5),
        f"Pitch was sought from 60 to {values['highest_f0']:g} Hz.",
        source(result),
    ]
    if all("final" in controls for controls in speakers.values()):
        parts += _finals(result, speakers, values["final_semitones"])
    parts.append(_verdict(speakers, values["final_semitones"]))
    if "tempo" in values:
        parts += _rate_measures(result, speakers, values["tempo"])
    if all("conditioned" in controls.get("entropy", ()) for controls in speakers.values()):
        parts += _units(speakers)
    if response is not None:
        parts += _response(response)
    picture_title = f"Measured against asked of {voice}, a panel for each control, a line for each speaker"
    return [*parts, picture(result.name, picture_title)]


def _finals(result: Result, speakers: dict[str, dict[str, Any]], target: float) -> list[str]:
    """Tabulates the movements with which utterances end.

    Args:
      result: for its source.
      speakers: controls of each.
      target: semitones of a rise, and of a fall.
    """
    rows = []
    for speaker, controls in speakers.items():
        final = controls["final"]
        moves, medians, intervals = final["semitones"], final["medians"], final["intervals"]
        row = [f"{number(moves[name], 1)} ({span(intervals[name], 1)})" for name in ("rise", "fall")]
        row += [number(moves[name], 1) for name in ("hold", "neutral")]
        row += [number(medians[name], 1) for name in ("rise", "fall")]
        rows.append([_name(speaker), *row, percent(final["share"]), percent(final["told_apart"], 1)])
    return [
        f"Semitones over the last 0.3 s of voiced frames that are heard, where a rise of {target:g} and a fall of as "
        "much are asked for; the slope is the median of those between all pairs of frames, and frames 30 dB below the "
        "level of the utterance are not heard:",
        columns(
            {
                "rise, fall": "mean over utterances, with its 95 % interval by resampling them.",
                "hold, neutral": "mean over utterances.",
                "median rise, median fall": "median over utterances.",
                "right": "share of utterances in which the rise goes up, or the fall down, however little; 50 % is "
                "chance.",
                "told apart": "share of pairs of a rise and a fall in which the rise goes further up.",
            }
        ),
        table(
            [
                "speaker",
                "rise",
                "fall",
                "hold",
                "neutral",
                "median rise",
                "median fall",
                "right",
                "told apart",
            ],
            rows,
        ),
        source(result),
    ]


def _rate_measures(result: Result, speakers: dict[str, dict[str, Any]], tempo: dict[str, Any]) -> list[str]:
    """Tabulates the measures of the rate, beside what they give for real speech at several tempos."""
    rows = []
    for measure, words in _RATES.items():
        if measure in tempo:
            real = tempo[measure]
            pairs, slope = _pairs(tempo["tempos"], real["measured"]), number(real["slope"], 2)
            rows.append([words, f"{tempo['recordings']} recordings, by their tempo", pairs, slope])
        for speaker, controls in speakers.items():
            rate = controls["rate"]
            one = rate if measure == "change" else rate.get("others", {}).get(measure)
            if one is not None:
                pairs, slope = _pairs(one["asked"], one["measured"]), number(one["slope"], 2)
                rows.append([words, f"{_name(speaker)}, by the rate asked for", pairs, slope])
    return [
        "The rate by three measures. A measure is one of the rate if it follows the tempo of recordings of people "
        "that are played faster and slower at their own pitch (by the overlap-add of Praat; recordings that the ear "
        "has not learned from). The spectrum changes as fast as the correlation of its log-mel bands with themselves "
        "falls, to 1/e. Phones are counted of the man alone, of whose recordings the ear has learned.",
        table(["measure", "of", "value: measured", "slope"], rows, left=3),
        source(result),
        *_disagreements(speakers, tempo),
        "Units per second, in what the voice is conditioned on, and as its sound is encoded again: "
        + "; ".join(_unit_rates(speaker, controls) for speaker, controls in speakers.items())
        + ".",
    ]


def _disagreements(speakers: dict[str, dict[str, Any]], tempo: dict[str, Any]) -> list[str]:
    """Names other measures that follow the tempo of recordings, by which the rate is not as asked."""
    failing = [
        f"{words}, the rate of {_the(speaker)} ({number(other['slope'], 2)})"
        for measure, words in _RATES.items()
        if abs(tempo.get(measure, {}).get("slope", 0) - 1) <= _TOLERANCE
        for speaker, controls in speakers.items()
        if (other := controls["rate"].get("others", {}).get(measure)) is not None
        and abs(other["slope"] - 1) > _TOLERANCE
    ]
    return (
        [f"Not as asked, though the measure is one of the rate: by the {', '.join(failing)}."]
        if failing
        else []
    )


def _units(speakers: dict[str, dict[str, Any]]) -> list[str]:
    """Says how varied the units are, and how many of them are heard again."""
    return [
        "A pair of consecutive units is new where the utterance has not had it before; the share is that of different "
        "pairs among all. In what a voice is conditioned on, at entropy "
        + "; ".join(_new_pairs(speaker, controls) for speaker, controls in speakers.items())
        + ". The measure is all but saturated from 1 on, so that it says nothing of entropy above 1. In the sound the "
        "change is that of the table above.",
        "Of the units that a voice is conditioned on, so many are those that its sound is encoded as, frame by frame: "
        + "; ".join(_agreement(speaker, controls) for speaker, controls in speakers.items())
        + ". A guess among all units alike would be right in one of their number.",
        "Contours, affects, and the endings of phrases at another entropy than 1 are not measured here.",
    ]


def _response(result: Result) -> list[str]:
    """Tabulates the responses on the card of a voice."""
    speakers: dict[str, dict[str, Any]] = result.values["speakers"]
    rows = []
    for name in next(iter(speakers.values()))["controls"]:
        title = _CONTROLS[name][0] if name in _CONTROLS else "final movement, semitones"
        for speaker, one in speakers.items():
            points, response = one["controls"][name], number(one["response"][name], 2)
            if name == "final":
                response += f", and {one['response']['hold']:+.1f} semitones of themselves"
            pairs = sorted(zip(points["conditioned"], points["measured"], strict=True))
            rows.append([title, _name(speaker), ", ".join(_pair(*pair) for pair in pairs), response])
    return [
        "All this is with the response in force that stands on the card of the voice: what is asked for is divided by "
        f"it. It was measured before, of {number(result.values['utterances'])} other utterances. Without it, the voice "
        "is conditioned on what is asked for, and follows as far:",
        table(["control", "speaker", "conditioned: measured", "response"], rows, left=4),
        source(result),
    ]


def _name(speaker: str) -> str:
    return "its speaker" if speaker == _UNNAMED else speaker


def _pair(target: float, measured: float) -> str:
    return f"{target:g}: {number(measured, 2)}"


def _pairs(targets: Sequence[float], measured: Sequence[float]) -> str:
    return ", ".join(map(_pair, targets, measured))


def _unit_rates(speaker: str, controls: dict[str, Any]) -> str:
    """Names the rates of units that a voice is conditioned on, and those that are heard."""
    units = controls["rate"]["others"]["units"]
    conditioned = ", ".join(number(one, 1) for one in units["conditioned"])
    encoded = ", ".join(number(units["neutral"] * one, 1) for one in units["measured"])
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
        f"{_CONTROLS[name][0]} of {_the(speaker)} ({number(controls[name]['slope'], 2)})"
        for name in _CONTROLS
        if name != "entropy"
        for speaker, controls in speakers.items()
        if name in controls and abs(controls[name]["slope"] - 1) > _TOLERANCE
    ]
    finals = {speaker: controls["final"] for speaker, controls in speakers.items() if "final" in controls}
    failing += [
        f"final contour of {_the(speaker)} ({percent(final['share'])} right)"
        for speaker, final in finals.items()
        if final["share"] < _LEAST_SHARE
    ]
    for name, sign in (("rise", 1), ("fall", -1)):
        failing += [
            f"final {name} of {_the(speaker)} ({final['semitones'][name]:+.1f} semitones of {sign * target:+g})"
            for speaker, final in finals.items()
            if abs(final["semitones"][name] / (sign * target) - 1) > _TOLERANCE
        ]
    if failing:
        limit = ", or right in fewer than 95 %" if finals else ""
        return f"Not within 10 % of the value{limit}: {', '.join(failing)}."
    ends = (
        ", 95 % of rises and falls go where they are asked to, and their size is within 10 %"
        if finals
        else ""
    )
    return f"Every slope is within 10 % of 1{ends}."


def _the(speaker: str) -> str:
    return _name(speaker) if speaker == _UNNAMED else f"the {speaker}"
