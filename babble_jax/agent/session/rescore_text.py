"""Formats what other settings would have done, for a terminal."""

from babble_jax.agent.session.rescore import RescoredMeasure, Rescoring

_TITLES = {
    "fto": "FTO, median (ms)",
    "fto_below_zero": "FTO below 0",
    "fto_below_200ms": "FTO below 200 ms",
    "fto_above_1s": "FTO above 1 s",
    "cut_in_share": "pauses of the user cut into",
    "ipus_per_minute": "IPUs / min",
    "backchannels_per_minute": "backchannels / min",
    "ipu": "IPU, median (ms)",
    "talk_share": "share of the time it speaks",
}


def rescoring_text(rescoring: Rescoring, folder: str) -> str:
    """Lays out a rescoring in lines; times in ms.

    Args:
      rescoring: of a session.
      folder: name of the session.
    """
    knobs = rescoring.knobs
    lines = [
        f"{folder}: the agent with patience {knobs.patience:g}, firmness {knobs.firmness:g}, "
        f"backchannels {knobs.backchannels:g}",
        f"{rescoring.stretches} stretches in which it waited or spoke; effective number {rescoring.effective:.1f}",
        "",
        f"{'':32} {'recorded':>9} {'rescored':>9} {'95 %':>14}",
    ]
    for row in rescoring.rows:
        interval = "-" if row.low is None else f"{_format(row, row.low)}..{_format(row, row.high)}"
        lines.append(
            f"{_TITLES[row.name]:32} {_format(row, row.recorded):>9} {_format(row, row.value):>9} {interval:>14}"
        )
    lines += [
        "",
        "95 %: bootstrap interval over stretches. The user is taken to act in each moment as in this session.",
    ]
    return "\n".join(lines)


def _format(row: RescoredMeasure, value: float | None) -> str:
    if value is None:
        return "-"
    if row.unit == "s":
        return f"{1000 * value:.0f}"
    return f"{value:.0%}" if row.unit == "share" else f"{value:.2f}"
