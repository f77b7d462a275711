"""Data sets of recordings that are fetched or synthesized."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from babble_jax.dataset import recipes, recordings
from babble_jax.synthesis.kinds import MINUTES


def build_from_recipes(
    sources: Sequence[str], dataset: Path, sample_rate: int, pad: float, minutes: float = MINUTES
) -> None:
    """Builds a data set unless it is there; the recordings are fetched or synthesized, and removed again.

    Args:
      sources: names of `babble_jax.dataset.recipes`, each one speaker: packages, and sound that is synthesized.
      dataset: folder.
      sample_rate: Hz.
      pad: seconds of silence around each recording.
      minutes: of sound that is synthesized, of each such source.
    """
    if dataset.exists():
        return
    with tempfile.TemporaryDirectory() as scratch:
        folders = [recipes.fetch_recipe(name, Path(scratch), minutes) for name in sources]
        recordings.build_from_folders(folders, dataset, sample_rate, pad=pad)
