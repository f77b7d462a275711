"""Experiments on the prediction of FTOs. Their values are in `experiments/timing`."""

import dataclasses
import json
import time
from pathlib import Path
from typing import Any, get_args

import jax
import numpy as np

from babble_jax import files
from babble_jax.plotting import create_figure, save_png
from babble_jax.timing.evaluation.prediction.ablation import Ablation
from babble_jax.timing.evaluation.prediction.fit_context import fit_context, score_full_network
from babble_jax.timing.events import Definitions, FtoLevel
from babble_jax.timing.prediction.context import Mode
from babble_jax.timing.prediction.hierarchy import POPULATION_SITES, GroupedOffsets, fit_nuts, fit_svi
from babble_jax.timing.prediction.offset_predictor import OffsetPredictor
from babble_jax.timing.prediction.pooled import fit_pooled
from babble_jax.timing.prediction.split_offsets import split_offsets
from experiments.pipelines.corpora import read_corpus


@dataclasses.dataclass(frozen=True)
class PooledExperiment:
    """Measures the gain of predicting each FTO from the earlier ones of its conversation, at both levels.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      definitions: of the events.
    """

    corpus: str
    definitions: Definitions = Definitions()

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Reads the corpus, fits, scores and draws."""
        del work
        conversations, metrics = read_corpus(self.corpus), {}
        for fto_level in get_args(FtoLevel):
            start = time.monotonic()
            report = fit_pooled(conversations, fto_level, self.definitions)
            metrics[fto_level] = report.to_json()
            metrics[fto_level]["wall_seconds"] = time.monotonic() - start
            metrics[fto_level]["microseconds"] = _measure_cost(report.predictor)
        _draw_by_index(
            f"{results}.png", {fto_level: one["by_index"] for fto_level, one in metrics.items()}, self.corpus
        )
        return metrics


def _measure_cost(predictor: OffsetPredictor, calls: int = 300) -> dict[str, float]:
    """Measures the median time of a prediction and of an update, microseconds, compiled, one after another."""
    state, metrics = predictor.initial_state(), {}
    for name, call in (
        ("log_prob", lambda: predictor.log_prob(state, 0.2, 1)),
        ("update", lambda: predictor.update(state, 0.2, 1)),
    ):
        seconds = []
        for _ in range(calls):
            start = time.perf_counter()
            jax.block_until_ready(call())
            seconds.append(time.perf_counter() - start)
        metrics[name] = 1e6 * float(np.median(seconds))
    return metrics


@dataclasses.dataclass(frozen=True)
class NutsExperiment:
    """Compares SVI and NUTS on the same training conversations.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      conversations: their number.
      fto_level: of the FTOs.
    """

    corpus: str
    conversations: int
    fto_level: FtoLevel = "ipu"

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Returns means and standard deviations of each population parameter by both, and how far they part."""
        del work, results
        data = select_first(
            split_offsets(read_corpus(self.corpus), self.fto_level, Definitions()).training_offsets(),
            self.conversations,
        )
        start = time.monotonic()
        svi = fit_svi(data)
        middle = time.monotonic()
        nuts = fit_nuts(data)
        metrics = {}
        for name in POPULATION_SITES:
            one, two = np.ravel(svi[name]), np.ravel(nuts[name])
            metrics[name] = {
                "svi": {"mean": float(one.mean()), "sd": float(one.std())},
                "nuts": {"mean": float(two.mean()), "sd": float(two.std())},
                "difference_in_nuts_sd": float((one.mean() - two.mean()) / two.std()),
            }
        return {
            "conversations": self.conversations,
            "offsets": len(data.fto),
            "population": metrics,
            "wall_seconds": {"svi": middle - start, "nuts": time.monotonic() - middle},
        }


def select_first(data: GroupedOffsets, conversations: int) -> GroupedOffsets:
    """Selects the FTOs of the first conversations."""
    rows = data.conversation < conversations
    return GroupedOffsets(
        data.fto[rows],
        data.conversation[rows],
        data.speaker[rows],
        data.corpus[:conversations],
        data.corpora,
    )


@dataclasses.dataclass(frozen=True)
class ContextExperiment:
    """Measures what each covariate is worth in a mode, at both levels; the predictors go to `work`.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      mode: of the prediction.
      also: modes of which only the network of all covariates is scored.
      source: where the corpus is to be had, for the cards.
      licence: terms of the corpus.
    """

    corpus: str
    mode: Mode
    also: tuple[Mode, ...] = ()
    source: str = ""
    licence: str = ""

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Reads the corpus, fits, scores and draws."""
        conversations, metrics, tables = read_corpus(self.corpus), {}, {}
        for fto_level in get_args(FtoLevel):
            start = time.monotonic()
            report = fit_context(
                conversations, fto_level, self.mode, source=self.source, licence=self.licence
            )
            path = work / f"{self.corpus}-{fto_level}.json"
            files.write_text(path, _compact(report.predictor.to_json()))
            tables[fto_level] = report.ablation
            metrics[fto_level] = {
                "unconditional_nats": report.pooled.unconditional_nats,
                **report.ablation.to_json(),
                "full_in_other_modes": {
                    mode: dataclasses.asdict(score_full_network(report.examples, mode)) for mode in self.also
                },
                "full_by_seed": [
                    score_full_network(report.examples, self.mode, seed).value for seed in range(4)
                ],
                "wall_seconds": time.monotonic() - start,
            }
        _draw_worth(f"{results}.png", tables, f"{self.corpus}, {self.mode}")
        return metrics


def _compact(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _draw_by_index(path: str, levels: dict[str, dict[str, Any]], title: str) -> None:
    figure = create_figure(6, 3.5)
    axes = figure.subplots()
    for shift, (fto_level, ranges) in zip((-0.05, 0.05), levels.items(), strict=True):
        x = np.arange(len(ranges)) + shift
        rows = list(ranges.values())
        error = [2 * (row["se"] or 0) for row in rows]
        axes.errorbar(
            x, [row["gain"] for row in rows], error, fmt="o-", capsize=3, label=f"level {fto_level}"
        )
        axes.set_xticks(range(len(ranges)), list(ranges))
    axes.axhline(0, color="black", lw=1)
    axes.set(xlabel="index of the offset in its call", ylabel="gain (nats), ± 2 SE", title=title)
    axes.legend(frameon=False)
    save_png(figure, path, dpi=100)


def _draw_worth(path: str, tables: dict[str, Ablation], title: str) -> None:
    figure = create_figure(9, 4.5)
    order = next(iter(tables.values())).worth
    names = sorted(order, key=lambda name: order[name].beside_all.value)
    for axes, (fto_level, table) in zip(figure.subplots(1, 2, sharey=True), tables.items(), strict=True):
        for shift, name_of_mean, label in (
            (-0.2, "beside_all", "beside all others"),
            (0.2, "alone", "alone"),
        ):
            means = [getattr(table.worth[name], name_of_mean) for name in names]
            axes.barh(
                np.arange(len(names)) + shift,
                [mean.value for mean in means],
                0.4,
                xerr=[2 * (mean.se or 0) for mean in means],
                label=label,
            )
        axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
        axes.axvline(table.truncation.value, color="black", ls=":", lw=1, label="no input, truncated")
        axes.axvline(0, color="black", lw=1)
        axes.set(xlabel="nats per held-out offset, ± 2 SE", title=f"{title}, level {fto_level}")
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, loc="outside lower center", ncols=3)
    save_png(figure, path, dpi=100)
