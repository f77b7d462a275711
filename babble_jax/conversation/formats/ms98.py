"""Switchboard's MS98 word files: `utterance-id start end word`, one file a speaker, `sw2001A-ms98-a-word.text`.

Axes: R rows of one file.

- `[silence]` and `[noise]` are dropped. `[laughter]` is laughter and `[vocalized-noise]` vocal noise. Every
  other row is speech, words spoken while laughing (`[laughter-yes]`) too.
- The rows of a speaker tile the call from 0 to its end, so that a file's window is 0 to its last end; the window
  of the call is what both files cover (in the release they end together).
- Times are multiples of an eighth of a millisecond, the sampling interval.
- `<b_aside>` and `<e_aside>` last 0 s and so drop out by the definitions.
- The conversation is the call (`sw2001`), and so is its group: the speakers of a call are not named in the
  files.
"""

import re

import numpy as np

from babble_jax.conversation.annotation import SILENCE, Annotation, Tier
from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.corpora import Corpus
from babble_jax.conversation.source import (
    MAX_SECONDS,
    Row,
    Skip,
    Source,
    annotate,
    parse_interval,
    parse_lines,
    quote,
)

NAME = "ms98"
TIME_RESOLUTION = 0.000125

_ID = re.compile(r"^(sw\d+)([AB])-ms98-a-\S+$")
_CODES: dict[str, int] = {
    "[silence]": SILENCE,
    "[noise]": SILENCE,
    "[laughter]": int(Mark.LAUGHTER),
    "[vocalized-noise]": int(Mark.VOCAL_NOISE),
}
_SNIFFED = 300  # lines at the head of a file that show whether it is one of words
_SPEECH = int(Mark.SPEECH)  # of all other labels


def sniff(head: str) -> bool:
    """Returns whether the first lines of a file hold a row of this format.

    The transcripts beside the word files (`sw2001A-ms98-a-trans.text`) look like them, but have an utterance
    on a line: no id comes twice, and many lines have more than one word.
    """
    if "-ms98-a-" not in head:
        return False
    lines = head.split("\n", _SNIFFED)[:_SNIFFED]
    lines = [fields for line in lines if (fields := line.split()) and _ID.match(fields[0])]
    once = len({fields[0] for fields in lines}) == len(lines)
    utterances = sum(len(fields) > 4 for fields in lines)
    return any(len(fields) == 4 for fields in lines) and not (once and utterances > len(lines) / 5)


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the speaker of a call that a file holds, "A" or "B"."""
    annotation = _parse_arrays(source)
    return ([annotation], []) if annotation is not None else _parse_lines(source)


def _parse_arrays(source: Source) -> Annotation | None:
    """Parses all rows at once, the fast path; returns None where any row is broken."""
    text = source.text
    fields = text.split()
    identities, word = fields[0::4], fields[3::4]
    first = _ID.match(identities[0]) if identities else None
    lines = text.count("\n") + (not text.endswith("\n"))
    times = fields[1::4], fields[2::4]
    if first is None or len(fields) != 4 * lines or "\ufffd" in text or any("_" in "".join(t) for t in times):
        return None
    prefix = f"{first[1]}{first[2]}-ms98-a-"
    try:
        onset, end = (np.array(column, np.float64) for column in times)
    except ValueError:
        return None
    possible = np.all((onset >= 0) & (end >= onset) & (end <= MAX_SECONDS))  # NaN fails each comparison
    if not possible or not all(identity.startswith(prefix) for identity in identities):
        return None
    marks = np.array([_CODES.get(one, _SPEECH) for one in word], np.int8)
    tier = Tier(first[2], onset, end, labels=word, marks=marks, speaker=first[2])
    return _call(first[1], (tier,), source, float(end.max()))


def _parse_lines(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Parses one row after another, the careful path."""
    calls, skipped = parse_lines(source, _row)
    annotations = []
    for call, rows in calls.items():
        for tier in annotate(rows, source).tiers:
            annotations.append(_call(call, (tier,), source, float(tier.end.max())))
    return annotations, skipped


def _call(call: str, tiers: tuple[Tier, ...], source: Source, end: float) -> Annotation:
    return Annotation(
        call,
        source.path,
        tiers,
        unit="word",
        windows=[(0.0, end)],
        time_resolution=TIME_RESOLUTION,
        corpus=Corpus("switchboard", "en", call),
        speakers_known=True,
        files="pair",
        combine_window_ends=min,
    )


def _row(line: str) -> Row:
    fields = line.split()
    identity = _ID.match(fields[0])
    if identity is None:
        raise ValueError(f"'{quote(fields[0])}' is no utterance of a call")
    if len(fields) != 4:
        raise ValueError(f"{len(fields)} fields where there should be 4 (utterance start end word)")
    code = _CODES.get(fields[3], _SPEECH)
    mark = None if code == SILENCE else Mark(code)
    return Row(identity[1], identity[2], *parse_interval(fields[1], fields[2]), mark, fields[3])
