"""Comparisons and presets as text for a terminal."""

from typing import Any


def comparison_text(values: dict[str, Any]) -> str:
    """Lays out what `Comparison.to_json` gives; durations and offsets in ms."""
    a, b = values["a"], values["b"]
    lines = [
        f"{key}: {side['name']}, {side['conversations']} conversations, {side['hours']:.2f} h"
        for key, side in (("A", a), ("B", b))
    ]
    lines += ["", f"{'':35} {'A':>9} {'B':>9} {'distance':>9} {'split half':>10}"]
    for row in values["rows"]:
        form, unit = _form(row["name"])
        cells = [_cell(row[key], form) for key in ("a", "b", "distance", "split_half")]
        name = row["name"].replace("_", " ") + unit
        lines.append(f"{name:35} {cells[0]:>9} {cells[1]:>9} {cells[2]:>9} {cells[3]:>10}")
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


def _cell(value: float | None, form: str) -> str:
    if value is None:
        return "-"
    return f"{1000 * value:.0f}" if form == "ms" else format(value, form)


def presets_text(rows: list[dict[str, Any]]) -> str:
    """Lays out what `catalogue.catalogue` gives: one paragraph per preset."""
    lines = []
    for row in rows:
        floor = "" if row["floor"] else "; no floor for two: laws only"
        lines += [
            f"{row['name']}: {row['conversations']} conversations, {row['hours']:.1f} h of {row['corpus']}{floor}",
            "  per minute: "
            + ", ".join(f"{name.replace('_', ' ')} {value:.1f}" for name, value in row["per_minute"].items()),
        ]
        for fto_level, model in row["levels"].items():
            lines.append(
                f"  level {fto_level}: {model['family']}, {model['offsets']} offsets, "
                f"{model['heldout_nats']:.3f} nats held out; "
                f"median {1000 * model['median']:.0f} ms, {model['below_zero']:.0%} below 0"
            )
        lines += [f"  {row[key]}" for key in ("source", "licence") if row[key]] + [""]
    return "\n".join(lines).rstrip()
