"""Reads a dialogue back from the folder that it was rendered into."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.conversation.source import MAX_SECONDS
from babble_jax.errors import BabbleError
from babble_jax.files import MANIFEST
from babble_jax.input_files import read_json

KIND = "babble_jax duet"
"""Identifies a dialogue in its manifest."""
_MOST_SPEAKERS = 20


def is_dialogue_folder(folder: str | os.PathLike) -> bool:
    """Returns whether `babble converse` wrote this folder, by its manifest."""
    try:
        return read_json(Path(folder) / MANIFEST)["kind"] == KIND
    except (BabbleError, KeyError, TypeError):
        return False


def read_dialogue_folder(folder: str | os.PathLike) -> Conversation:
    """Reads the dialogue in a folder with the times of its sound: exact to the sample, from 0 to the end.

    Raises:
      BabbleError: the manifest lacks something.
    """
    path = Path(folder) / MANIFEST
    values = read_json(path)
    try:
        return conversation_from_manifest(
            values, values["conversation"], values["seconds"], values["sample_rate"]
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise BabbleError(f"{path}: no manifest of a dialogue ({error}); render it again.") from error


def conversation_from_manifest(values: dict[str, Any], id: str, seconds: float, rate: int) -> Conversation:
    """Makes a conversation of the `channels` and `ipus` of a manifest, with the times of its sound.

    Args:
      values: of the manifest, or of one stimulus in it.
      id: of the conversation.
      seconds: length of the sound.
      rate: samples per second.
    """
    speakers = tuple(channel["speaker"] for channel in values["channels"])
    rows = values["ipus"]
    onset = np.array([row["realised"]["onset"] for row in rows], np.float64)
    end = np.array([row["realised"]["end"] for row in rows], np.float64)
    if not all(isinstance(name, str) for name in (id, *speakers)) or not 1 <= len(speakers) <= _MOST_SPEAKERS:
        raise ValueError("its names are none")
    if len(set(speakers)) < len(speakers) or type(rate) is not int or not 1000 <= rate <= 192_000:
        raise ValueError("two channels have one speaker, or the sample rate is none")
    if (
        not 0 < seconds <= MAX_SECONDS
        or not ((onset >= 0) & (onset <= end) & (end <= seconds + 1 / rate)).all()
    ):
        raise ValueError("an IPU does not lie within the dialogue")
    return Conversation(
        id=id,
        corpus="babble",
        speakers=speakers,
        speaker=np.array([speakers.index(row["speaker"]) for row in rows], np.int32),
        onset=onset,
        end=end,
        mark=np.full(len(rows), Mark.SPEECH, np.uint8),
        unit="ipu",
        language=None,
        group=id,
        windows=np.array([[0.0, seconds]]),
        time_resolution=1 / rate,
    )
