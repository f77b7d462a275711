"""Data sets of recordings that are fetched."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from babble_jax.dataset import recipes, recordings


def build_from_recipes(sources: Sequence[str], dataset: Path, sample_rate: int, pad: float) -> None:
    """Builds a data set unless it is there; the recordings are fetched and removed again.

    Args:
      sources: recipes of `babble_jax.dataset.recipes`, each one speaker.
      dataset: folder.
      sample_rate: Hz.
      pad: seconds of silence around each recording.
    """
    if dataset.exists():
        return
    with tempfile.TemporaryDirectory() as scratch:
        folders = [recipes.fetch_recipe(name, Path(scratch)) for name in sources]
        recordings.build_from_folders(folders, dataset, sample_rate, pad=pad)
