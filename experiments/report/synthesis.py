"""The sections on Tacotron and Tacotron 2: how they say held-out pieces, and how they read long sentences."""

from typing import Any

from experiments.report.results import Result
from experiments.report.tables import columns, number, percent, picture, source, span, table, with_error

_WAYS = {
    "recording": "recording",
    "copy": "Griffin-Lim, from true mel",
    "with_prosody": "spoken with the recording's prosody",
    "phones_alone": "spoken from phones alone",
    "mean_frame": "the mean frame all along",
    "median": "the median pitch all along",
}
_CHANNELS = {"log_duration": ("durations", "ms"), "f0": ("pitch", "semitones"), "level": ("level", "dB")}


def section_on_tacotron(result: Result | None, title: str) -> list[str]:
    """Tabulates how a model from phones to spectrograms speaks; nothing without a result."""
    if result is None:
        return []
    values = result.values
    test: dict[str, Any] = values["test"]
    ends = test["ends"]
    labels = (
        ""
        if ends is None
        else (
            f" With the true frames as the last ones, the attention ends half of the phones within "
            f"{number(ends['median_ms'], 1)} ms of the labels, and {percent(ends['within_50_ms'], 1)} within 50 ms."
        )
    )
    return [
        f"## {title}",
        f"{number(values['parameters'] / 1e6, 2)} million parameters, {number(values['bytes'] / 1e6, 1)} MB, trained "
        f"in {number(values['updates'])} updates on {number(values['minutes_of_training_speech'], 1)} min of speech "
        f"({number(values['passes'], 1)} passes). {number(test['pieces'])} held-out pieces with "
        f"{number(test['phones'])} phones. A second of mel takes "
        f"{number(test['processor_seconds_per_second'], 3)} processor seconds.{labels}",
        columns(
            {
                "distortion": "mel-cepstral, in dB, along the best alignment with the recording, with the standard "
                "error over pieces.",
                "pitch": "root mean square in semitones where both are voiced.",
                "voicing": "share of the frames in which one alone is voiced.",
                "errors": "in the phones that the ear hears, beside those that were to be said, with a 95 % interval "
                "over pieces; then points above those in the recordings.",
            }
        ),
        table(["", "distortion", "length", "pitch", "voicing", "errors"], _rows(test)),
        source(result),
        *_prosody(result),
        "### Long sentences",
        "Pieces are joined to sentences of up to so many times the longest piece of the training. A phone is skipped "
        "if it never has a quarter of the attention; repeated is each jump back.",
        table(
            ["times", "seconds", "sentences", "skipped of 100 phones", "repeated", "ended by itself"],
            [
                [
                    times,
                    number(row["mean_seconds"], 1),
                    number(row["sentences"]),
                    number(row["skipped_of_100_phones"], 2),
                    number(row["repeated_of_100_phones"], 2),
                    percent(row["ended"]),
                ]
                for times, row in values["reading"].items()
            ],
        ),
        source(result),
        picture(
            f"{result.name}-attentions", "Attention over the phones in six held-out pieces, spoken freely"
        ),
    ]


def _rows(test: dict[str, Any]) -> list[list[str]]:
    spectra, pitch = test["spectra"], test["pitch"]
    errors = test.get("phone_errors", {}).get("unfolded", {})
    rows = []
    for name, title in _WAYS.items():
        if not any(name in part for part in (spectra, pitch, errors)):
            continue
        spectrum, tone, phones = spectra.get(name), pitch.get(name), errors.get(name)
        rows.append(
            [
                title,
                _with_error(spectrum, "cepstral_distortion_db"),
                number(None if spectrum is None else spectrum["length"], 2),
                _with_error(tone, "error_semitones"),
                percent(None if tone is None else tone["voicing"], 1),
                _errors(phones),
            ]
        )
    return rows


def _with_error(row: dict[str, float | None] | None, name: str) -> str:
    return number(None) if row is None else with_error(row[name], row[f"{name}_standard_error"], 2)


def _errors(row: dict[str, Any] | None) -> str:
    if row is None:
        return number(None)
    above = 100 * row["above_recording"]["rate"]
    points = f"; {number(above, 1)}" if above else ""
    return f"{percent(row['rate'], 1)} ({span((100 * row['low'], 100 * row['high']), 1)}){points}"


def _prosody(result: Result) -> list[str]:
    """Tabulates what was asked for beside what was measured; nothing for a model that is told no prosody."""
    prosody: dict[str, Any] | None = result.values["test"].get("prosody")
    if not prosody:
        return []
    return [
        "### Prosody that is asked for",
        "Measured in the sound, whose phones the ear aligns, beside what was asked for: correlation, slope, and the "
        "median of the absolute differences. The recording's own row shows the error of the measurement.",
        table(
            ["", *(f"{title}, {unit}" for title, unit in _CHANNELS.values())],
            [
                [
                    _WAYS[name],
                    *(
                        _compared(prosody[name].get(channel), unit)
                        for channel, (_, unit) in _CHANNELS.items()
                    ),
                ]
                for name in _WAYS
                if name in prosody
            ],
        ),
        source(result),
    ]


def _compared(row: dict[str, float] | None, unit: str) -> str:
    if row is None or "slope" not in row:
        return number(None)
    return f"{number(row['correlation'], 2)}, {number(row['slope'], 2)}, {number(row[f'median_error_{unit}'], 1)}"
