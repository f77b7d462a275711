"""Formats the comparison of a speaker with people for a terminal, at most 100 characters wide."""

from babble_jax.plural import plural
from babble_jax.printable import escape_unprintable
from babble_jax.timing.evaluation.speaker.comparison import SpeakerComparison, SpeakerMeasure
from babble_jax.timing.evaluation.speaker.events import PLANNING
from babble_jax.timing.evaluation.speaker.measures import MEASURES
from babble_jax.timing.events.intervals import caution

_UNITS = {"s": " (ms)", "share": "", "1/min": " / min", "s/min": " (s / min)"}
TITLES = {(measure.name, measure.by): measure.title + _UNITS[measure.unit] for measure in MEASURES}
"""Titles of the measures, with units, by name and actor."""


def section_titles(speaker: str) -> dict[str, str]:
    """Returns a title for the measures of each actor, and for those of both."""
    name = escape_unprintable(speaker)
    return {"speaker": f"{name}'s timing", "others": "the others' timing", "both": "together"}


def speaker_comparison_text(comparison: SpeakerComparison, people: str) -> str:
    """Lays out a comparison in lines; times in ms.

    Args:
      comparison: of one speaker.
      people: name of the preset or corpus that people are of.
    """
    name = escape_unprintable(comparison.speaker)
    lines = [
        f"{name}: {plural(comparison.conversations, 'conversation')}, {comparison.hours:.2f} h",
        f"people: {comparison.people} speakers of {duration_text(comparison.people_seconds)} each, of "
        f"{escape_unprintable(people)}",
    ]
    titles = section_titles(comparison.speaker)
    with_intervals = any(row.low is not None for row in comparison.rows)
    section = None
    for row in comparison.rows:
        if row.by != section:
            section = row.by
            value = "others" if section == "others" else name[:9]
            header = ["n", value, "95 %", "people", "95 % of them", "pct", ""]
            lines += ["", _line(titles[section], header, with_intervals)]
        lines.append(_line(f"  {TITLES[row.name, row.by]}", _columns(row), with_intervals))
    return "\n".join([*lines, "", *_verdict_lines(comparison), *_explanation(comparison)])


def duration_text(seconds: float) -> str:
    """Formats a duration: seconds below a minute, minutes above."""
    return f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.1f} min"


def _line(title: str, columns: list[str], with_intervals: bool) -> str:
    """Lays out a line of the table, of seven columns; the interval is left out where no row has one."""
    n, value, interval, people, people_range, percentile, verdict = columns
    interval = f" {interval:>14}" if with_intervals else ""
    return f"{title:32} {n:>5} {value:>9}{interval} {people:>7} {people_range:>14} {percentile:>3} {verdict}".rstrip()


def _columns(row: SpeakerMeasure) -> list[str]:
    return [
        "" if row.n is None else str(row.n),
        format_value(row, row.value),
        _format_range(row, row.low, row.high),
        format_value(row, row.people),
        _format_range(row, row.people_low, row.people_high),
        "-" if row.percentile is None else f"{row.percentile:.0f}",
        "-" if row.verdict is None else row.verdict,
    ]


def format_value(row: SpeakerMeasure, value: float | None) -> str:
    """Formats a value of a measure: seconds as ms, shares as percent, rates with two decimals."""
    if value is None:
        return "-"
    if row.unit == "s":
        return f"{1000 * value:.0f}"
    return f"{value:.0%}" if row.unit == "share" else f"{value:.2f}"


def _format_range(row: SpeakerMeasure, low: float | None, high: float | None) -> str:
    return "-" if low is None or high is None else f"{format_value(row, low)}..{format_value(row, high)}"


def _verdict_lines(comparison: SpeakerComparison) -> list[str]:
    """Counts the measures within people's range and names the others."""
    judged = [row for row in comparison.rows if row.verdict]
    inside = sum(row.verdict == "within" for row in judged)
    return [
        f"{inside} of {plural(len(judged), 'measure')} lie within the range of 95 % of people.",
        "Of a person, too, one in twenty lies outside, and measures of the same events do so together.",
    ]


def _explanation(comparison: SpeakerComparison) -> list[str]:
    lines = [
        "n: number of events; people: all together; 95 % of them: each in a stretch of the length above.",
        "pct: percentage of people whose value is lower.",
        f"cut-in: a start in a pause of another one, who goes on within {PLANNING:.1f} s all the same.",
    ]
    if comparison.conversations == 1:
        lines.append("There is no interval over 1 conversation.")
    else:
        lines.append("95 %: bootstrap interval over conversations.")
        lines += caution(comparison.conversations, "conversation")
    if comparison.speakers != comparison.people_speakers:
        own, theirs = (_join(numbers) for numbers in (comparison.speakers, comparison.people_speakers))
        lines.append(
            f"The conversations have {own} speakers and people's {theirs}: rates and shares differ by that alone."
        )
    if comparison.omissions:
        shown = ", ".join(map(escape_unprintable, comparison.omissions[:5]))
        more = len(comparison.omissions) - 5
        lines.append(
            f"not measured, since only one side speaks: {shown}" + (f" and {more} more" if more > 0 else "")
        )
    return lines


def _join(numbers: tuple[int, ...]) -> str:
    return " or ".join(map(str, numbers))
