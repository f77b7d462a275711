"""Formats comparisons for a terminal."""

from typing import Any


def comparison_text(values: dict[str, Any]) -> str:
    """Lays out the values of `Comparison.to_json` in lines; durations and FTOs in ms."""
    a, b = values["a"], values["b"]
    lines = [
        f"{key}: {one['name']}, {one['conversations']} conversations, {one['hours']:.2f} h"
        for key, one in (("A", a), ("B", b))
    ]
    lines += ["", f"{'':35} {'A':>9} {'B':>9} {'distance':>9} {'split half':>10}"]
    for row in values["rows"]:
        form, unit = _form(row["name"])
        columns = [_format(row[key], form) for key in ("a", "b", "distance", "split_half")]
        name = row["name"].replace("_", " ") + unit
        lines.append(f"{name:35} {columns[0]:>9} {columns[1]:>9} {columns[2]:>9} {columns[3]:>10}")
    lines += [
        "",
        "durations are means, offsets medians, and their distance is the 1-Wasserstein distance;",
        "split half is the distance between halves of A: where B is as large as they, what is no greater is",
        "no difference; a smaller B is farther by chance",
    ]
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
