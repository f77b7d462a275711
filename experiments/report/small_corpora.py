"""The page of small corpora: held-out scores of small parts of a corpus, alone, as a preset has them and shrunk."""

from typing import Any

from experiments.report.results import Results
from experiments.report.tables import columns, number, page, percent, picture, source, table

PARTS = {
    "offsets ipu": ("Offsets between IPUs", "offset", 3),
    "offsets turn": ("Offsets between turns", "offset", 3),
    "floor": ("Floor", "minute", 2),
}
MODELS = {"alone": "alone", "preset": "preset", "shrunk": "shrunk"}


def page_of_small_corpora(results: Results) -> str:
    """The page `small-corpora`."""
    result = results["maptask_small_corpora"]
    values = result.values
    parts = [
        f"Small parts of Map Task are fitted in three ways and scored on the dialogues of {number(4)} of its "
        f"{number(values['groups'])} quads, which share no people with them: `alone`; by the preset "
        f"`{values['prior']}` as it is; and shrunk towards it (partial pooling). The constants of the shrinkage "
        f"were measured on the other corpora, but its steps were settled after scores of a few draws on Map Task had "
        f"been seen. There are {number(values['draws'])} draws of which quads are held out and which dialogues are "
        "the small corpus. A floor is fitted alone where there are 500 floor transfers.",
        columns(
            {
                "alone, preset, shrunk": "mean held-out log-likelihood, nats.",
                "gain over": "of the shrunk model: mean, and its 95 % interval over quads, which are resampled.",
                "median": "of the gain over draws and held-out quads; a mean of `alone` is ruled by its worst draws.",
                "above 0": "share of draws and held-out quads in which the gain is above 0.",
            }
        ),
        picture(
            "maptask_small_corpora",
            "Gain of the shrunk model over the fit alone and over the preset, by the number of conversations, with "
            "95 % intervals over quads; a panel for the offsets at each level and one for the floor.",
        ),
    ]
    for part, (title, unit, digits) in PARTS.items():
        parts += [
            f"## {title}",
            f"Nats per {unit}. The fit alone takes the best by AIC of the logistic, the Student-t and the Johnson-SU "
            "distribution."
            if unit == "offset"
            else f"Nats per {unit} of the times and kinds of all inter-pausal units.",
            _scores(values["gains"][part], digits),
            source(result),
        ]
    return page("Small corpora, shrunk towards a preset", *parts)


def _scores(entries: list[dict[str, Any]], digits: int) -> str:
    rows = []
    for entry in entries:
        row = [number(entry["conversations"])]
        row += [number(entry["nats"].get(model), digits) for model in MODELS]
        for model in ("alone", "preset"):
            gain = entry["gain"].get(model)
            if gain is None:
                row += [number(None, digits)] * 4
                continue
            row += [
                number(gain["value"], digits),
                f"{number(gain['low'], digits)} to {number(gain['high'], digits)}",
                number(gain["median"], digits),
                percent(gain["share_above_zero"]),
            ]
        rows.append(row)
    header = ["conversations", *MODELS.values()]
    for model in ("alone", "preset"):
        header += [f"gain over {model}", "interval", "median", "above 0"]
    return table(header, rows)
