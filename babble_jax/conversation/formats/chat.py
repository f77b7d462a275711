"""CHAT transcripts (`.cha`) of TalkBank whose utterances have time bullets: `*SPK:⇥words . ␕500_1250␕`.

- The main tiers (`*SPK:`) make segments, from start to end of each bullet, in milliseconds; an utterance with
  several bullets is several segments. The speaker is the code (`SPK`). An utterance without a bullet is listed
  as skipped; dependent tiers (`%mor:`), word times in them too, and headers are passed over without a note.
- Laughter (`&=laughs`) is marked where a bullet's stretch holds nothing else, and so are other sounds of the voice
  (`&=babbles`, `&=vocalizes`, `&=cries`: turns of small children), as noise of the voice. One that holds only other
  events (`&=coughs`, `&=points`) or the sign of an action without speech (`0`) is no segment. Everything else is
  speech, unintelligible (`xxx`) or not transcribed (`www`) too.
- A code may hold spaces (`*MS. A:`), though the format has none.
- The language is the first of `@Languages`. The conversation is the file's name without its suffix. The format
  does not say what was observed: the window is the first onset to the last end. The time resolution is 1 ms.

The format: MacWhinney, "Tools for Analyzing Talk, Part 1: The CHAT Transcription Format" (TalkBank). pylangacq
tests this reader on whole files and cannot read damaged ones: it gives no lines; strict, it refuses a file
for one reversed bullet, and not strict, it loses a main line without a colon, the second bullet of an utterance
and bullets with a file name, and reads `-500_1250` as 500, all without a word.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.languages import language_tag
from babble_jax.conversation.source import (
    Row,
    Skip,
    Source,
    annotate,
    parse_interval,
    parse_milliseconds,
    quote,
)

NAME = "chat"
TIME_RESOLUTION = 0.001
_LONGEST_CODE = 40  # characters of one with spaces

_HEAD = re.compile(r"^@(?:UTF8|Begin)[ \t]*\r?$", re.MULTILINE)
_BULLET = "\x15"
# The older form names the recording: %snd:"talk.wav"_500_1250. A dash at the end says "do not play it".
_TIMES = re.compile(r'(?:%\w+:"[^"]*"_)?([^_]+)_([^_]+?)-?')
_LAUGH = re.compile("&=(?:laugh|chuckl|giggl)")
_VOICE = re.compile(
    "&=(?:babbl|vocali|coo(?:s|ing|e?d)?$|gurgl|cry|cri|whin|whimper|fuss|squeal|squeak|scream|shriek|screech|yell|shout|"
    "grunt|groan|moan|growl|hum(?:s|ming)?$|sing|sob|wail|trill|bubbl|raspberr|mumbl|mutter|murmur|whisper|roar|holler|"
    "imit|exclaim|protest)"
)
"""Sounds of the voice, as the manual and the corpora of small children name them."""
# No sounds: codes in brackets, terminators, pauses.
_SILENT = re.compile(r"\[[^\[\]]*\]|<|>|\(\.*\)|\([\d:.]+\)|(?<!\S)(?:\+\S*|[.?!,])(?!\S)")


def sniff(head: str) -> bool:
    """Returns whether a file begins with the headers of CHAT."""
    return _HEAD.search(head) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the one conversation of a file."""
    rows, skipped, language = [], [], None
    id = Path(source.path).stem
    for number, tier in _tiers(source.text):
        if tier.startswith("@Languages:"):
            language = language or language_tag(re.split(r"[,\s]+", tier.partition(":")[2].strip())[0])
        if not tier.strip() or tier[0] in "@%":
            continue
        try:
            speaker, content = _main(tier)
            if _BULLET not in content:
                raise ValueError("an utterance without a time bullet")
        except ValueError as error:
            skipped.append(Skip(source.path, number, str(error)))
            continue
        for line, words, bullet in _bullets(content, number):
            try:
                rows.append(Row(id, speaker, *_times(bullet), _mark(words), words))
            except ValueError as error:
                skipped.append(Skip(source.path, line, str(error)))
    if not rows:
        return [], skipped or [Skip(source.path, None, "no utterance with a time bullet")]
    return [annotate(rows, source, language=language, time_resolution=TIME_RESOLUTION)], skipped


def _tiers(text: str) -> Iterator[tuple[int, str]]:
    """Yields each tier or header with the number of its first line; a blank begins a line that continues it."""
    first, lines = 1, []
    for number, line in enumerate(text.split("\n"), 1):
        if lines and line[:1] in (" ", "\t"):
            lines.append(line)
            continue
        if lines:
            yield first, "\n".join(lines)
        first, lines = number, [line]
    yield first, "\n".join(lines)


def _main(tier: str) -> tuple[str, str]:
    """Splits a main tier into the speaker and the content."""
    if not tier.startswith("*"):
        raise ValueError("a line that begins with none of @, *, % and a tab")
    speaker, colon, content = tier[1:].partition(":")
    speaker = " ".join(speaker.split())
    spaces = " " in speaker and (len(speaker) > _LONGEST_CODE or not content.startswith("\t"))
    if not colon or not speaker or spaces:
        raise ValueError("a main line without a speaker and a colon after the star")
    if "\ufffd" in speaker:
        raise ValueError("the speaker holds bytes that are not UTF-8")
    return speaker, content


def _bullets(content: str, line: int) -> Iterator[tuple[int, str, str | None]]:
    """Yields the line of each bullet, the words before it, and its text: None where it does not end.

    Args:
      content: of a tier, words and bullets in turn.
      line: number of its first line.
    """
    parts = content.split(_BULLET)
    for i in range(1, len(parts), 2):
        line += parts[i - 1].count("\n")
        yield line, parts[i - 1], parts[i] if i + 1 < len(parts) else None
        line += parts[i].count("\n")


def _times(bullet: str | None) -> tuple[float, float]:
    if bullet is None:
        raise ValueError("a time bullet that does not end")
    match = _TIMES.fullmatch(bullet.strip())
    if match is None:
        raise ValueError(f"'{quote(bullet)}' is no time bullet (start_end)")
    return parse_interval(match[1], match[2], parse_milliseconds)


def _mark(words: str) -> Mark | None:
    sounds = _SILENT.sub(" ", words).split()
    if not sounds or any(not sound.startswith("&=") and sound != "0" for sound in sounds):
        return Mark.SPEECH
    if any(_LAUGH.match(sound) for sound in sounds) or re.search(r"\[=! *laugh", words):
        return Mark.LAUGHTER
    return Mark.VOCAL_NOISE if any(_VOICE.match(sound) for sound in sounds) else None
