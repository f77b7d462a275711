"""The leaderboard of offset families on one corpus."""

import dataclasses
import time
from pathlib import Path
from typing import Any, get_args

from babble_jax.timing.distributions.families import SMALL
from babble_jax.timing.distributions.fit import FitReport, fit
from babble_jax.timing.distributions.picture import plot_offsets
from babble_jax.timing.events import Definitions, Level
from experiments.kinds import corpus


@dataclasses.dataclass(frozen=True)
class FamiliesExperiment:
    """All families on the offsets of a corpus, held out by group, at both levels.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      definitions: of the events.
    """

    corpus: str
    definitions: Definitions = Definitions()

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Reads, fits, scores, draws."""
        del work
        conversations, figures = corpus(self.corpus), {}
        for level in get_args(Level):
            start = time.process_time()
            report = fit(conversations, level, self.definitions)
            seconds = time.process_time() - start
            laws = {family.name: family.params for family in report.families}
            title = f"{self.corpus}, level {level}, held-out offsets"
            plot_offsets(f"{results}-{level}.png", report.values, laws, title, width=report.width)
            figures[level] = report.to_json() | {"cpu_seconds": seconds, "shipped": shipped(report)}
            for family in figures[level]["families"]:
                if family["name"] == "kde":
                    del family["parameters"]  # thousands of numbers, which the corpus gives back
        return figures


def shipped(report: FitReport) -> dict[str, Any]:
    """The best family that a preset can hold, and its difference to the best of the table."""
    names = {family.name for family in SMALL}
    best = next(family for family in report.families if family.name in names)
    return {"name": best.name, "difference": dataclasses.asdict(best.difference)}
