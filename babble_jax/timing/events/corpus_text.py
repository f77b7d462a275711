"""The summary of a corpus as text for a terminal."""

from collections.abc import Sequence
from typing import Any

from babble_jax.conversation.source import quote
from babble_jax.plural import plural
from babble_jax.timing.events.intervals import caution

_MOST_NAMES = 8  # of speakers that are listed


def summary_text(values: dict[str, Any], speakers: Sequence[str] = ()) -> str:
    """Lays out the values of `events.events` in lines.

    Args:
      values: of the corpus.
      speakers: names of the speakers of all its conversations. They are counted, and listed
        where they are few: a tier that is no speaker shows among them.
    """
    names = list(dict.fromkeys(speakers))
    listed = f": {', '.join(map(quote, names))}" if 0 < len(names) <= _MOST_NAMES else ""
    lines = [
        f"{plural(values['conversations'], 'conversation')}, {values['hours']:.2f} h",
        f"{plural(len(names), 'speaker name')}{listed}",
    ]
    if monologues := values["monologues"]:
        more = f" and {len(monologues) - _MOST_NAMES} more" if len(monologues) > _MOST_NAMES else ""
        lines.append(
            f"{plural(len(monologues), 'recording')} in which fewer than two people are heard, not counted: "
            f"{', '.join(map(quote, monologues[:_MOST_NAMES]))}{more}"
        )
    interval = values["interval"]
    lines += ["", f"{'':16} {'per minute':>11} {'s per minute':>13} {'median (ms)':>12}"]
    for name, count in values["per_minute"].items():
        seconds, median = values["seconds_per_minute"][name], values["median_seconds"][name]
        line = f"{name.replace('_', ' '):16} {count:11.2f} {seconds:13.2f} "
        line += f"{'-' if median is None else f'{1000 * median:.0f}':>12}"
        lines.append(line + _interval_text(interval["median_seconds"][name]))
    fto = values["fto"]
    lines += ["", f"floor-transfer offsets at level {fto['level']}: {fto['n']}"]
    if fto["n"]:
        lines.append(
            f"median {1000 * fto['median']:.0f} ms{_interval_text(interval['fto_median'])}, "
            f"mean {1000 * fto['mean']:.0f} ms, SD {1000 * fto['sd']:.0f} ms; "
            f"{fto['below_zero']:.1%} below 0, {fto['below_200ms']:.1%} below 200 ms, {fto['above_1s']:.1%} above 1 s"
        )
    if any(one is not None for one in (interval["fto_median"], *interval["median_seconds"].values())):
        lines.append(f"[ ]: 95 % intervals over {plural(interval['groups'], 'group')} of conversations")
        lines += caution(interval["groups"])
    return "\n".join(lines)


def _interval_text(interval: Sequence[float] | None) -> str:
    """Returns the bounds of an interval, seconds, in ms with a space before them; nothing where there is none."""
    return "" if interval is None else " [{:.0f}, {:.0f}]".format(*(1000 * bound for bound in interval))
