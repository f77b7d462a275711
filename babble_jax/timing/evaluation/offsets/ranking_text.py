"""Formats rankings of families for a terminal."""

from babble_jax.timing.evaluation.offsets.cross_validation import CrossValidation
from babble_jax.timing.evaluation.offsets.ranking import FitReport


def report_text(report: FitReport) -> str:
    """Lays out a report in lines: the counts of the split, and the families best first."""
    lines = [
        f"level {report.fto_level}: fitted on {report.train.offsets} offsets of {report.train.conversations}",
        f"conversations, scored on {report.heldout.offsets} of {report.heldout.conversations}"
        + (" others" if report.by == "group" else ", of other speakers"),
        "",
        f"{'family':18} {'nats per offset':>15} {'95 %':>17} {'to the best':>11} {'95 %':>17} "
        f"{'CRPS (s)':>9} {'KS':>6} {'W1 (ms)':>8}",
    ]
    for family in report.families:
        own, other = family.interval, family.difference
        lines.append(
            f"{family.name:18} {family.heldout_nats:15.4f} {f'{own.low:.3f} to {own.high:.3f}':>17} "
            f"{other.value:11.4f} {f'{other.low:.4f} to {other.high:.4f}':>17} "
            f"{family.crps:9.4f} {family.ks:6.3f} {family.w1_ms:8.1f}"
        )
    lines += ["", f"Intervals are over {report.groups} held-out {report.by}s. {report.speakers}"]
    if report.width is not None:
        lines.append(
            "Times are coarse: nats are the log probability of the bin of an offset less its log width."
        )
    return "\n".join(lines)


def cross_validation_text(report: CrossValidation) -> str:
    """Lays out cross-validated scores in lines, the families best first."""
    lines = [
        f"cross-validated in {report.folds} folds: {report.offsets} offsets, each scored once",
        f"{'family':18} {'nats per offset':>15} {'95 %':>17} {'to the best':>11} {'95 %':>17}",
    ]
    for family in report.families:
        own, other = family.heldout, family.difference
        lines.append(
            f"{family.name:18} {own.value:15.4f} {f'{own.low:.3f} to {own.high:.3f}':>17} "
            f"{other.value:11.4f} {f'{other.low:.4f} to {other.high:.4f}':>17}"
        )
    lines.append(f"Intervals are over all {report.groups} groups or speakers.")
    return "\n".join(lines)
