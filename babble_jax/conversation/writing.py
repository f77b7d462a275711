"""The annotation of a dialogue in all formats that people open: Praat, ELAN, RTTM, CSV.

Axes: N segments. Rounding: TextGrid none (15 digits), EAF to the millisecond (the format's unit), RTTM and CSV to
the microsecond.
"""

import os
from pathlib import Path

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.formats import elan, rttm, table, textgrid


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
