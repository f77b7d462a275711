"""The summary of a corpus as text for a terminal."""

from collections.abc import Sequence
from typing import Any

from babble_jax.conversation.source import quote
from babble_jax.plural import plural

_MOST_NAMES = 8  # of speakers that are listed


def summary_text(values: dict[str, Any], speakers: Sequence[str] = ()) -> str:
    """Lays out the values of `events.events` in lines.

    Args:
      values: of the corpus.
      speakers: names of the speakers of all its conversations, each as often as it comes. They are counted, and listed
        where they are few: a tier that is no speaker shows among them.
    """
    names = list(dict.fromkeys(speakers))
    listed = f": {', '.join(map(quote, names))}" if 0 < len(names) <= _MOST_NAMES else ""
    lines = [
        f"{plural(values['conversations'], 'conversation')}, {values['hours']:.2f} h",
        f"{plural(len(names), 'speaker name')}{listed}",
        "",
        f"{'':16} {'per minute':>11} {'s per minute':>13}",
    ]
    for name, count in values["per_minute"].items():
        seconds = values["seconds_per_minute"][name]
        lines.append(f"{name.replace('_', ' '):16} {count:11.2f} {seconds:13.2f}")
    fto = values["fto"]
    lines += ["", f"floor-transfer offsets at level {fto['level']}: {fto['n']}"]
    if fto["n"]:
        lines.append(
            f"median {1000 * fto['median']:.0f} ms, mean {1000 * fto['mean']:.0f} ms, SD {1000 * fto['sd']:.0f} ms; "
            f"{fto['below_zero']:.1%} below 0, {fto['below_200ms']:.1%} below 200 ms, {fto['above_1s']:.1%} above 1 s"
        )
    return "\n".join(lines)
