"""The sections on curves of the page of ears: errors by minutes of speech, by look-ahead and by vocal tract."""

from typing import Any

from experiments.report.results import Result
from experiments.report.tables import number, picture, source, span, table


def section_on_minutes(result: Result | None) -> list[str]:
    """Tabulates the errors by minutes of training speech; nothing without a result."""
    if result is None:
        return []
    rows = [
        [
            number(row["minutes_of_training_speech"], 1),
            number(row["passes"], 1),
            _rate(row),
        ]
        for row in result.rows
    ]
    return [
        "## Minutes of speech",
        f"Ears that hear a recording as a whole, trained in {number(result.values['updates'])} updates each: the fewer "
        f"minutes, the more passes. {_scored(result)}",
        table(["minutes", "passes", "errors in a hundred phones"], rows),
        source(result),
        picture(result.name, "Errors in a hundred phones by minutes of training speech, with 95 % intervals"),
    ]


def section_on_look_ahead(result: Result | None) -> list[str]:
    """Tabulates the errors by look-ahead; nothing without a result."""
    if result is None:
        return []
    rows = [
        [number(row["value"]), number(1000 * row["latency"]), number(row["parameters"] / 1e6, 2), _rate(row)]
        for row in result.rows
    ]
    return [
        "## Look-ahead",
        f"Ears that hear while the sound comes, trained in {number(result.values['updates'])} updates each. The "
        "latency is from the middle of a step of 20 ms to the end of the audio that it is heard with, half a transform "
        f"of the features included. {_scored(result)}",
        table(
            ["look-ahead, ms", "latency, ms", "million parameters", "errors in a hundred phones"],
            rows,
        ),
        source(result),
        picture(result.name, "Errors in a hundred phones by look-ahead in ms, with 95 % intervals"),
    ]


def section_on_warps(result: Result | None) -> list[str]:
    """Tabulates the errors in warped speech of ears that were trained on warped speech; nothing without a result."""
    if result is None:
        return []
    return [
        "## Other vocal tracts",
        "Errors in a hundred phones of the test utterances, whose spectrum is warped by a factor: below 1 formants and "
        "pitch lie higher, as of a shorter vocal tract. Each ear was trained in "
        f"{number(result.values['updates'])} updates on spectra that were warped by up to so much (`--warp`). "
        f"{_scored(result)}",
        _by_change(result, "warp of the training"),
        source(result),
        picture(
            result.name,
            "Errors in a hundred phones by the factor of the warp, a line for each warp of the training",
        ),
    ]


def section_on_channels(result: Result | None) -> list[str]:
    """Tabulates the errors in tilted spectra of ears that were trained on equalized ones; nothing without a result."""
    if result is None:
        return []
    return [
        "## Other channels",
        "Errors in a hundred phones of the test utterances, whose spectrum is tilted by so many dB from the lowest to "
        "the highest band, as by another microphone. Each ear was trained in "
        f"{number(result.values['updates'])} updates on spectra to which curves of so many dB were added "
        f"(`--equalize`). {_scored(result)}",
        _by_change(result, "curve of the training, dB"),
        source(result),
        picture(
            result.name, "Errors in a hundred phones by the tilt in dB, a line for each curve of the training"
        ),
    ]


def _by_change(result: Result, title: str) -> str:
    rows = [[f"{row['value']:g}", *map(_rate, row["changed"])] for row in result.rows]
    return table([title, *(f"{change:g}" for change in result.values["changes"])], rows)


def _scored(result: Result) -> str:
    return (
        f"Heard by the best path, {number(result.rows[0]['test_utterances'])} utterances that are held out; 95 % "
        "bootstrap intervals over utterances."
    )


def _rate(one: dict[str, Any]) -> str:
    return f"{number(100 * one['rate'], 1)} ({span((100 * one['low'], 100 * one['high']), 1)})"
