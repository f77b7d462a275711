"""Parts that the pages of voices share: bits per sample, measures beside real speech, the curve of a training."""

from typing import Any

from experiments.report.results import Result
from experiments.report.tables import (
    columns,
    number,
    percent,
    picture,
    significant,
    source,
    span,
    table,
)

MEASURES: dict[str, tuple[str, int]] = {
    "speech_share": ("share detected as speech", 2),
    "voiced_share": ("voiced share", 2),
    "f0_median_hz": ("median pitch, Hz", 0),
    "f0_low_hz": ("10th percentile of pitch, Hz", 0),
    "f0_high_hz": ("90th percentile of pitch, Hz", 0),
    "modulation_share": ("modulation share", 2),
    "ipu_seconds": ("mean IPU, s", 2),
    "pause_seconds": ("mean pause, s", 2),
    "ltas_distance_db": ("spectral distance, dB", 2),
    "loop_correlation": ("loop correlation", 2),
}
"""Measures of speech-likeness: what the pages call each, and its decimals."""

PITCH_PERCENTILES = ("f0_low_hz", "f0_high_hz")
DISTANCE_LIMIT = 1.5
"""A spectrum counts as the speaker's own up to so many times the median distance of real pieces."""
COSTS = ("units_at_most", "int8_more", "float16_more")
"""Bits that weights of lower precision and side information cost."""

EXPLAINED = {
    "share detected as speech": "share of frames that the voice activity detector takes for speech.",
    "voiced share": "share of frames that have a pitch.",
    "pitch": "median and percentiles of the fundamental frequency over voiced frames.",
    "modulation share": "share of the envelope's modulation that lies between 2 and 8 Hz, the rate of "
    "syllables.",
    "mean IPU, mean pause": "mean length of the detector's inter-pausal units, and of the silences between "
    "them.",
    "spectral distance": "distance of the long-term spectrum from that of all held-out speech of the "
    "speaker.",
    "loop correlation": "the largest correlation of the log-mel spectrogram with itself at a later time; 1 "
    "is a sound that repeats itself exactly.",
}


def accepted(measure: str, reference: dict[str, Any]) -> tuple[float | None, float]:
    """Lower and upper end of the range in which a value counts as the speaker's own; no lower end is None.

    The range is that of the reference's 5th to 95th percentile. The spectral distance has the limit
    `DISTANCE_LIMIT`, the loop correlation the 95th percentile, and neither has a lower end.
    """
    real = reference["speech"][measure]
    if measure == "ltas_distance_db":
        return None, DISTANCE_LIMIT * real["median"]
    return (None if measure == "loop_correlation" else real["low"]), real["high"]


def judged_table(judged: dict[str, Any], reference: dict[str, Any]) -> str:
    """Tabulates the measures of samples of a speaker beside the ranges of real speech.

    Args:
      judged: values of the speaker.
      reference: the real speech.
    """
    samples = len(judged["samples"])
    rows = []
    for measure, (label, digits) in MEASURES.items():
        low, high = accepted(measure, reference)
        rows.append(
            [
                label,
                number(judged["median"].get(measure), digits),
                f"{judged['within'][measure]} of {samples}",
                percent(judged["share_within"][measure]),
                f"at most {number(high, digits)}" if low is None else span((low, high), digits),
                number(reference["noise"].get(measure), digits),
            ]
        )
    without = [measure for measure in MEASURES if measure not in PITCH_PERCENTILES]
    for label, group in (
        ("all measures", list(MEASURES)),
        ("all but the pitch percentiles", without),
    ):
        within = sum(judged["within"][measure] for measure in group)
        share = sum(judged["share_within"][measure] for measure in group) / len(group)
        rows.append([label, "", f"{within} of {samples * len(group)}", percent(share), "", ""])
    return table(
        ["measure", "median", "samples within", "further samples within", "real speech", "white noise"], rows
    )


def section_on_bits(
    release: Result | None, training: Result | None, heading: str = "## Bits per sample"
) -> list[str]:
    """Tabulates bits per sample of the test split by speaker; nothing without a result.

    Args:
      release: of the voice that ships; None where there is none.
      training: of the voice, which takes its place then.
      heading: of the section.
    """
    result = training if release is None else release
    if result is None:
        return []
    rows = [
        [
            speaker,
            *(number(bits[key], 2) for key in ("unigram", "markov", "voice")),
            *(significant(bits.get(key), 2) for key in COSTS),
            number(bits["samples"]),
        ]
        for speaker, bits in result.values["test_bits" if release is None else "bits"].items()
    ]
    return [
        heading,
        columns(
            {
                "unigram": "the distribution of samples without context.",
                "first-order Markov": "the distribution of a sample given the one before.",
                "voice": "conditioned on speaker, activity and acoustic units.",
                "units, bound": "upper bound of the bits for units, pitch and level, which are side information.",
                "int8 adds, float16 adds": "bits of such weights less those of float32.",
                "samples": "of the test split.",
            }
        ),
        table(
            [
                "speaker",
                "unigram",
                "first-order Markov",
                "voice",
                "units, bound",
                "int8 adds",
                "float16 adds",
                "samples",
            ],
            rows,
        ),
        source(result),
    ]


def listed_updates(result: Result) -> str:
    """How many updates a training of one or more parts had."""
    return number(result.values["steps"][-1])


def section_on_curve(result: Result, heading: str = "## Training of the pretrained voice") -> list[str]:
    """Tabulates the parts of the training of a voice that ships, and shows its curve.

    Args:
      result: of its release.
      heading: of the section.
    """
    ends, curve = result.values["steps"], result.values["curve"]
    rows = []
    for part, (start, end) in enumerate(zip([0, *ends], ends, strict=False), 1):
        inside = [point["validation/bits"] for point in curve if start < point["step"] <= end]
        rows.append(
            [
                str(part),
                number(end - start),
                number(end),
                number(inside[-1] if inside else None, 3),
            ]
        )
    words = f"The files of the voice take {number(result.values['megabytes'], 1)} MB. It was trained in "
    if len(ends) == 1:
        words += f"one part of {number(ends[-1])} updates."
    else:
        words += (
            f"{len(ends)} parts, {number(ends[-1])} updates in all. A part starts from the voice of the part before; "
            "parts differ in what conditions the voice and in the noise on its past samples, so that bits can rise "
            "from one part to the next."
        )
    return [
        heading,
        words,
        columns(
            {
                "updates": "of the part.",
                "until": "the number of updates since the first part.",
                "validation bits": "bits per sample of the validation split at the last evaluation of the "
                "part.",
            }
        ),
        table(["part", "updates", "until", "validation bits"], rows),
        source(result),
        picture(
            f"{result.name}-curve",
            "Bits per sample of the validation split over the updates, with lines at the bits of the "
            "first-order Markov and unigram distributions.",
        ),
    ]
