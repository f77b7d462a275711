"""The corpus of a conversation: its name, its language, and the conversations that share people with it."""

import dataclasses
import re

from babble_jax.conversation.languages import language_tag

# Meetings of one series share people: EN2001a, EN2001b. A few stand alone: IN1001.
_AMI = re.compile(r"(?:EN|ES|IB|IN|IS|TS)\d{4}[a-e]?")
# Quad 1 to 8, with or without eye contact, conversation 1 to 8: q1ec1. Four people are a quad in one
# condition.
_MAPTASK = re.compile(r"q[1-8][en]c[1-8]")
_CALLHOME = re.compile(r"callhome[-_ ]?(\w+)", re.IGNORECASE)
_CALLHOME_LANGUAGES = {
    "english": "en",
    "spanish": "es",
    "german": "de",
    "japanese": "ja",
    "chinese": "zh",
    "mandarin": "zh",
}


@dataclasses.dataclass(frozen=True)
class Corpus:
    """Properties of a conversation that stand in no row of its file.

    Attributes:
      name: of the corpus.
      language: BCP 47 tag, None where it is not known.
      group: conversations of one group may share people.
    """

    name: str
    language: str | None
    group: str


def infer_corpus(id: str, folders: tuple[str, ...]) -> Corpus:
    """Infers the corpus of the conversation `id` from the id and from the folders of its file, nearest first.

    AMI and Map Task are recognized by the form of the id; their groups are the series of meetings (first six
    letters) and the quad of people (first three). CALLHOME is recognized by a folder such as `CallHomeEnglish`,
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
        if callhome:
            name = callhome[1].lower()
            language = _CALLHOME_LANGUAGES.get(name) or language_tag(name)
            if language in _CALLHOME_LANGUAGES.values():
                return Corpus(folder, language, id)
    return Corpus(folders[0] if folders else "", None, id)


def has_known_groups(id: str) -> bool:
    """Returns whether the id of a conversation is of a corpus whose ids tell the groups: AMI and Map Task."""
    return bool(_AMI.fullmatch(id) or _MAPTASK.fullmatch(id))
