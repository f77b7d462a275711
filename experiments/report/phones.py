"""The page of phones: whether their measures tell words from none."""

from experiments.report.results import Results
from experiments.report.tables import columns, number, page, source, span, table

KINDS = {
    "held_out": "held-out sentences",
    "ngram": "drawn from the n-gram",
    "shuffled": "held-out phones, shuffled",
    "loop": "beginnings of held-out sentences, eight times",
    "training": "training sentences",
}
_MEASURES = {
    "phone_rate": 1,
    "phone_entropy": 2,
    "bigram_entropy": 2,
    "bigram_entropy_chance": 2,
    "ngram_distance": 2,
    "longest_run": 0,
    "longest_run_high": 0,
}
"""Measures that the table shows, and their decimals."""


def page_of_phones(results: Results) -> str:
    """The page `phones`."""
    result = results["phone_measures"]
    values = result.values
    rows = [
        [
            text,
            *(
                # what is drawn has no durations of its own
                number(None) if (kind, name) == ("ngram", "phone_rate") else _cell(own[name], digits)
                for own in [values["measures"][kind]]
                for name, digits in _MEASURES.items()
            ),
        ]
        for kind, text in KINDS.items()
    ]
    return page(
        "Phones and words",
        "`babble judge --ear` measures [the phones of a sound](../howto/hear-phones.md#does-babble-mean-something). "
        "Here the phones are those of labels, so that no ear mishears: read Russian of one man, in "
        f"{values['pieces']} pieces of 10 s or a little more. The n-gram has the order {values['order']}; it was "
        f"fitted on {number(values['training_utterances'])} other sentences with "
        f"{number(values['training_phones'])} phones, which are the training text.",
        columns(
            {
                "phone_rate": "phones in a second of speech.",
                "phone_entropy, bigram_entropy": "bits of a phone, and of a phone after the one before; chance: of "
                "strings of as many phones that the n-gram draws, mean.",
                "ngram_distance": "cross-entropy minus entropy under the n-gram, bits.",
                "longest_run": "phones of the longest run that stands in the training text; chance: 95th percentile of "
                "20 drawn strings.",
            }
        ),
        "Medians, and the 5th to the 95th percentile of the pieces:",
        table(["", *(_title(name) for name in _MEASURES)], rows),
        source(result),
        "Sentences that nobody has trained on have longer runs than chance, since they hold words of the language; "
        "what the n-gram draws has none, and the sequences of the language all the same. Shuffled phones are no "
        "sequences of the language, and a loop shows in its bigrams. A training sentence gives itself away.",
    )


def _title(name: str) -> str:
    return {"bigram_entropy_chance": "by chance", "longest_run_high": "by chance"}.get(name, f"`{name}`")


def _cell(quantiles: list[float], digits: int) -> str:
    low, median, high = quantiles
    return f"{number(median, digits)} ({span((low, high), digits)})"
