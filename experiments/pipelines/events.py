"""The kind of experiment that counts the events of a corpus."""

import dataclasses
import time
from pathlib import Path
from typing import Any, get_args

from babble_jax.timing.events import Definitions, FtoLevel, events
from experiments.pipelines.corpora import read_corpus


@dataclasses.dataclass(frozen=True)
class EventsExperiment:
    """Counts the events of a corpus and measures its floor-transfer offsets at both levels.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      definitions: of the events.
    """

    corpus: str
    definitions: Definitions = Definitions()

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Reads the corpus and counts.

        Args:
          work: unused.
          results: unused.

        Returns:
          The metrics of `events`, with `fto` by level, and the seconds that all of it took.
        """
        del work, results
        start = time.monotonic()
        conversations = read_corpus(self.corpus)
        metrics = events(conversations, self.definitions)
        metrics["fto"] = {
            fto_level: events(conversations, self.definitions, fto_level)["fto"]
            for fto_level in get_args(FtoLevel)
        }
        return metrics | {"wall_seconds": time.monotonic() - start}
