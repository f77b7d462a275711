"""Words of the Buckeye corpus (`s0101a.words`): below a header and `#`, rows of `end color word; phones; phones;
class`.

- A row is from the end of the row above it, at first 0, to its own end. Words are speech, spoken while laughing
  (`<LAUGH-well>`), cut off, hesitant or unknown (`<UNKNOWN>`) too. `<LAUGH>` is laughter. `<SIL>`, `<NOISE>`,
  `<VOCNOISE>` and all other labels in brackets are silence.
- The speaker is the person who is interviewed, by the name of the file without its last three characters (`s01`). The
  interviewer is heard on the same recording and not transcribed: the stretches `<IVER>` last from word to word of the
  other (46 of the 48 in `s0101a` end where a word begins), so that they hold no timing of turns. They are a tier
  `interviewer`, which is left out, and listed; `--tiers .` takes it for a speaker.
- The window is from the end of `{B_TRANS}` to the beginning of `{E_TRANS}`, where they are there, and otherwise from
  0 to the last end. Files of one person (`s01`) are one group.

The format: Pitt et al., "Buckeye corpus of conversational speech" (2nd release, 2007), and Kiesling et al., "The
Buckeye corpus of conversational speech: labeling manual" (2006).
"""

import dataclasses
import re
from pathlib import Path

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.corpora import Corpus
from babble_jax.conversation.source import Row, Skip, Source, annotate, parse_lines, parse_seconds, quote

NAME = "buckeye"
INTERVIEWER = "interviewer"
_NO_TIMING = "its stretches last from word to word of the other speaker"

_HEAD = re.compile(r"^#[ \t]*\n[ \t]*[0-9.]+[ \t]+[0-9]+[ \t]+\S", re.MULTILINE)
_WORD = re.compile(r"^[ \t]*[0-9.]+[ \t]+[0-9]+[ \t]+[^;\n]+;[^;\n]*;", re.MULTILINE)
_ROW = re.compile(r"[ \t]*(\S+)[ \t]+(\S+)[ \t]+([^;]*)(?:;.*)?")
_FILE = re.compile(r"(s[0-9]{2})[0-9]{2}[a-z]")
_SPOKEN = re.compile(
    r"<(?:LAUGH[-_=].*|(?:EXT|CUTOFF|HES|ERROR|EXCLUDE|NAME|UNKNOWN)(?:[-_=].*)?)>|[^<{].*", re.IGNORECASE
)


def sniff(head: str) -> bool:
    """Returns whether a line `#` ends a header, and a row of a word with its phones or class follows."""
    match = _HEAD.search(head)
    return match is not None and _WORD.search(head, match.start()) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the one conversation of a file."""
    id = Path(source.path).stem
    person = _FILE.fullmatch(id)
    speaker = person[1] if person else id
    last, in_header, edges = 0.0, True, {}

    def parse_row(line: str) -> Row | None:
        nonlocal last, in_header
        if in_header:
            in_header = line.strip() != "#"
            return None
        match = _ROW.fullmatch(line.rstrip())
        if match is None:
            raise ValueError(f"'{quote(line.strip())}' is no row of a word (end color word; ...)")
        end, label = parse_seconds(match[1]), match[3].strip()
        if end < last:
            raise ValueError(f"the end {quote(match[1])} is before that of the row above")
        onset, last = last, end
        edges.setdefault(label, (onset, end))
        if label.upper() == "<IVER>":
            return Row(id, INTERVIEWER, onset, end, label=label)
        return Row(id, speaker, onset, end, _classify(label), label)

    conversations, skipped = parse_lines(source, parse_row)
    if not conversations:
        return [], skipped or [Skip(source.path, 1, "no line # ends the header, or no row follows it")]
    start, end = edges.get("{B_TRANS}", (0, 0.0))[1], edges.get("{E_TRANS}", (last, 0))[0]
    annotation = annotate(
        conversations[id],
        source,
        unit="word",
        windows=[(start, end)] if end > start else None,
        corpus=Corpus("buckeye", "en", speaker) if person else None,
    )
    tiers = (
        dataclasses.replace(tier, no_speech=_NO_TIMING) if tier.name == INTERVIEWER else tier
        for tier in annotation.tiers
    )
    return [dataclasses.replace(annotation, tiers=tuple(tiers))], skipped


def _classify(label: str) -> Mark | None:
    if label.upper() == "<LAUGH>":
        return Mark.LAUGHTER
    return Mark.SPEECH if _SPOKEN.fullmatch(label) else None
