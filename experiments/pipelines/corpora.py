"""Conversation corpora that experiments read."""

import os
from pathlib import Path

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.reading import read
from babble_jax.errors import BabbleError


def read_corpus(name: str) -> tuple[Conversation, ...]:
    """Reads the conversations of a folder in `BABBLE_CORPORA`.

    Raises:
      BabbleError: the variable or the folder is not there.
    """
    folder = os.environ.get("BABBLE_CORPORA")
    if not folder:
        raise BabbleError("Set BABBLE_CORPORA to the folder that holds the corpora.")
    return tuple(read(Path(folder) / name).conversations)
