"""Formats rankings of families for a terminal, at most 100 characters wide."""

from collections.abc import Sequence

from babble_jax.plural import plural
from babble_jax.timing.evaluation.offsets.bootstrap import Interval
from babble_jax.timing.evaluation.offsets.report import FitReport
from babble_jax.timing.events.intervals import caution

_MARK = "*"  # of the best family and of those that are not significantly behind it


def report_text(report: FitReport) -> str:
    """Lays out a report in lines: the counts of the split, the families best first, and what follows from them."""
    if not report.folds:
        return _in_sample_text(report)
    with_intervals = report.groups > 1
    lines = [
        *_counts(report),
        "",
        f"{_header(with_intervals)} {'CRPS (s)':>8} {'KS':>5} {'W1 (ms)':>7}",
    ]
    differences = []
    for family in report.families:
        assert family.interval is not None  # something is held out
        assert family.difference is not None
        differences.append((family.name, family.difference))
        row = _row(family.name, family.interval, family.difference, with_intervals)
        lines.append(f"{row} {family.crps:8.4f} {family.ks:5.3f} {family.w1_ms:7.1f}")
    lines += ["", "nats are the mean log density of the held-out offsets; higher is better."]
    if with_intervals:
        lines += _conclusion(differences)
        buckets = "" if report.quantiles is None else " that are dealt to buckets"
        lines += caution(report.groups, f"held-out {report.by}") or [
            f"Intervals are over {report.groups} held-out {report.by}s{buckets}."
        ]
    else:
        lines.append(f"one {report.by} held out: no interval; use --folds to hold each out once")
    lines.append(report.speakers)
    return "\n".join(lines + _coarse(report))


def _counts(report: FitReport) -> list[str]:
    if report.folds > 1:  # the sentence on speakers is of a single split
        return [
            f"level {report.fto_level}: {plural(report.heldout.offsets, 'offset')} of "
            f"{plural(report.heldout.conversations, 'conversation')} and {plural(report.groups, report.by)}, "
            f"cross-validated in {plural(report.folds, 'fold')}:",
            f"each {report.by} is held out once, and its offsets are scored under the fit to the others",
        ]
    return [
        f"level {report.fto_level}: fitted on {plural(report.train.offsets, 'offset')} of "
        f"{plural(report.train.conversations, 'conversation')},",
        f"scored on {plural(report.heldout.offsets, 'offset')} of "
        + plural(
            report.heldout.conversations, "other conversation" if report.by == "group" else "conversation"
        )
        + ("" if report.by == "group" else ", of other speakers"),
    ]


def _in_sample_text(report: FitReport) -> str:
    """Lays out a report in which nothing is held out: scores of the fitted offsets, and AIC."""
    lines = [
        f"level {report.fto_level}: fitted on {plural(report.train.offsets, 'offset')} of "
        f"{plural(report.train.conversations, 'conversation')}; nothing is held out",
        "",
        f"{'family':21} {'AIC (nats)':>10} {'CRPS (s)':>8} {'KS':>5} {'W1 (ms)':>7}",
    ]
    lines += [
        f"{one.name:21} {one.aic_nats or 0.0:10.4f} {one.crps:8.4f} {one.ks:5.3f} {one.w1_ms:7.1f}"
        for one in report.families
    ]
    lines += [
        "",
        "AIC is the mean log density of the fitted offsets less the number of parameters per offset; higher is better.",
        "It takes the offsets for independent, which those of one conversation are not: a guess, no held-out score.",
    ]
    return "\n".join(lines + _coarse(report))


def _coarse(report: FitReport) -> list[str]:
    lines = []
    if report.quantiles is not None:
        lines.append(
            f"The {plural(report.quantiles.offsets, 'offset')} are counted in bins of 1 ms, and "
            f"{len(report.quantiles.fto)} quantiles of these are fitted."
        )
    if report.width is None:
        return lines
    return [
        *lines,
        "Times are coarse: nats are the log probability of the bin of an offset less its log width.",
    ]


def _header(with_intervals: bool) -> str:
    if not with_intervals:
        return f"{'family':21} {'nats':>8} {'difference':>10}"
    return f"{'family':21} {'nats':>8} {'95 %':>16} {'difference':>10} {'95 %':>18}"


def _row(name: str, score: Interval, difference: Interval, with_intervals: bool) -> str:
    """Lays out a family's score and its difference to the best family's, marked if that is not significant."""
    if not with_intervals:
        return f"{name:21} {score.value:8.4f} {difference.value:10.4f}"
    label = f"{name}{_MARK}" if _is_level(difference) else name
    own, other = f"{score.low:.3f} to {score.high:.3f}", f"{difference.low:.4f} to {difference.high:.4f}"
    return f"{label:21} {score.value:8.4f} {own:>16} {difference.value:10.4f} {other:>18}"


def _is_level(difference: Interval) -> bool:
    """Tells whether a family is not significantly behind the best: the interval of its difference reaches 0."""
    return difference.high >= 0


def _conclusion(differences: Sequence[tuple[str, Interval]]) -> list[str]:
    """Says in lines which families are the best, of their names and differences to the first, best first."""
    if len(differences) < 2:
        return []
    (best, _), *others = differences
    level = [name for name, difference in others if _is_level(difference)]
    if level:
        verdict = [f"{best} is the best; not significantly behind it ({_MARK}): {', '.join(level)}."]
        if len(verdict[0]) > 100:
            verdict = [f"{best} is the best; {len(level)} others ({_MARK}) are not significantly behind it."]
    elif len(others) == 1:
        verdict = [f"{best} is the best; {others[0][0]} is significantly behind it."]
    else:
        verdict = [f"{best} is the best; all others are significantly behind it."]
    return [
        *verdict,
        "difference: to the best family; significant where its 95 % interval lies below 0.",
        "The best family was selected by these same scores, which favours it a little.",
    ]
