"""What an experiment on the floor of dialogues does with its values.

Axes: D conversations.
"""

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

from babble_jax import files
from babble_jax.timing.evaluation.floor.baselines import BASELINES
from babble_jax.timing.evaluation.floor.comparison import (
    Simulate,
    compare_floor,
    rows_behind,
    of_baseline,
    of_simulator,
)
from babble_jax.timing.evaluation.floor.comparison_picture import plot_floor_comparison
from babble_jax.timing.evaluation.floor.scores import scores
from babble_jax.timing.events import Definitions
from babble_jax.timing.floor.fit import fit_floor
from babble_jax.timing.floor.simulator import FloorSimulator
from babble_jax.timing.splits import split
from experiments.pipelines.corpora import read_corpus


@dataclasses.dataclass(frozen=True)
class FloorExperiment:
    """The floor simulator and its baselines, fitted on the training groups, against the calls of the others.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      speakers: conversations of another number of speakers are left out.
      definitions: of the events.
      baselines: which, by their names in `BASELINES`.
      replicates: simulated sets of each model.
    """

    corpus: str
    speakers: int = 2
    definitions: Definitions = Definitions()
    baselines: tuple[str, ...] = tuple(BASELINES)
    replicates: int = 8

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Reads, splits, fits, simulates, compares, draws. The fitted simulator stays in `work`, to go on with."""
        conversations = [c for c in read_corpus(self.corpus) if len(c.speakers) == self.speakers]
        train = split([c.group for c in conversations])
        training = [c for c, t in zip(conversations, train, strict=True) if t]
        heldout = [c for c, t in zip(conversations, train, strict=True) if not t]
        begin = time.monotonic()
        kept = work / "simulator.json"
        if not kept.exists():
            files.write_json(kept, fit_floor(training, self.definitions).to_json())
        simulator = FloorSimulator.from_json(json.loads(kept.read_text("utf-8")), str(kept))
        fitted = time.monotonic() - begin
        models: dict[str, Simulate] = {"hazards": of_simulator(simulator)}
        models |= {name: of_baseline(BASELINES[name](training, self.definitions)) for name in self.baselines}
        table = compare_floor(heldout, conversations, models, self.definitions, replicates=self.replicates)
        plot_floor_comparison(f"{results}.png", table, f"{self.corpus}: {len(heldout)} held-out conversations")
        return {
            "training_conversations": len(training),
            "fit_seconds": fitted,
            "nats_per_second": scores(simulator, training, heldout, self.definitions),
            "lost": rows_behind(table),
            **table,
        }
