"""Praat TextGrids: an interval tier is a speaker, an interval with a label is a segment.

- Labels that say silence make no segment, and neither do empty ones, with which Praat fills what is between
  the others. Labels that say laughter or vocal noise are marked so (`labels.MARKS`).
- Point tiers hold no stretches of time and are passed over. Tiers of the same name are one speaker.
- The conversation is the file's name without its suffix, observed from xmin to xmax. A segment is an
  utterance.
- The long and the short text form, in UTF-8 or UTF-16; the binary form is not read. The time resolution is
  estimated from the onsets.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from babble_jax import files
from babble_jax.conversation.annotation import Annotation, Tier
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.segments import label_segments, plain_names
from babble_jax.conversation.source import Skip, Source, parse_interval, quote
from babble_jax.praat_values import PraatValues

NAME = "textgrid"

_HEAD = re.compile(r'\s*(?:File type\s*=\s*)?"ooTextFile(?: short)?"\s+(?:Object class\s*=\s*)?"TextGrid"')


def sniff(head: str) -> bool:
    """Returns whether a file begins as a TextGrid in text form."""
    return _HEAD.match(head) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the one conversation of a file. Of a file that ends early nothing is taken."""
    values = PraatValues(source.text)
    tiers: list[Tier] = []
    skipped: list[Skip] = []
    try:
        for _ in ("ooTextFile", "TextGrid"):
            values.text()
        window = parse_interval(values.number(), values.number())
        for _ in range(values.count()):
            kind, name = values.text(), values.text().strip()
            parse_interval(values.number(), values.number())
            if kind not in ("IntervalTier", "TextTier"):
                raise ValueError(f"a tier of the class '{quote(kind)}'")
            onsets, ends, labels = [], [], []
            for _ in range(values.count()):
                start = values.number()
                end = values.number() if kind == "IntervalTier" else start
                line, label = values.line, values.text()
                if kind == "TextTier":
                    continue
                try:
                    if "\ufffd" in name:
                        raise ValueError("the tier's name holds bytes that are not UTF-8")
                    onset, end = parse_interval(start, end)
                except ValueError as error:
                    skipped.append(Skip(source.path, line, str(error)))
                    continue
                onsets.append(onset)
                ends.append(end)
                labels.append(label)
            if kind == "IntervalTier":
                tiers.append(Tier(name, np.array(onsets, np.float64), np.array(ends, np.float64), labels))
    except ValueError as error:
        return [], [*skipped, Skip(source.path, values.line, str(error))]
    if not any(map(len, tiers)):
        return [], skipped or [Skip(source.path, None, "no interval tier")]
    id = Path(source.path).stem
    return [Annotation(id, source.path, tuple(tiers), windows=[window], empty="silence")], skipped


def write_textgrid(
    path: str | os.PathLike, conversation: Conversation, number: np.ndarray | None = None
) -> None:
    """Writes a TextGrid in the long form: one interval tier per speaker, labels `A1`, `A2` ..., times unrounded.

    Args:
      path: of the file.
      conversation: of N segments.
      number: [N] int of each segment among its speaker's, from 0, for its label; by time where absent.

    Raises:
      BabbleError: the file cannot be written.
    """
    names = plain_names(conversation.speakers)
    tiers = []
    for index, name in enumerate(names):
        rows = [*label_segments(conversation, index, number)]
        onsets, ends = (np.array([row[i] for row in rows], np.float64) for i in (0, 1))
        tiers.append(Tier(name, onsets, ends, [row[2] for row in rows]))
    write_tiers(path, tiers, float(conversation.windows[-1, 1]))


def write_tiers(path: str | os.PathLike, tiers: Sequence[Tier], seconds: float) -> None:
    """Writes a TextGrid in the long form from tiers with labels, times unrounded.

    Args:
      path: of the file.
      tiers: whose segments do not overlap; a segment that is not longer than 0 is left out.
      seconds: length of the recording, beyond which nothing lasts.

    Raises:
      BabbleError: the file cannot be written.
    """
    import praatio.textgrid
    from praatio.utilities.constants import Interval

    grid = praatio.textgrid.Textgrid(0.0, seconds)
    for tier in tiers:
        rows = zip(tier.onset.tolist(), tier.end.tolist(), tier.labels or (), strict=True)
        intervals = [
            Interval(onset, min(end, seconds), label)
            for onset, end, label in rows
            if onset < min(end, seconds)
        ]
        grid.addTier(praatio.textgrid.IntervalTier(tier.name, intervals, 0.0, seconds))
    with files.atomic_write(path) as temporary:
        grid.save(str(temporary), format="long_textgrid", includeBlankSpaces=True)
