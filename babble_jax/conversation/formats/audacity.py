"""Labels of Audacity (Export Labels): `start⇥end⇥label`, in seconds.

- A file holds one label track or several, one after another: where a label begins before the one above it, the next
  track begins. Each of several tracks is a speaker, named by its number, unless they are parallel tiers of one.
- The labels of one track name the speakers where they are few, come again and again, and are no words of silence or
  noise (`Ann`, `Ben`); or each begins with a name and a colon (`Ann: well`). Otherwise they are words, laughter,
  silence or noise, and the track is one speaker, whose file is joined with those of the others by its name.
- Labels at a point in time make no segment; lines that begin with a backslash, the frequencies of a spectral
  selection, are passed over. A decimal comma is read.
- The conversation is the file's name without its suffix; the window is the first onset to the last end.

The format: "Importing and Exporting Labels" in Audacity's manual.
"""

import collections
import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.formats import santa_barbara, whisper_tsv
from babble_jax.conversation.layout.labels import classify_label
from babble_jax.conversation.source import (
    Row,
    Skip,
    Source,
    annotate,
    count_matches,
    parse_interval,
    parse_lines,
)

NAME = "audacity"

_TIME = r"[0-9]+(?:[.,][0-9]*)?"
_LINE = re.compile(rf"{_TIME}\t{_TIME}(?:\t(?!{_TIME}(?:\t|$)).*)?|\\\t.*")
_SPEAKER = re.compile(r"[ \t]*([^\W\d][\w .'-]{0,30}?)[ \t]*:(?:[ \t]+(.*))?")
_MOST_SPEAKERS = 8
_TIMES_AGAIN = 4
"""Labels for each name on average, from which on few different labels are names of speakers."""
_LONGEST_NAME = 30  # characters


def sniff(head: str) -> bool:
    """Returns whether all lines of a file's head, but one in ten, are labels, and no number stands for one."""
    matches, count = count_matches(head, _LINE)
    return (
        matches > 0 and matches >= 0.9 * count and not (santa_barbara.sniff(head) or whisper_tsv.sniff(head))
    )


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the one conversation of a file."""
    id, track, last = Path(source.path).stem, 1, 0.0

    def parse_row(line: str) -> Row | None:
        nonlocal track, last
        if line.startswith("\\"):
            return None
        fields = line.split("\t", 2)
        if len(fields) < 2:
            raise ValueError("no tab between start and end")
        onset, end = parse_interval(fields[0].replace(",", "."), fields[1].replace(",", "."))
        if onset < last:
            track += 1
        last = onset
        return Row(id, str(track), onset, end, label=fields[2].strip() if len(fields) > 2 else "")

    conversations, skipped = parse_lines(source, parse_row)
    return [name_speakers(rows, source, track) for rows in conversations.values()], skipped


def name_speakers(rows: Sequence[Row], source: Source, tracks: int = 1) -> Annotation:
    """Makes the annotation of labels, its speakers by the labels or by the tracks.

    Args:
      rows: in the order of the file, all of one conversation.
      source: the file.
      tracks: number of label tracks.
    """
    id, labels = rows[0].id, [row.label or "" for row in rows]
    matches = [_SPEAKER.fullmatch(label) for label in labels]
    if any(matches) and all(match or not label for match, label in zip(matches, labels, strict=True)):
        named = [
            Row(id, match[1], row.onset, row.end, label=match[2] or "")
            for row, match in zip(rows, matches, strict=True)
            if match
        ]
        note = "the names before the colons of the labels were taken for speakers"
        return annotate(named, source, by_label=True, empty="speech", notes=(note,))
    if tracks == 1 and (names := _names(labels)):
        own = [Row(id, row.label, row.onset, row.end) for row in rows if row.label and row.label in names]
        return annotate(own, source, notes=("its labels were taken for names of speakers",))
    annotation = annotate(rows, source, by_label=True, empty="speech", speakers_known=tracks == 1)
    if tracks == 1:
        return annotation
    tiers = tuple(dataclasses.replace(tier, speaker=None) for tier in annotation.tiers)
    note = f"{tracks} label tracks, one after another, were taken for a speaker each"
    return dataclasses.replace(annotation, tiers=tiers, notes=(note,))


def _names(labels: Sequence[str]) -> set[str]:
    """Returns the labels that name speakers; none where they are too many or too seldom the same."""
    speech = [label for label in labels if label and classify_label(label) == Mark.SPEECH]
    names = collections.Counter(speech)
    few = 2 <= len(names) <= _MOST_SPEAKERS and len(speech) >= _TIMES_AGAIN * len(names)
    short = all(len(name) <= _LONGEST_NAME and len(name.split()) <= 3 for name in names)
    return set(names) if few and short and min(names.values()) > 1 else set()
