"""Lays out the evaluation of a floor in lines."""

from typing import Any

from babble_jax.plural import plural


def format_floor_evaluation(values: dict[str, Any]) -> str:
    """Formats what `evaluation.evaluate_floor` returns as a table for people."""
    nats = sorted(values["nats_per_second"].items(), key=lambda item: -item[1])
    lines = [
        f"floor fitted on {plural(values['training_conversations'], 'conversation')}, "
        f"against {plural(values['calls'], 'held-out one')} ({values['hours']:.1f} h)",
        "nats per second held out: " + ", ".join(f"{_words(name)} {value:.3f}" for name, value in nats),
        "",
        f"{'quantity':44}{'real':>9}{'floor':>9}{'error':>9}{'ceiling':>9}  best baseline, its error; nearer",
    ]
    for name, row in values["rows"].items():
        floor, best = row["models"]["hazards"], row["models"][row["best"]]
        low, high = row["behind"]
        nearer = "baseline" if low > 0 else "floor" if high < 0 else "-"
        numbers = "".join(_number(v) for v in (row["real"], floor["value"], floor["error"], row["ceiling"]))
        lines.append(f"{_words(name):44}{numbers}  {_words(row['best'])} {best['error']:.3g}; {nearer}")
    lines += [
        "",
        "error: how far the floor's dialogues are from the held-out ones; ceiling: how far real ones are from others.",
        "nearer: where the 95 % interval over conversations of the difference of both errors excludes 0.",
    ]
    return "\n".join(lines)


def _words(name: str) -> str:
    return name.replace("_", " ").replace("/", ": ")


def _number(value: float | None) -> str:
    return f"{'-' if value is None else format(value, '.3g'):>9}"
