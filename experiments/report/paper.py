"""The page of the paper's comparisons: models, lengths, quantizers and options at small scale."""

from typing import Any

from experiments.report.results import Result, Results
from experiments.report.tables import bold, columns, number, page, picture, source, table

SOURCES = {"festvox-ru": "speech (festvox-ru)", "quartets": "piano music (string quartets)"}

TABLES = {
    "models": (
        "Models",
        "SampleRNN of three and two tiers, a sample-level RNN and WaveNet, at about equal parameters.",
    ),
    "lengths": (
        "Truncated back-propagation",
        "A row is the number of samples that the gradient goes back through; each update has equally many "
        "samples.",
    ),
    "options": (
        "Options of SampleRNN",
        "Each row changes one option of three tiers of one GRU layer, at about equal parameters.",
    ),
    "quantizers": (
        "Quantization",
        "Bits per sample of different quantizers do not compare. Bits per amplitude do: bits plus the mean "
        "binary logarithm of the width of a quantization bin. They are densities, which may be below 0.",
    ),
}
"""By the second part of a result's name: title, and one line on the rows."""


def verdict(row: dict[str, Any], base: dict[str, Any], key: str = "bits") -> str:
    """Whether a row has fewer or more bits than the base row, or ties with it.

    Two rows tie where they differ by no more than the greater distance of their seeds; without two seeds
    there is no verdict.

    Args:
      row: of a table.
      base: the first row of the same table.
      key: of the bits to compare.
    """
    distances = [one["spread"] for one in (row, base) if one["spread"] is not None]
    if row is base or len(distances) < 2:
        return ""
    difference = row[key] - base[key]
    if abs(difference) <= max(distances):
        return "tie"
    return "fewer" if difference < 0 else "more"


def page_of_paper(results: Results) -> str:
    """The page `paper`."""
    shown = [result for result in results.values() if result.entry.page == "paper"]
    samples = sorted({result.values["training_samples"] for result in shown})
    seeds = sorted({len(row["runs"]) for result in shown for row in result.values["rows"].values()})
    parts = [
        "The comparisons of [Mehri et al. 2017](https://arxiv.org/abs/1612.07837), section 3, at small "
        f"scale: every row is trained on {' or '.join(number(count) for count in samples)} samples, with "
        f"{' or '.join(number(count) for count in seeds)} seeds. Fewer bits are better; the best row is "
        "bold.",
        columns(
            {
                "bits per sample": "of the test split, mean over seeds.",
                "distance of seeds": "the largest less the smallest bits of the seeds.",
                "difference": "to the bits of the first row.",
                "verdict": "fewer or more bits than the first row; a tie where the difference is no larger "
                "than the greater distance of seeds of the two rows.",
                "below Markov": "bits of a first-order Markov distribution less those of the row.",
                "parameters": "of the model.",
                "minutes": "of the fastest training of the row; other work on the machine slows a training "
                "down.",
            }
        ),
        "The data set of piano music needs `pip install music21` and `pip install --no-deps tinysoundfont`.",
    ]
    for kind, (title, line) in TABLES.items():
        parts += [f"## {title}", line]
        for name in (f"paper_{kind}", f"paper_{kind}_music"):
            parts += _table(results[name], kind)
    return page("Comparisons of Mehri et al. 2017", *parts)


def _table(result: Result, kind: str) -> list[str]:
    rows, key = result.values["rows"], "bits_per_amplitude" if kind == "quantizers" else "bits"
    base, best = next(iter(rows.values())), min(row[key] for row in rows.values())
    label = SOURCES.get(result.values["source"], result.values["source"])
    lines = [
        [
            name,
            *([bold(number(row[key], 3), row[key] == best)] if key != "bits" else []),
            bold(number(row["bits"], 3), key == "bits" and row["bits"] == best),
            number(row["spread"], 3),
            "" if row is base else number(row[key] - base[key], 3),
            verdict(row, base, key),
            number(row["below_markov"], 3),
            number(row["parameters"]),
            number(row["minutes"], 1),
        ]
        for name, row in rows.items()
    ]
    header = ["bits per sample", "distance of seeds", "difference", "verdict"]
    header += ["below Markov", "parameters", "minutes"]
    if key != "bits":
        header = ["bits per amplitude", *header]
    simple = next(iter(base["runs"].values()))
    return [
        f"### {title_of(kind)} on {label}",
        table(["row", *header], lines),
        f"A unigram distribution of the first row's samples has {number(simple['unigram'], 3)} bits per "
        f"sample, a first-order Markov distribution {number(simple['markov'], 3)}. "
        f"{number(simple['samples'])} samples of the test split are scored.",
        source(result),
        picture(
            result.name,
            f"{title_of(kind)} on {label}: bits per sample of the test split, a point per seed, a line per "
            "row.",
        ),
    ]


def title_of(kind: str) -> str:
    """Title of a kind of table."""
    return TABLES[kind][0]
