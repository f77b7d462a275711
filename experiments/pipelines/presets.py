"""The kind of experiment that fits the timing presets that ship."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from babble_jax import files, plotting
from babble_jax.presets import registry
from babble_jax.timing import preset
from babble_jax.timing.catalogue import preset_card
from babble_jax.timing.fitting import fit_timing
from babble_jax.timing.preset import TimingPreset
from experiments.pipelines.corpora import read_corpus

SHIPPED = registry.folder("timing")


@dataclasses.dataclass(frozen=True)
class Source:
    """Names a preset and its corpus.

    Attributes:
      name: of the preset.
      corpus: folder in `BABBLE_CORPORA`.
      source: where the corpus can be obtained, in one line.
      licence: its licence, in one line.
      third: take only conversations whose id has this third letter; all if empty.
    """

    name: str
    corpus: str
    source: str
    licence: str
    third: str = ""


@dataclasses.dataclass(frozen=True)
class PresetsExperiment:
    """Fits all presets and writes them into the package.

    Attributes:
      sources: one for each preset.
    """

    sources: tuple[Source, ...]

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Fits one preset after another; those that `work` holds already are taken from there.

        Args:
          work: folder for the presets.
          results: path, without suffix, of the picture.
        """
        presets = []
        for source in self.sources:
            path = work / f"{source.name}.json"
            if not path.exists():
                conversations = [
                    c for c in read_corpus(source.corpus) if not source.third or c.id[2] == source.third
                ]
                fitted = fit_timing(conversations, source.name, None, source.source, source.licence)
                fitted.save(path)
            presets.append(preset.load_timing(path))
            files.write_text(SHIPPED / path.name, path.read_text("utf-8"))
        _plot(Path(f"{results}.png"), presets)
        return {"presets": [preset_card(one.to_json()) for one in presets]}


def _plot(path: Path, presets: Sequence[TimingPreset]) -> None:
    """Plots the distributions of the offsets, level by level."""
    offsets = np.linspace(-1.5, 2.0, 701)
    figure = plotting.create_figure(11, 4.5)
    for axes, fto_level in zip(figure.subplots(1, 2, sharey=True), ("ipu", "turn"), strict=True):
        for number, one in enumerate(presets):
            with jax.enable_x64(True):
                density = np.exp(np.asarray(one.models[fto_level].log_prob(offsets)))
            style = "-" if number < 5 else "--"
            axes.plot(offsets, density, style, color=f"C{number}", label=one.name)
        axes.axvline(0, color="0.5", linewidth=0.8)
        axes.set(title=f"level {fto_level}", xlabel="floor-transfer offset (s)")
    figure.axes[0].set_ylabel("density (1/s)")
    figure.axes[1].legend(fontsize="small")
    plotting.save_png(figure, path, dpi=100)
