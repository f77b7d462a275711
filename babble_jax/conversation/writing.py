"""The annotation of a rendered dialogue in the formats that people open: Praat, ELAN, RTTM, CSV.

Axes: N IPUs. All times are the realised ones, sample / rate. Rounding: TextGrid none (15 digits), EAF to the
millisecond (the format's unit), RTTM and CSV to the microsecond.
"""

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pympi.Elan
from praatio import textgrid
from praatio.utilities.constants import Interval

from babble_jax import files
from babble_jax.conversation.conversation import Conversation

_EAF_DATE = "1970-01-01T00:00:00+00:00"  # the format wants a date; a real one would make every file differ


def write_all(audio: str | os.PathLike, dialogue: Conversation, number: np.ndarray | None = None) -> None:
    """All formats beside the sound file `audio`, under its name.

    Args:
      audio: the sound of the dialogue.
      dialogue: its realised times.
      number: [N] of each IPU among its speaker's, from 0, for its label; by time where absent.
    """
    audio = Path(audio)
    write_textgrid(audio.with_suffix(".TextGrid"), dialogue, number)
    write_eaf(audio.with_suffix(".eaf"), dialogue, audio.name, number)
    write_rttm(audio.with_suffix(".rttm"), dialogue)
    write_csv(audio.with_suffix(".csv"), dialogue)


def write_textgrid(path: str | os.PathLike, dialogue: Conversation, number: np.ndarray | None = None) -> None:
    """A Praat TextGrid (long format): one interval tier per speaker, labels `A1`, `A2` ... by number."""
    end = float(dialogue.windows[-1, 1])
    grid = textgrid.Textgrid(0.0, end)
    for index, name in enumerate(dialogue.speakers):
        grid.addTier(
            textgrid.IntervalTier(
                name, [Interval(*row) for row in _labelled(dialogue, index, number)], 0.0, end
            )
        )
    with files.atomic_write(path) as temporary:
        grid.save(str(temporary), format="long_textgrid", includeBlankSpaces=True)


def write_eaf(
    path: str | os.PathLike, dialogue: Conversation, audio_name: str, number: np.ndarray | None = None
) -> None:
    """An ELAN file: one tier per speaker, the same labels, `audio_name` beside it linked as its sound."""
    eaf = pympi.Elan.Eaf(author="babble_jax")
    eaf.adocument["DATE"] = _EAF_DATE
    eaf.add_linked_file(audio_name, relpath=f"./{audio_name}", mimetype="audio/x-wav")
    for index, name in enumerate(dialogue.speakers):
        eaf.add_tier(name, part=name)
        for start, end, label in _labelled(dialogue, index, number):
            eaf.add_annotation(name, round(start * 1000), round(end * 1000), label)
    eaf.remove_tier("default")
    # As text: the package's own writer moves a file that is there to `.bak`.
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    files.write_text(path, head + pympi.Elan.to_string(eaf, encoding="unicode"))


def write_rttm(path: str | os.PathLike, dialogue: Conversation) -> None:
    """RTTM: a SPEAKER line per IPU, in order of time; the channel is the speaker's, from 1."""
    lines = []
    for index, start, end in _in_order(dialogue):
        duration = round(end, 6) - round(start, 6)  # the end is then exact to the microsecond as well
        lines.append(
            f"SPEAKER {dialogue.id} {index + 1} {start:.6f} {duration:.6f} "
            f"<NA> <NA> {dialogue.speakers[index]} <NA> <NA>\n"
        )
    files.write_text(path, "".join(lines))


def write_csv(path: str | os.PathLike, dialogue: Conversation) -> None:
    """CSV with the columns conversation, speaker, start, end; in order of time."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["conversation", "speaker", "start", "end"])
    for index, start, end in _in_order(dialogue):
        rows.writerow([dialogue.id, dialogue.speakers[index], f"{start:.6f}", f"{end:.6f}"])
    files.write_text(path, text.getvalue())


def _in_order(dialogue: Conversation) -> list[tuple[int, float, float]]:
    """(speaker, onset, offset) by onset, then speaker."""
    rows = zip(dialogue.speaker.tolist(), dialogue.onset.tolist(), dialogue.end.tolist(), strict=True)
    return sorted(rows, key=lambda row: (row[1], row[0]))


def _labelled(
    dialogue: Conversation, speaker: int, number: np.ndarray | None
) -> Iterator[tuple[float, float, str]]:
    """(onset, offset, label) of one speaker's IPUs, by time."""
    own = np.flatnonzero(dialogue.speaker == speaker)
    own = own[np.argsort(dialogue.onset[own], kind="stable")]
    named = np.arange(len(own)) if number is None else number[own]
    for row, n in zip(own.tolist(), named.tolist(), strict=True):
        label = f"{dialogue.speakers[speaker]}{n + 1}"
        yield float(dialogue.onset[row]), float(dialogue.end[row]), label
