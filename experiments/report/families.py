"""The page of families of distributions: log-likelihoods of held-out offsets on three corpora."""

from typing import Any

from experiments.report.names import CORPORA, FAMILIES, shown
from experiments.report.results import LEVELS, Result, Results
from experiments.report.tables import (
    bold,
    columns,
    listed,
    number,
    page,
    percent,
    picture,
    source,
    span,
    table,
)

NAMES = ("switchboard_families", "maptask_families", "ami_families")
TAILS = {"below_minus_1s": "below -1 s", "above_1s": "above 1 s", "above_2s": "above 2 s"}


def corpus_of(result: Result) -> str:
    """The corpus of a result, as the pages call it."""
    return shown(CORPORA, result.name.split("_")[0])


def main_table(values: dict[str, Any], fto_level: str) -> dict[str, Any]:
    """Of a level the cross-validated table where there is one, and else that of the single split."""
    return values[fto_level].get("cross_validated", values[fto_level])


def ties(family: dict[str, Any]) -> bool:
    """Whether a family is not significantly behind the best: the interval of the difference reaches 0."""
    return family["difference"]["high"] >= 0


def page_of_families(results: Results) -> str:
    """The page `families`."""
    shown_results = [results[name] for name in NAMES]
    parts = [
        "Families of distributions are fitted to the floor-transfer offsets (FTOs) of training "
        "conversations and scored on held-out ones. The score is the held-out log-likelihood in nats per "
        "offset: higher is better. FTOs are taken between IPUs, or between turns, which leaves backchannels "
        "out.",
        "## Comparison",
        "The best family of a column and those not significantly behind it are bold. The difference to the "
        "best is paired over groups of conversations; it is significant where its 95 % interval lies below "
        "0. Families are in the order of their mean over the columns.",
        _comparison(shown_results),
        source(*shown_results),
        _splits(shown_results),
    ]
    parts += [
        "## Details",
        columns(
            {
                "held-out": "log-likelihood, nats per offset.",
                "interval": "its 95 % interval, over groups.",
                "difference": "to the best family, nats per offset.",
                "difference interval": "the 95 % interval of that, paired over groups.",
                "CRPS": "continuous ranked probability score, milliseconds; lower is better.",
                "KS": "Kolmogorov-Smirnov distance between distribution and held-out offsets.",
                "W1": "Wasserstein-1 distance between them, milliseconds.",
                "below -1 s, above 1 s, above 2 s": "probabilities of the tails; the last row has the "
                "shares of the held-out offsets.",
            }
        ),
    ]
    for result in shown_results:
        parts += _details(result)
    parts += _shared(results["shared_components"])
    return page("Families of distributions of floor-transfer offsets", *parts)


def _comparison(shown_results: list[Result]) -> str:
    scored: list[dict[str, dict[str, Any]]] = []
    header = ["family"]
    for result in shown_results:
        for fto_level, title in LEVELS.items():
            families = main_table(result.values, fto_level)["families"]
            scored.append({one["name"]: one for one in families})
            header.append(f"{corpus_of(result)}, {title}")
    names = [name for name in scored[0] if all(name in column for column in scored)]
    names.sort(key=lambda name: -sum(column[name]["heldout_nats"] for column in scored))
    rows = [
        [
            shown(FAMILIES, name),
            *(bold(number(column[name]["heldout_nats"], 3), ties(column[name])) for column in scored),
        ]
        for name in names
    ]
    return table(header, rows)


def _splits(shown_results: list[Result]) -> str:
    lines = []
    for result in shown_results:
        one = result.values["ipu"]
        cross = one.get("cross_validated")
        if cross:
            how = (
                f"cross-validated over {number(cross['groups'])} groups in {number(cross['folds'])} folds; "
                "the shared components were fitted before, with most of these groups"
            )
        else:
            how = (
                f"split once, with {number(one['train']['conversations'])} conversations to fit on and "
                f"{number(one['heldout']['conversations'])} conversations of "
                f"{number(one['heldout_groups'])} groups held out"
            )
        cells = " Its times are on a grid, so that nats are of the cells." if one["interval_censored"] else ""
        lines.append(f"- {corpus_of(result)} is {how}. {one['speakers']}{cells}")
    return "\n".join(lines)


def _details(result: Result) -> list[str]:
    corpus, parts = corpus_of(result), []
    for fto_level, title in LEVELS.items():
        values = result.values[fto_level]
        parts += [
            f"### {corpus}, offsets {title}",
            f"{_sizes(values)} The best family that a preset can hold is {_shippable(values)}.",
            _scores(values),
            source(result),
        ]
        if "by_speaker" in values:
            other = values["by_speaker"]
            parts += [
                f"Split by speaker: {_sizes(other)} {other['speakers']}",
                _scores(other),
                source(result),
            ]
        if "cross_validated" in values:
            cross = values["cross_validated"]
            rows = [
                [
                    shown(FAMILIES, one["name"]),
                    bold(number(one["heldout_nats"], 3), ties(one)),
                    *_intervals(one),
                ]
                for one in cross["families"]
            ]
            parts += [
                f"Cross-validated: {number(cross['offsets'])} offsets, each scored once under the fit to "
                f"the other folds. The best family that a preset can hold is {_shippable(cross)}.",
                table(["family", "held-out", "interval", "difference", "difference interval"], rows),
                source(result),
            ]
        parts.append(
            picture(
                f"{result.name}-{fto_level}",
                f"{corpus}, offsets {title}: histogram of held-out offsets with the densities of the best "
                "families, their quantiles, and the probability integral transform.",
            )
        )
    return parts


def _sizes(values: dict[str, Any]) -> str:
    train, heldout = values["train"], values["heldout"]
    return (
        f"{number(train['offsets'])} offsets to fit on, {number(heldout['offsets'])} held out in "
        f"{number(values['heldout_groups'])} groups."
    )


def _shippable(values: dict[str, Any]) -> str:
    name, difference = values["shipped"]["name"], values["shipped"]["difference"]["value"]
    behind = "the best of all" if difference == 0 else f"{number(-difference, 3)} nats behind the best"
    return f"{shown(FAMILIES, name)}, {behind}"


def _intervals(family: dict[str, Any]) -> list[str]:
    difference = family["difference"]
    best = difference["value"] == difference["low"] == difference["high"] == 0
    return [
        span(family["interval"], 3),
        "" if best else number(difference["value"], 4),
        "" if best else span((difference["low"], difference["high"]), 4),
    ]


def _scores(values: dict[str, Any]) -> str:
    rows = [
        [
            shown(FAMILIES, one["name"]),
            bold(number(one["heldout_nats"], 3), ties(one)),
            *_intervals(one),
            number(1000 * one["crps"], 1),
            number(one["ks"], 3),
            number(one["w1_ms"], 1),
            *(percent(one["tails"][tail], 2) for tail in TAILS),
        ]
        for one in values["families"]
    ]
    observed = [percent(values["tails"][tail], 2) for tail in TAILS]
    rows.append(["held-out offsets", *[""] * 7, *observed])
    header = ["family", "held-out", "interval", "difference", "difference interval", "CRPS", "KS", "W1"]
    return table([*header, *TAILS.values()], rows)


def _shared(result: Result) -> list[str]:
    values = result.values
    names = {key: _corpus_and_level(key) for key in values["weight"]}
    components = [
        [
            str(number_of),
            number(loc, 3),
            number(scale, 3),
            *(percent(values["weight"][key][number_of - 1], 1) for key in names),
        ]
        for number_of, (loc, scale) in enumerate(zip(values["loc"], values["scale"], strict=True), 1)
    ]
    scores = ["held-out nats", "", "", *(number(values["heldout_nats"][key], 3) for key in names)]
    corpora = listed(dict.fromkeys(name.split(",")[0] for name in names.values()))
    return [
        "## Shared normal components",
        f"The family of shared components has {len(components)} normal components, fitted to {corpora} at "
        f"once, at both levels, each counting the same, in {number(values['cpu_seconds'])} s of processor "
        "time. A corpus has only weights of its own. Columns with a corpus hold these weights; the last row "
        "has the held-out log-likelihood of the joint fit, nats per offset.",
        columns({"mean": "of the component, s.", "SD": "its standard deviation, s."}),
        table(["component", "mean", "SD", *names.values()], [*components, scores]),
        source(result),
    ]


def _corpus_and_level(key: str) -> str:
    corpus, fto_level = key.rsplit(" ", 1)
    return f"{shown(CORPORA, corpus)}, {LEVELS[fto_level]}"
