"""Formats the report of a session for a terminal, at most 100 characters wide."""

from babble_jax.agent.session.coupling import MIN_PAIRS, Coupling
from babble_jax.agent.session.report import SessionReport
from babble_jax.plural import plural
from babble_jax.printable import escape_unprintable
from babble_jax.timing.evaluation.speaker.comparison_text import duration_text, speaker_comparison_text

_SOURCES = {
    "chirp": "measured by a chirp through the user's devices",
    "client": "as the client estimated it",
    "unknown": "since its delay is unknown",
}
_TITLES = {
    "fto": "user's FTO over the agent's before it",
    "shift": "user's FTO over the shift of the agent's turn",
}


def report_text(report: SessionReport) -> str:
    """Lays out a report in lines; times in ms."""
    session = report.session
    knobs = session.config.get("knobs")
    knobs = ", ".join(f"{name} {value}" for name, value in knobs.items()) if isinstance(knobs, dict) else ""
    head = f"{session.folder}: {duration_text(session.seconds)}, begun {session.began}"
    lines = [escape_unprintable(head if session.complete else f"{head}, cut short")]
    if knobs:
        lines.append(escape_unprintable(f"knobs: {knobs}"))
    lines += [
        *_latency_lines(report),
        "",
        speaker_comparison_text(report.comparison, report.people),
        "",
        "does the user follow?",
        *(_coupling_line(one) for one in report.coupling),
        "slope: ms by which the user answers later for each ms by which the agent was later; 95 %: bootstrap",
        "interval over pairs. Only a slope over shifts that were drawn at random (perturb) is an effect.",
    ]
    return "\n".join(lines)


def _latency_lines(report: SessionReport) -> list[str]:
    latency = report.latency
    lines = [
        f"the recording has the agent where the user heard it: {1000 * latency.output_delay:.0f} ms after it was made, "
        f"{_SOURCES[latency.source]};",
        f"offsets are those that the user heard, each exact to {1000 * latency.fto_sd:.0f} ms (standard deviation)",
    ]
    missing = {
        "errors of the detector at the user's edges": latency.lag_sd,
        "jitter of the output": latency.output_sd,
    }
    if names := [name for name, value in missing.items() if value is None]:
        lines[-1] += ","
        lines.append(f"without {' and '.join(names)}, which are not known")
    if latency.correction:
        lines.append(f"the agent is moved by {1000 * latency.correction:+.0f} ms")
    if latency.compute_ms is not None:
        median, p99, most = latency.compute_ms
        lines.append(
            f"computing time of 20 ms of sound: median {median:.1f} ms, 99 % {p99:.1f} ms, most {most:.1f} ms"
        )
    statistics = report.session.statistics
    for name, title in (
        ("lost_seconds", "never came from the user"),
        ("skipped_seconds", "got no answer in time"),
    ):
        value = statistics.get(name)
        if isinstance(value, int | float) and value:
            lines.append(f"{value:.2f} s {title}")
    return lines


def _coupling_line(one: Coupling) -> str:
    title = f"  {_TITLES[one.name]}"
    pairs = plural(one.pairs, "pair")
    if one.slope is None:
        return f"{title}: {pairs}, at least {MIN_PAIRS} of different offsets are needed"
    people = "" if one.people is None else f", people {one.people:+.2f}"
    return (
        f"{title}: slope {one.slope:+.2f} (95 % {one.low:+.2f}..{one.high:+.2f}){people}, "
        f"rank correlation {one.correlation:+.2f}, {pairs}"
    )
