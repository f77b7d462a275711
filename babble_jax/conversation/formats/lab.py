"""Label files (`.lab`): `start end label`, with blanks between them, as HTK, MAUS and diarization write them.

- Times with a decimal point are seconds. Whole numbers are HTK's units of 100 ns where nearly all of them are whole
  tenths of a millisecond, which frames are, and no unit is named; else `--time-unit` is asked for if they cannot be
  seconds. Scores and further labels behind the first one are no part of it.
- Labels name the speakers under the same rules as those of Audacity; otherwise they are words, phones, silence or
  noise, and the file is one speaker's, whose file is joined with those of the others by its name.
- The conversation is the file's name without its suffix; the window is the first onset to the last end.

The format: Young et al., "The HTK Book" (2009), section 6.2.1, without master label files.
"""

import dataclasses
import re
from pathlib import Path

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.formats import audacity, buckeye, ctm, kaldi, santa_barbara, stm, uem
from babble_jax.conversation.formats.times import doubt_unit, make_parser
from babble_jax.conversation.layout.table_options import TimeUnit, parse_time_unit
from babble_jax.conversation.source import (
    Row,
    Skip,
    Source,
    count_matches,
    parse_interval,
    parse_lines,
)

NAME = "lab"

_TIME = r"[0-9]+(?:\.[0-9]*)?"
_LINE = re.compile(rf"[ \t]*({_TIME})[ \t]+({_TIME})[ \t]+(?!{_TIME}(?:[ \t]|$))(\S.*)")
_SCORES = re.compile(r"(\S+)[ \t]+-?[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?(?:[ \t].*)?", re.IGNORECASE)
_TICK = 1000
"""Units of 100 ns of which nearly all times of HTK's are multiples: a tenth of a millisecond."""
_ORDERED = 0.95
_OTHERS = (audacity, buckeye, ctm, kaldi, santa_barbara, stm, uem)


def sniff(head: str) -> bool:
    """Returns whether all lines of a file's head, but one in ten, are labels, and not rows of another format."""
    matches, count = count_matches(head, _LINE)
    if not matches or matches < 0.9 * count or any(other.sniff(head) for other in _OTHERS):
        return False
    times = [match.groups() for match in map(_LINE.fullmatch, head.split("\n")) if match]
    ordered = sum(float(start[:30]) <= float(end[:30]) for start, end, _ in times)
    return ordered >= _ORDERED * len(times)


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the one conversation of a file."""
    id = Path(source.path).stem
    times = [
        time
        for line in source.text.split("\n")
        if (match := _LINE.fullmatch(line))
        for time in match.groups()[:2]
    ]
    unit = _find_unit(times, source.layout.time_unit)
    to_seconds = make_parser(None, unit)

    def parse_row(line: str) -> Row | None:
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError("a line that is not start, end and label")
        label = match[3].strip()
        if scores := _SCORES.fullmatch(label):
            label = scores[1]
        return Row(id, "1", *parse_interval(match[1], match[2], to_seconds), label=label)

    conversations, skipped = parse_lines(source, parse_row)
    rows = conversations.get(id, [])
    if source.layout.time_unit is None and unit.name == "s":
        integers = all(time.isdigit() for time in times)
        onset, end = [row.onset for row in rows], [row.end for row in rows]
        if question := doubt_unit(onset, end, integers, None, "start"):
            return [], [Skip(source.path, 1, question)]
    if not rows:
        return [], skipped
    annotation = audacity.name_speakers(rows, source)
    if unit.name == "ticks":
        note = "times were taken for units of 100 ns; --time-unit says otherwise"
        annotation = dataclasses.replace(annotation, notes=(*annotation.notes, note))
    return [annotation], skipped


def _find_unit(times: list[str], named: str | None) -> TimeUnit:
    """Finds the unit: the one that is named, 100 ns where all times are whole numbers as those of HTK, or seconds."""
    if named is not None:
        return parse_time_unit(named)
    numbers = [int(time[:20]) for time in times if time.isdigit()]
    all_ticks = len(numbers) == len(times) and sum(number % _TICK == 0 for number in numbers) >= 0.95 * len(
        times
    )
    return TimeUnit("ticks", 1e7) if all_ticks and max(numbers, default=0) >= 1e6 else TimeUnit("s", 1.0)
