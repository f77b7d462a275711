"""How annotation was understood, as text for a terminal: a row for each tier, or for each kind of tier."""

import collections
import dataclasses
import re
from collections.abc import Sequence
from typing import Any

from babble_jax.conversation.layout.interpret import TierReading
from babble_jax.conversation.reading import Reading
from babble_jax.conversation.source import quote
from babble_jax.plural import plural

MOST_ROWS = 16
"""Rows above which tiers of one kind are taken together."""
_COLUMNS = ("files", "format", "tier", "speaker", "segments", "seconds", "silence", "laughter", "noise")
_RIGHT = frozenset({"files", "segments", "seconds"})
_MOST_LABELS = 2
_WIDEST = 24  # characters of a name


def format_reading(reading: Reading, most: int = MOST_ROWS) -> str:
    """Lays out what was read in lines: tiers that were taken, tiers that were left out and why, guesses and warnings.

    Args:
      reading: of the files.
      most: rows; where there are more tiers, those of one format, or left out for one reason, share a row.
    """
    count = f"read: {plural(len(reading.conversations), 'conversation')} of two or more speakers"
    files = len({tier.file for tier in reading.tiers})
    lines = [f"{count} in {plural(files, 'file')}"]
    taken = [tier for tier in reading.tiers if tier.speaker is not None]
    left_out = [tier for tier in reading.tiers if tier.speaker is None]
    lines += _table(_group(taken, most))
    for reason, tiers in _by_reason(left_out).items():
        names = list(dict.fromkeys(quote(tier.tier) for tier in tiers))
        shown = ", ".join(names[:4]) + (f", and {len(names) - 4} more" if len(names) > 4 else "")
        where = f" ({plural(len({tier.file for tier in tiers}), 'file')})" if files > 1 else ""
        remedy = "" if "--" in reason else "; --tiers takes what it names"
        lines.append(f"left out: {shown}{where}: {reason}{remedy}")
    if reading.monologues:
        names = [quote(one.id) for one in reading.monologues]
        shown = ", ".join(names[:4]) + (f", and {len(names) - 4} more" if len(names) > 4 else "")
        verb = "has" if len(names) == 1 else "have"
        lines.append(
            f"apart: {shown} {verb} fewer than two speakers, and no part in any rate; --conversation joins files of "
            "one speaker each"
        )
    lines += [f"{'guess' if '--' in note else 'note'}: {note}" for note in reading.notes]
    lines += [f"warning: {warning}" for warning in reading.warnings]
    return "\n".join(lines)


def reading_values(reading: Reading) -> dict[str, Any]:
    """Returns what was read as plain JSON values: `tiers`, `notes`, `warnings` and the ids of `monologues`."""
    return {
        "tiers": [dataclasses.asdict(tier) for tier in reading.tiers],
        "monologues": [one.id for one in reading.monologues],
        "notes": list(reading.notes),
        "warnings": list(reading.warnings),
    }


def _by_reason(tiers: Sequence[TierReading]) -> dict[str, list[TierReading]]:
    """Groups the tiers that were left out by the reason; reasons that differ in the name of another tier are one."""
    groups: dict[str, list[TierReading]] = {}
    for tier in tiers:
        groups.setdefault(re.split(r"(?<= of | to )", str(tier.reason))[0], []).append(tier)
    return {
        str(own[0].reason) if len({tier.reason for tier in own}) == 1 else f"{reason}those tiers": own
        for reason, own in groups.items()
    }


def _group(tiers: Sequence[TierReading], most: int) -> list[list[TierReading]]:
    """Groups tiers of the same format, name and speaker; where these are too many, those of a format."""
    groups: dict[tuple[str, ...], list[TierReading]] = {}
    for tier in tiers:
        groups.setdefault((tier.format, tier.tier, str(tier.speaker)), []).append(tier)
    if len(groups) > most:
        groups = {}
        for tier in tiers:
            groups.setdefault((tier.format,), []).append(tier)
    return list(groups.values())


def _table(groups: Sequence[Sequence[TierReading]]) -> list[str]:
    rows = [dict(zip(_COLUMNS, _COLUMNS, strict=True)), *(_row(group) for group in groups)]
    columns = [
        name
        for name in _COLUMNS
        if name in ("tier", "speaker", "segments") or any(row[name] for row in rows[1:])
    ]
    widths = {name: max(len(row[name]) for row in rows) for name in columns}
    return [
        "  "
        + "  ".join(
            row[name].rjust(widths[name]) if name in _RIGHT else row[name].ljust(widths[name])
            for name in columns
        ).rstrip()
        for row in rows
    ]


def _row(group: Sequence[TierReading]) -> dict[str, str]:
    first = group[0]
    names, speakers = {tier.tier for tier in group}, {tier.speaker for tier in group}
    row = {
        "files": str(len({tier.file for tier in group})),
        "format": first.format,
        "tier": _shorten(first.tier) if len(names) == 1 else f"({len(names)} names)",
        "speaker": _shorten(str(first.speaker)) if len(speakers) == 1 else f"({len(speakers)} names)",
        "segments": f"{sum(tier.segments for tier in group):,}",
        "seconds": f"{sum(tier.seconds for tier in group):,.1f}",
    }
    for name in ("silence", "laughter", "noise"):
        labels: collections.Counter[str] = collections.Counter()
        for tier in group:
            labels.update(getattr(tier, name))
        row[name] = _labels(labels)
    return row


def _labels(labels: collections.Counter[str]) -> str:
    labels = _unite_lengths(labels)
    shown = [
        f'{count:,} "{_shorten(label)}"' if label else f"{count:,} empty"
        for label, count in labels.most_common(_MOST_LABELS)
    ]
    rest = sum(labels.values()) - sum(count for _, count in labels.most_common(_MOST_LABELS))
    return ", ".join([*shown, f"{rest:,} others"] if rest else shown)


def _unite_lengths(labels: collections.Counter[str]) -> collections.Counter[str]:
    """Counts labels that differ in a number only, such as `(pause 0.33)`, as one with N in its place."""
    forms: dict[str, list[str]] = {}
    for label in labels:
        forms.setdefault(re.sub(r"[0-9]+(?:[.,][0-9]+)?", "N", label), []).append(label)
    united: collections.Counter[str] = collections.Counter()
    for form, own in forms.items():
        united[form if len(own) > 1 else own[0]] += sum(labels[label] for label in own)
    return united


def _shorten(name: str) -> str:
    name = quote(name)
    return name if len(name) <= _WIDEST else f"{name[: _WIDEST - 3]}..."
