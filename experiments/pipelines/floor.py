"""Evaluates the floor of a corpus beside its baselines."""

import dataclasses
from pathlib import Path
from typing import Any

from babble_jax.timing.evaluation.floor.comparison_picture import plot_floor_comparison
from babble_jax.timing.evaluation.floor.evaluation import evaluate_floor
from babble_jax.timing.events import Definitions
from experiments.pipelines.corpora import read_corpus


@dataclasses.dataclass(frozen=True)
class FloorExperiment:
    """Compares the floor and its baselines, fitted on the training groups, with the calls of the others.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      definitions: of the events.
      replicates: simulated sets of each model.
    """

    corpus: str
    definitions: Definitions = Definitions()
    replicates: int = 8

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Evaluates and plots.

        Args:
          work: not needed.
          results: path, without suffix, of the picture.
        """
        values = evaluate_floor(read_corpus(self.corpus), self.definitions, replicates=self.replicates)
        plot_floor_comparison(
            f"{results}.png", values, f"{self.corpus}: {values['calls']} held-out conversations"
        )
        return values
