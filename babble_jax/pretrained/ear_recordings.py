"""The recordings that an ear was trained on, by the SHA-256 of their files: `recordings.sha256` in its folder.

An ear is wrong less often in them than in others. The digests say nothing of a recording to those who do not have it.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from babble_jax import files
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_text
from babble_jax.pretrained.ear_text import find_part

DIGESTS = "recordings.sha256"
_DIGITS = 16  # 64 bits of the digest


def save_digests(digests: Iterable[str], folder: str | os.PathLike) -> None:
    """Writes which recordings an ear was trained on.

    Args:
      digests: SHA-256 of the file of each recording, or the first 16 digits of it.
      folder: of the ear.
    """
    files.write_text(
        Path(folder) / DIGESTS, "\n".join(sorted({digest[:_DIGITS] for digest in digests})) + "\n"
    )


def load_digests(ear: str | os.PathLike) -> frozenset[str] | None:
    """Reads what `save_digests` wrote: the first 16 digits of each digest; None where the ear has none.

    Args:
      ear: name of an ear that ships, folder of one, or folder of the training run that makes it.

    Raises:
      BabbleError: the file cannot be read, or holds something else.
    """
    path = find_part(ear, DIGESTS)
    if path is None:
        return None
    digests = frozenset(read_text(path).split())
    if not all(len(one) == _DIGITS and set(one) <= set("0123456789abcdef") for one in digests):
        raise BabbleError(f"{path}: holds no digests of {_DIGITS} digits, one a line; delete the file.")
    return digests


def is_among(path: Path, digests: frozenset[str] | None) -> bool | None:
    """Says if a file is one of the recordings, byte for byte; None where they are not known.

    Args:
      path: of the file.
      digests: what `load_digests` gave.
    """
    return None if digests is None else files.sha256(path)[:_DIGITS] in digests
