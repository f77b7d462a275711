"""Formats comparisons for a terminal, at most 100 characters wide."""

from babble_jax.plural import plural
from babble_jax.printable import escape_unprintable
from babble_jax.timing.evaluation.comparison import Comparison


def comparison_text(comparison: Comparison) -> str:
    """Lays out a comparison in lines; durations and FTOs in ms."""
    values = comparison.to_json()
    lines = []
    for key, compared in (("a", comparison.a), ("b", comparison.b)):
        one = values[key]
        size = f"{plural(one['conversations'], 'conversation')}, {one['hours']:.2f} h"
        origin = ", drawn from the preset" if compared.from_preset else ""
        lines.append(f"{key.upper()}: {escape_unprintable(one['name'])}, {size}{origin}")
    lines += ["", f"{'':35} {'A':>9} {'B':>9} {'distance':>9} {'split half':>10}"]
    for row in values["rows"]:
        form, unit = _form(row["name"])
        columns = [_format(row[key], form) for key in ("a", "b", "distance", "split_half")]
        name = row["name"].replace("_", " ") + unit
        lines.append(f"{name:35} {columns[0]:>9} {columns[1]:>9} {columns[2]:>9} {columns[3]:>10}")
    lines += [
        "",
        "Durations are means, offsets medians; their distance is the 1-Wasserstein distance of all values.",
        "The distance of rates and shares is their difference.",
    ]
    if len(comparison.a.conversations) > 1:
        lines += [
            "split half: the distance between two random halves of A, which differ by chance only.",
            "Where B is at least as large as half of A, a distance no larger than that shows no difference.",
            "A smaller B is farther from A by chance, so that a larger distance need not show a difference.",
        ]
    else:
        lines.append("split half is empty: A is a single conversation. Name the larger set first to fill it.")
    return "\n".join(lines)


def _form(name: str) -> tuple[str, str]:
    if name.endswith("duration") or name in ("offset_ipu", "offset_turn"):
        return "ms", " (ms)"
    if name.startswith("offset"):
        return ".1%", ""
    return ".2f", ""


def _format(value: float | None, form: str) -> str:
    if value is None:
        return "-"
    return f"{1000 * value:.0f}" if form == "ms" else format(value, form)
