"""Kinds of experiment on families of distributions: their ranking on a corpus, components that corpora share."""

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np

from babble_jax.timing.distributions.families import PARAMETRIC
from babble_jax.timing.distributions.shared_mixture import fit_shared
from babble_jax.timing.evaluation.offsets.held_out import hold_out
from babble_jax.timing.evaluation.offsets.ranking import fit
from babble_jax.timing.evaluation.offsets.ranking_picture import plot_offsets
from babble_jax.timing.evaluation.offsets.report import FitReport
from babble_jax.timing.evaluation.offsets.scores import log_density
from babble_jax.timing.events import Definitions, FtoLevel
from babble_jax.timing.splits import FOLDS
from experiments.pipelines.corpora import read_corpus


@dataclasses.dataclass(frozen=True)
class FamiliesExperiment:
    """Ranks all families on the floor-transfer offsets of a corpus, held out by group, at both levels.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      definitions: of the events.
      cross: also hold each group out once, for a corpus of few groups.
      by_speaker: also split by speaker, for a corpus whose names are of people.
    """

    corpus: str
    definitions: Definitions = Definitions()
    cross: bool = False
    by_speaker: bool = False

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Reads the corpus, fits, scores and plots.

        Args:
          work: unused.
          results: path, without suffix, of the pictures.
        """
        del work
        conversations, metrics = read_corpus(self.corpus), {}
        for fto_level in get_args(FtoLevel):
            start = time.process_time()
            report = fit(conversations, fto_level, self.definitions, folds=1)
            seconds = time.process_time() - start
            distributions = {family.name: family.params for family in report.families}
            title = f"{self.corpus}, level {fto_level}, held-out offsets"
            plot_offsets(f"{results}-{fto_level}.png", report.fto, distributions, title, width=report.width)
            metrics[fto_level] = _table(report) | {"cpu_seconds": seconds}
            if self.cross:
                crossed = fit(conversations, fto_level, self.definitions, folds=FOLDS)
                metrics[fto_level]["cross_validated"] = crossed.cross_validated_json() | shipped(
                    crossed.families
                )
            if self.by_speaker:
                other = fit(conversations, fto_level, self.definitions, by="speaker", folds=1)
                metrics[fto_level]["by_speaker"] = _table(other)
        return metrics


@dataclasses.dataclass(frozen=True)
class SharedExperiment:
    """Fits the components of `SharedMixture` to the training groups of several corpora at both levels.

    Attributes:
      corpora: folders in `BABBLE_CORPORA`.
      components: number of components.
      most: offsets of each corpus and level at most, sampled with a fixed seed; each corpus has the same weight.
      definitions: of the events.
    """

    corpora: tuple[str, ...]
    components: int
    most: int
    definitions: Definitions = Definitions()

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Reads the corpora, fits jointly and scores on the held-out groups.

        Args:
          work: unused.
          results: unused.
        """
        del work, results
        train, widths, heldout = {}, {}, {}
        for name in self.corpora:
            conversations = read_corpus(name)
            for fto_level in get_args(FtoLevel):
                key, parts = f"{name} {fto_level}", hold_out(conversations, fto_level, self.definitions)
                y, width = parts.select(True)
                some = np.random.default_rng(0).permutation(len(y))[: self.most]
                train[key], widths[key] = y[some], None if width is None else width[some]
                heldout[key] = parts.select(False)
        start = time.process_time()
        family, params = fit_shared(train, self.components, widths)
        return {
            "loc": family.loc.round(4).tolist(),
            "scale": family.scale.round(4).tolist(),
            "weight": {key: one["weight"].round(4).tolist() for key, one in params.items()},
            "heldout_nats": {
                key: float(np.mean(log_density(family, one, *heldout[key]))) for key, one in params.items()
            },
            "cpu_seconds": time.process_time() - start,
        }


def shipped(families: Sequence[Any]) -> dict[str, Any]:
    """Selects the best family that a preset can hold, and its difference to the best of all.

    Args:
      families: scores of a ranking, the best first.
    """
    names = {family.name for family in PARAMETRIC}
    best = next(family for family in families if family.name in names)
    return {"shipped": {"name": best.name, "difference": dataclasses.asdict(best.difference)}}


def _table(report: FitReport) -> dict[str, Any]:
    table = report.to_json() | shipped(report.families)
    for family in table["families"]:
        if family["name"] == "kde":
            del family["parameters"]  # thousands of numbers, which the corpus gives back
    return table
