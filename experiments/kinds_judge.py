"""Experiments that ask how much like speech something is."""

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax import config
from babble_jax.audio.speechlike import reference
from babble_jax.dataset import recipes, recordings
from babble_jax.dataset.source import open_dataset
from babble_jax.progress import Progress

SHIPPED = Path(reference.__file__).parents[2] / "presets" / "speechlike"
HELD_OUT = ("validation", "test")


def held_out(dataset: Path, speaker: str) -> np.ndarray:
    """[T] float: the recordings of a speaker that no voice has learned from, one after the other."""
    lines = []
    for split in HELD_OUT:
        opened = open_dataset(dataset, split)
        number = opened.speaker_names.index(speaker)
        lines += [opened.read(i) for i in range(len(opened)) if opened.speakers[i] == number]
    return np.concatenate(lines).astype(np.float32) / 32_768


@dataclasses.dataclass(frozen=True)
class ReferenceExperiment:
    """Measures the held-out speech of each source, one speaker each, and ships what it finds.

    Attributes:
      sources: recipes of `babble_jax.dataset.recipes`.
      sample_rate: Hz.
      pad: seconds of silence around each recording.
    """

    sources: tuple[str, ...]
    sample_rate: int
    pad: float

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Runs all of it."""
        del results
        dataset = work / "dataset"
        if not dataset.exists():
            with tempfile.TemporaryDirectory() as scratch:
                folders = [recipes.fetch(name, Path(scratch)) for name in self.sources]
                recordings.build(folders, dataset, self.sample_rate, pad=self.pad)
        made = []
        for name in self.sources:
            audio = held_out(dataset, name)
            pieces = len(reference.pieces_of(audio, self.sample_rate))
            with Progress(name, pieces + min(pieces, 10), "pieces") as progress:
                found = reference.measured(
                    audio, self.sample_rate, name, recipes.RECIPES[name].description, progress.update
                )
            reference.save(found, SHIPPED / f"{name}.json")
            made.append(config.to_json(found))
        return {"references": made}
