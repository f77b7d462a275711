"""The section on sounds that a classifier tells apart, of the page of voices."""

from collections.abc import Mapping, Sequence

from experiments.report.results import Results
from experiments.report.tables import columns, listed, number, percent, source, table

_NAME = "classify_sounds"


def section_of_classification(results: Results, titles: Mapping[str, str]) -> list[str]:
    """Tabulates what each kind and each source was taken for; nothing where the result is not there.

    Args:
      results: all of them.
      titles: what the page calls each measure.
    """
    if _NAME not in results:
        return []
    values = results[_NAME].values
    kinds, counts = values["kinds"], values["confusion"]
    names, right = list(kinds), sum(row[i] for i, row in enumerate(counts))
    measures, total = listed([titles[name] for name in values["measures"]]), sum(map(sum, counts))
    by_kind = sum_by_kind(counts, [*kinds.values()])
    rows = []
    for i, name in enumerate(names):
        other = max((one for one in names if one != name), key=lambda one: counts[i][names.index(one)])
        taken = counts[i][names.index(other)]
        own = sum(count for one, count in zip(names, counts[i], strict=True) if kinds[one] == kinds[name])
        rows.append(
            [
                name,
                kinds[name],
                number(values["speech_share"][name], 2),
                percent(values["called_speech"][name]),
                percent(counts[i][i] / sum(counts[i])),
                percent(own / sum(counts[i])),
                f"{other} ({number(taken)})" if taken else "",
            ]
        )
    return [
        "## Told apart",
        f"A stand-in for a listener: a linear discriminant that knows of each piece its {measures}, fitted on other "
        f"pieces than those that it is asked about. Of {number(total)} pieces of {number(len(names))} sources it names "
        f"the source of {number(right)} ({percent(right / total)}; by chance {percent(1 / len(names))}), and the kind "
        f"of {percent(sum(by_kind[kind][kind] for kind in by_kind) / total)}. Pieces of each kind, in the rows, by the "
        "kind that they were taken for:",
        table(
            ["kind", "pieces", *by_kind],
            [
                [kind, number(sum(row.values())), *(number(row[one]) if row[one] else "" for one in by_kind)]
                for kind, row in by_kind.items()
            ],
        ),
        source(results[_NAME]),
        columns(
            {
                "detected": "median share of a piece that the detector takes for speech.",
                "called speech": "share of the pieces of which the detector takes half or more for speech.",
                "source right, kind right": "share of the pieces of the source that the discriminant is right about.",
                "else mostly": "the other source that most pieces were taken for, and how many.",
            }
        ),
        table(
            ["source", "kind", "detected", "called speech", "source right", "kind right", "else mostly"], rows
        ),
        source(results[_NAME]),
    ]


def sum_by_kind(counts: Sequence[Sequence[int]], kinds: Sequence[str]) -> dict[str, dict[str, int]]:
    """Sums a confusion of sources to one of their kinds.

    Args:
      counts: [K, K] pieces of the source of the row that were taken for that of the column.
      kinds: [K] of the sources.

    Returns:
      For each kind, in order of appearance, the pieces by the kind that they were taken for.
    """
    names = dict.fromkeys(kinds)
    sums = {one: dict.fromkeys(names, 0) for one in names}
    for kind, row in zip(kinds, counts, strict=True):
        for other, count in zip(kinds, row, strict=True):
            sums[kind][other] += count
    return sums
