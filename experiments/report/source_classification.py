"""The section on sounds that a classifier tells apart, of the page of voices."""

from collections.abc import Mapping

from experiments.report.results import Results
from experiments.report.tables import columns, listed, number, percent, source, table

_NAME = "classify_sounds"


def section_of_classification(results: Results, titles: Mapping[str, str]) -> list[str]:
    """Tabulates what each source was taken for; nothing where the result is not there.

    Args:
      results: all of them.
      titles: what the page calls each measure.
    """
    if _NAME not in results:
        return []
    values = results[_NAME].values
    names, counts = values["names"], values["confusion"]
    numbers = [number(i + 1) for i in range(len(names))]
    right = sum(row[i] for i, row in enumerate(counts))
    rows = [
        [
            f"{numbers[i]} {name}",
            number(values["speech_share"][name], 2),
            percent(values["called_speech"][name]),
            *(number(count) if count else "" for count in counts[i]),
        ]
        for i, name in enumerate(names)
    ]
    measures = listed([titles[name] for name in values["measures"]])
    total = sum(map(sum, counts))
    return [
        "## Told apart",
        f"A stand-in for a listener: a linear discriminant that knows of each piece its {measures}, fitted on other "
        f"pieces than those that it is asked about. It is right for {number(right)} of {number(total)} pieces "
        f"({percent(right / total)}; by chance {percent(1 / len(names))}).",
        columns(
            {
                "detected": "median share of a piece that the detector takes for speech.",
                "called speech": "share of the pieces of which the detector takes half or more for speech.",
                f"1 to {numbers[-1]}": "how many pieces of the row were taken for that source.",
            }
        ),
        table(["source", "detected", "called speech", *numbers], rows),
        source(results[_NAME]),
    ]
