"""Reads a dialogue back from the folder that it was rendered into."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.errors import BabbleError
from babble_jax.files import MANIFEST
from babble_jax.input_files import read_json

KIND = "babble_jax duet"
"""Identifies a dialogue in its manifest."""


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
    except (ValueError, KeyError, TypeError) as error:
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
    return Conversation(
        id=id,
        corpus="babble",
        speakers=speakers,
        speaker=np.array([speakers.index(row["speaker"]) for row in rows], np.int32),
        onset=np.array([row["realised"]["onset"] for row in rows], np.float64),
        end=np.array([row["realised"]["end"] for row in rows], np.float64),
        mark=np.full(len(rows), Mark.SPEECH, np.uint8),
        unit="ipu",
        language=None,
        group=id,
        windows=np.array([[0.0, seconds]]),
        time_resolution=1 / rate,
    )
