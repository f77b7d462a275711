"""Which corpus a conversation belongs to: its name, its language, and whom it shares people with."""

import dataclasses
import re

# Meetings of one series share people: EN2001a, EN2001b. A few stand alone: IN1001.
_AMI = re.compile(r"(?:EN|ES|IB|IN|IS|TS)\d{4}[a-e]?")
# Quad 1 to 8, with or without eye contact, conversation 1 to 8: q1ec1. Four people are a quad in one
# condition.
_MAPTASK = re.compile(r"q[1-8][en]c[1-8]")
_CALLHOME = re.compile(r"callhome[-_ ]?(\w+)", re.IGNORECASE)
_LANGUAGES = {
    "english": "en", "eng": "en", "en": "en", "spanish": "es", "spa": "es", "es": "es", "german": "de", "deu":
    "de",
    "de": "de", "japanese": "ja", "jpn": "ja", "ja": "ja", "chinese": "zh", "mandarin": "zh", "zho": "zh",
    "zh": "zh",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Corpus:
    """What a reader cannot read off a row.

    Attributes:
      name: of the corpus.
      language: BCP 47 tag, None where it is not known.
      group: conversations of one group may share people.
    """

    name: str
    language: str | None
    group: str


def corpus_of(id: str, folders: tuple[str, ...]) -> Corpus:
    """The corpus of the conversation `id`, found in the file whose folders, nearest first, are given.

    AMI and Map Task are told by the look of the id; their groups are the series of meetings (first six
    letters) and the quad of people (first three). CALLHOME is told by a folder such as `CallHomeEnglish`,
    which names the corpus and the language: the same id stands for different calls in two languages. Any
    other corpus has the name of the folder that holds the file, and each of its conversations is its own
    group.
    """
    if _AMI.fullmatch(id):
        return Corpus("ami", "en", id[:6])
    if _MAPTASK.fullmatch(id):
        return Corpus("maptask", "en-GB", id[:3])
    for folder in folders:
        callhome = _CALLHOME.fullmatch(folder)
        if callhome and callhome[1].lower() in _LANGUAGES:
            return Corpus(folder, _LANGUAGES[callhome[1].lower()], id)
    return Corpus(folders[0] if folders else "", None, id)
