"""Builds the default dataset from the speech that ships: read Russian by one man, an excerpt of festvox-ru.

The sound lies in `babble_jax/presets/speech/festvox-ru` as Ogg Opus at 16 kHz, whole utterances with the
silence at their ends cut off; `NOTICE` beside it is the licence, and `make_excerpt.py` made it. Its splits
are those of the complete recordings, since a split follows from a file's name.
"""

import os

from babble_jax.dataset import recordings
from babble_jax.presets import registry


def build_excerpt(out: str | os.PathLike, sample_rate: int = 16_000) -> recordings.DatasetReport:
    """Builds a dataset from the excerpt, as `babble_jax.dataset.recordings.build_from_folders` does from any folder.

    Args:
      out: where the dataset is written; absent, or an empty folder.
      sample_rate: Hz; the recordings hold little above 5 kHz.

    Raises:
      BabbleError: `out` is taken, or the rate is out of range.
    """
    return recordings.build_from_folders(registry.path("speech", "festvox-ru"), out, sample_rate=sample_rate)


def read_notice() -> str:
    """Reads the copyright notice and licence of the excerpt."""
    return registry.path("speech", "NOTICE").read_text("utf-8")
