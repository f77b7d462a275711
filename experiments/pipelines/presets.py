"""What is done to make the timing presets that ship."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from babble_jax import files
from babble_jax.presets import registry
from babble_jax.timing import preset
from babble_jax.timing.catalogue import preset_card
from babble_jax.timing.preset import TimingPreset, fit_timing
from experiments.pipelines.voice import corpus

SHIPPED = registry.folder("timing")


@dataclasses.dataclass(frozen=True)
class Source:
    """One preset's corpus.

    Attributes:
      name: of the preset.
      corpus: folder in `BABBLE_CORPORA`.
      source: where the corpus is to be had, one line.
      licence: its terms, one line.
      third: only conversations whose id has this third letter; all where empty.
    """

    name: str
    corpus: str
    source: str
    licence: str
    third: str = ""


@dataclasses.dataclass(frozen=True)
class PresetsExperiment:
    """Fits and ships them all.

    Attributes:
      sources: of the presets.
    """

    sources: tuple[Source, ...]

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Fits one preset after another; those that `work` holds already are taken from there."""
        made = []
        for source in self.sources:
            kept = work / f"{source.name}.json"
            if not kept.exists():
                conversations = [
                    c for c in corpus(source.corpus) if not source.third or c.id[2] == source.third
                ]
                fitted = fit_timing(
                    conversations, source.name, None, source.source, source.licence, simulator=True
                )
                fitted.save(kept)
            made.append(preset.load_timing(kept))
            files.write_text(SHIPPED / kept.name, kept.read_text("utf-8"))
        _plot(Path(f"{results}.png"), made)
        return {"presets": [preset_card(one) for one in made]}


def _plot(path: Path, presets: Sequence[TimingPreset]) -> None:
    """The laws of the offsets, level by level."""
    grid = np.linspace(-1.5, 2.0, 701)
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, fto_level in zip(figure.subplots(1, 2, sharey=True), ("ipu", "turn"), strict=True):
        for number, one in enumerate(presets):
            with jax.enable_x64(True):
                density = np.exp(np.asarray(one.models[fto_level].log_prob(grid)))
            style = "-" if number < 5 else "--"
            axes.plot(grid, density, style, color=f"C{number}", label=one.name)
        axes.axvline(0, color="0.5", linewidth=0.8)
        axes.set(title=f"level {fto_level}", xlabel="floor-transfer offset (s)")
    figure.axes[0].set_ylabel("density (1/s)")
    figure.axes[1].legend(fontsize="small")
    with files.atomic_write(path) as temporary:
        figure.savefig(temporary, format="png", dpi=100)
