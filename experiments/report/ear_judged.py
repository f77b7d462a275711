"""The section of the page of ears on what an ear hears in babble, beside speech and noise."""

from experiments.report.results import Result
from experiments.report.tables import columns, number, source, span, table

KINDS = {"speech": "speech, held out", "noise": "white noise"}
_MEASURES = {
    "phone_rate": 1,
    "phone_entropy": 2,
    "bigram_entropy": 2,
    "ngram_distance": 2,
    "confidence": 2,
    "longest_run": 0,
    "longest_run_high": 0,
}
"""Measures that the table shows, and their decimals."""


def section_on_babble(result: Result | None) -> list[str]:
    """Tabulates the measures of phones of what was heard; nothing without a result."""
    if result is None:
        return []
    measures = result.values["measures"]
    rows = [
        [
            KINDS.get(kind, kind),
            number(one["sounds"]),
            *(_cell(one[name], digits) for name, digits in _MEASURES.items()),
        ]
        for kind, one in measures.items()
    ]
    return [
        "## Babble",
        f"What the ear `{result.values['ear']}` hears in sounds of 10 s, by the best path: medians, and the 5th to the "
        "95th percentile of the sounds. It was trained on speech of the same man, and hears its phones in everything.",
        columns(
            {
                "phone_rate": "phones in a second of speech.",
                "phone_entropy, bigram_entropy": "bits of a phone, and of a phone after the one before.",
                "ngram_distance": "cross-entropy minus entropy under the n-gram of the language, bits.",
                "confidence": "mean probability of the phones.",
                "longest_run": "phones of the longest run that stands in the training text; chance: 95th percentile of "
                "20 strings that the n-gram draws.",
            }
        ),
        table(
            [
                "",
                "sounds",
                *("by chance" if name == "longest_run_high" else f"`{name}`" for name in _MEASURES),
            ],
            rows,
        ),
        source(result),
    ]


def _cell(quantiles: list[float] | None, digits: int) -> str:
    if quantiles is None:
        return number(None)
    low, median, high = quantiles
    return f"{number(median, digits)} ({span((low, high), digits)})"
