"""The page of the voice of other sounds: bits per sample, its measures beside its recordings, its training."""

from typing import Any

from experiments.report.results import Result, Results
from experiments.report.tables import (
    columns,
    number,
    page,
    percent,
    picture,
    significant,
    source,
    span,
    table,
)
from experiments.report.voice_sections import section_on_bits, section_on_curve

_MEASURES: dict[str, tuple[str, int]] = {
    "sound_share": ("share of sound", 2),
    "stretch_seconds": ("mean stretch of sound, s", 2),
    "pause_seconds": ("mean pause, s", 2),
    "modulation_share": ("modulation share", 2),
    "voiced_share": ("voiced share", 2),
    "loud_db": ("level of loud frames, dB of full scale", 1),
    "f0_low_hz": ("10th percentile of pitch, Hz", 0),
    "f0_median_hz": ("median pitch, Hz", 0),
    "f0_high_hz": ("90th percentile of pitch, Hz", 0),
    "centroid_hz": ("spectral centroid, Hz", 0),
    "flatness": ("spectral flatness", 3),
    "ltas_distance_db": ("spectral distance, dB", 2),
    "loop_correlation": ("loop correlation", 2),
}
"""What the page calls each measure, and its decimals."""


def page_of_other_sounds(results: Results) -> str:
    """The page `other-sounds`."""
    release = results.get("other_sounds_release")
    return page(
        "Sounds other than speech",
        "8-bit sounds, four singers, two instruments, a robot and animals in one voice. The robot, silent for most of "
        "the time, was left out of the voice `other-sounds`. How to make them: "
        "[Sounds other than speech](../howto/other-sounds.md).",
        *section_on_bits(release, results.get("voice_other_sounds")),
        *_judged(results.get("other_sounds_judged")),
        *([] if release is None else section_on_curve(release)),
    )


def _judged(result: Result | None) -> list[str]:
    """Tabulates the measures of each speaker beside its recordings; nothing without a result."""
    if result is None:
        return []
    temperature = significant(result.values["temperature"], 2)
    parts = [
        "## Beside the recordings",
        f"Samples of 10 s at a temperature of {temperature}, beside held-out recordings of the same sounds. When there "
        "is sound is told by its energy, pitch is sought from 60 to 1,000 Hz.",
        columns(
            {
                "median": "of the samples.",
                "samples within": "how many lie in the range of the recordings.",
                "further samples within": "the same for samples of another seed, as a share.",
                "recordings": "the range: 5th to 95th percentile of pieces; for the spectral distance at most 1.5 "
                "times their median, for the loop correlation at most their 95th percentile.",
                "others within": "share of recordings of the other speakers that lie in that range.",
                "white noise": "median of pieces of white noise.",
                "level of loud frames": "95th percentile over frames of 10 ms; a voice that has lost its way is "
                "far louder than its recordings.",
                "spectral flatness": "mean over what is not silent; hiss makes it larger.",
            }
        ),
    ]
    for speaker, judged in result.values["judged"].items():
        parts += [
            f"### {speaker.capitalize()}",
            _judged_table(judged),
            source(result),
            picture(
                f"{result.name}-{speaker}", f"{speaker}: waveform and spectrogram of a sample of the voice"
            ),
            picture(
                f"{result.name}-{speaker}-recording",
                f"{speaker}: waveform and spectrogram of a recording that was held out",
            ),
        ]
    return parts


def _judged_table(judged: dict[str, Any]) -> str:
    samples, bounds = len(judged["samples"]), judged["recordings"]["bounds"]
    names = [name for name in _MEASURES if name in bounds]
    rows = []
    for name in names:
        label, digits = _MEASURES[name]
        low, high = bounds[name]
        rows.append(
            [
                label,
                number(judged["median"].get(name), digits),
                f"{judged['within'][name]} of {samples}",
                percent(judged["share_within"][name]),
                f"at most {number(high, digits)}" if low is None else span((low, high), digits),
                percent(judged["others_within"][name]),
                number(judged["noise"].get(name), digits),
            ]
        )
    within = sum(judged["within"][name] for name in names)
    means = [
        sum(judged[key][name] for name in names) / len(names) for key in ("share_within", "others_within")
    ]
    rows.append(
        [
            "all measures",
            "",
            f"{within} of {samples * len(names)}",
            percent(means[0]),
            "",
            percent(means[1]),
            "",
        ]
    )
    return table(
        [
            "measure",
            "median",
            "samples within",
            "further samples within",
            "recordings",
            "others within",
            "white noise",
        ],
        rows,
    )
