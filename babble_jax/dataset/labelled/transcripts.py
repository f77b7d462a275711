"""Transcripts of recordings, and the graphemes of a text.

- Festival (`etc/txt.done.data`): a line `( NAME "TEXT" )` for each recording.
- LJSpeech (`metadata.csv`): a line `NAME|TEXT|TEXT WITH NUMBERS SPELT OUT`; the last column is taken.
- A file of text beside the sound file (`NAME.txt`, or `NAME.lab` for the Montreal Forced Aligner).
"""

import re
import unicodedata
from pathlib import Path

from babble_jax.errors import BabbleError
from babble_jax.input_files import read_text

TABLES = FESTIVAL_FILE, LJSPEECH_FILE = "txt.done.data", "metadata.csv"
"""Names of files with the transcripts of many recordings."""
_FESTIVAL = re.compile(r'\(\s*(\S+)\s+"((?:[^"\\]|\\.)*)"\s*\)')
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "`": "'"})
SPACE = " "
"""Grapheme between words."""


def read_festival(path: Path) -> dict[str, str]:
    """Reads the transcripts of a Festival voice by the name of the recording.

    Raises:
      BabbleError: a line is not `( NAME "TEXT" )`; names it.
    """
    texts = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        match = _FESTIVAL.fullmatch(line.strip())
        if match is None:
            raise BabbleError(f'{path}, line {number}: is not ( NAME "TEXT" ); correct it.')
        texts[match[1]] = re.sub(r"\\(.)", r"\1", match[2])
    return texts


def read_ljspeech(path: Path) -> dict[str, str]:
    """Reads transcripts by the name of the recording from a table with bars between its columns.

    Raises:
      BabbleError: a line has fewer than two columns; names it.
    """
    texts = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        columns = [column.strip() for column in line.split("|")]
        if len(columns) < 2 or not columns[0]:
            raise BabbleError(f"{path}, line {number}: is not NAME|TEXT; correct it.")
        texts[columns[0]] = columns[-1] or columns[1]
    return texts


def spell(text: str) -> tuple[str, ...] | None:
    """Spells a text in graphemes: its letters in lower case, apostrophes in words, one space between words.

    Everything else is dropped: punctuation, and `+`, which marks stress in Russian transcripts for Festival. A hyphen
    and a dash are spaces. Combining marks stay with their letter, where one character holds both.

    Returns:
      The graphemes; None for a text with digits, which nobody knows how to spell, or without a letter.
    """
    characters = []
    for one in unicodedata.normalize("NFC", text.translate(_APOSTROPHES).lower()):
        category = unicodedata.category(one)
        if category[0] == "N":
            return None
        if category[0] in "LM" or one == "'":
            characters.append(one)
        elif category[0] == "Z" or category == "Pd" or one.isspace():
            characters.append(SPACE)
    words = [word for part in "".join(characters).split() if (word := part.strip("'"))]
    return tuple(SPACE.join(words)) or None
