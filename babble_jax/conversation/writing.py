"""The annotation of a dialogue in all formats that people open, Praat, ELAN, RTTM, CSV, or in one of them.

Axes: N segments. Rounding: TextGrid none (15 digits), EAF to the millisecond (the format's unit), RTTM and CSV to
the microsecond.
"""

import os
from pathlib import Path

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.formats import elan, rttm, table, textgrid
from babble_jax.errors import BabbleError

TEXTGRID, EAF, RTTM = ".TextGrid", ".eaf", ".rttm"
ANNOTATION_SUFFIXES = (TEXTGRID, EAF, RTTM)
"""Of the files that `write_annotation` writes."""


def write_all(audio: str | os.PathLike, dialogue: Conversation, number: np.ndarray | None = None) -> None:
    """Writes all formats beside the sound file `audio`, under its name.

    Args:
      audio: the sound of the dialogue.
      dialogue: its times, in seconds.
      number: [N] int of each segment among its speaker's, from 0, for its label; by time where absent.
    """
    audio = Path(audio)
    textgrid.write_textgrid(audio.with_suffix(".TextGrid"), dialogue, number)
    elan.write_eaf(audio.with_suffix(".eaf"), dialogue, audio.name, number)
    rttm.write_rttm(audio.with_suffix(".rttm"), dialogue)
    table.write_csv(audio.with_suffix(".csv"), dialogue)


def check_annotation_suffix(path: str | os.PathLike) -> str:
    """Returns which of `ANNOTATION_SUFFIXES` the name of a file has, in letters of any case.

    Raises:
      BabbleError: it has another one.
    """
    suffix = Path(path).suffix
    for one in ANNOTATION_SUFFIXES:
        if suffix.lower() == one.lower():
            return one
    example = f"{Path(path).stem or 'call'}{TEXTGRID}"
    raise BabbleError(
        f"{path}: annotation is written as {TEXTGRID} (Praat), {EAF} (ELAN) or {RTTM}, by the ending of the name; call "
        f"the file {example}, say."
    )


def write_annotation(path: str | os.PathLike, conversation: Conversation, audio: str | os.PathLike) -> None:
    """Writes a conversation in the format that the name of the file says.

    Args:
      path: of the file, with one of `ANNOTATION_SUFFIXES`.
      conversation: whose segments of one speaker do not overlap.
      audio: its recording, to which an ELAN file is linked.

    Raises:
      BabbleError: the name says no such format, or the file cannot be written.
    """
    suffix = check_annotation_suffix(path)
    if suffix == TEXTGRID:
        textgrid.write_textgrid(path, conversation)
    elif suffix == EAF:
        relative = os.path.relpath(Path(audio).resolve(), Path(path).resolve().parent)
        elan.write_eaf(path, conversation, Path(relative).as_posix())
    else:
        rttm.write_rttm(path, conversation)
