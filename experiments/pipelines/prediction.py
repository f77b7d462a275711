"""The kinds of experiment on sequential prediction. Their values stand in the modules beside this one."""

import dataclasses
import json
import time
from pathlib import Path
from typing import Any, get_args

import jax
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from babble_jax import files
from babble_jax.timing.evaluation.prediction.ablation import Ablation
from babble_jax.timing.evaluation.prediction.fit_context import fit_context, gain_of_everything
from babble_jax.timing.events import Definitions, FtoLevel
from babble_jax.timing.prediction.context import Mode
from babble_jax.timing.prediction.hierarchy import POPULATION, Grouped, fit_nuts, fit_svi
from babble_jax.timing.prediction.model import SequentialModel
from babble_jax.timing.prediction.pooled import fit_pooled, sides
from experiments.pipelines.corpora import read_corpus


@dataclasses.dataclass(frozen=True)
class PooledExperiment:
    """Gain of predicting each offset from the earlier ones of its conversation, at both levels.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      definitions: of the events.
    """

    corpus: str
    definitions: Definitions = Definitions()

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Reads, fits, scores, draws."""
        del work
        conversations, figures = read_corpus(self.corpus), {}
        for fto_level in get_args(FtoLevel):
            start = time.monotonic()
            report = fit_pooled(conversations, fto_level, self.definitions)
            figures[fto_level] = report.to_json()
            figures[fto_level]["wall_seconds"] = time.monotonic() - start
            figures[fto_level]["microseconds"] = _cost(report.model)
        _draw_by_index(
            f"{results}.png", {fto_level: one["by_index"] for fto_level, one in figures.items()}, self.corpus
        )
        return figures


def _cost(model: SequentialModel, calls: int = 300) -> dict[str, float]:
    """Median time of a prediction and of an update, compiled, one after another."""
    state, figures = model.start(), {}
    for name, call in (
        ("log_prob", lambda: model.log_prob(state, 0.2, 1)),
        ("update", lambda: model.update(state, 0.2, 1)),
    ):
        taken = []
        for _ in range(calls):
            start = time.perf_counter()
            jax.block_until_ready(call())
            taken.append(time.perf_counter() - start)
        figures[name] = 1e6 * float(np.median(taken))
    return figures


@dataclasses.dataclass(frozen=True)
class NutsExperiment:
    """SVI beside NUTS on the same training conversations.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      conversations: how many.
      fto_level: of the offsets.
    """

    corpus: str
    conversations: int
    fto_level: FtoLevel = "ipu"

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Means and standard deviations of each population parameter by both, and how far they part."""
        del work, results
        data = first(sides(read_corpus(self.corpus), self.fto_level, Definitions()).grouped(), self.conversations)
        start = time.monotonic()
        svi = fit_svi(data)
        middle = time.monotonic()
        nuts = fit_nuts(data)
        figures = {}
        for name in POPULATION:
            one, two = np.ravel(svi[name]), np.ravel(nuts[name])
            figures[name] = {
                "svi": {"mean": float(one.mean()), "sd": float(one.std())},
                "nuts": {"mean": float(two.mean()), "sd": float(two.std())},
                "difference_in_nuts_sd": float((one.mean() - two.mean()) / two.std()),
            }
        return {
            "conversations": self.conversations,
            "offsets": len(data.value),
            "population": figures,
            "wall_seconds": {"svi": middle - start, "nuts": time.monotonic() - middle},
        }


def first(data: Grouped, conversations: int) -> Grouped:
    """The first conversations of `data`."""
    kept = data.conversation < conversations
    return Grouped(
        data.value[kept], data.conversation[kept], data.side[kept], data.corpus[:conversations], data.corpora
    )


@dataclasses.dataclass(frozen=True)
class ContextExperiment:
    """The ablation table of a mode, at both levels; the models of the covariates kept go to `work`.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      mode: of the prediction.
      also: modes of which only the network of everything is told.
      source: where the corpus is to be had, for the models' cards.
      licence: terms of the corpus.
    """

    corpus: str
    mode: Mode
    also: tuple[Mode, ...] = ()
    source: str = ""
    licence: str = ""

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Reads, fits, scores, draws."""
        conversations, figures, tables = read_corpus(self.corpus), {}, {}
        for fto_level in get_args(FtoLevel):
            start = time.monotonic()
            pooled, data, found = fit_context(
                conversations, fto_level, (self.mode,), source=self.source, licence=self.licence
            )
            model, table = found[self.mode]
            files.write_text(work / f"{self.corpus}-{fto_level}.json", _compact(model.to_json()))
            tables[fto_level] = table
            figures[fto_level] = {
                "unconditional_nats": pooled.unconditional_nats,
                **table.to_json(),
                "everything_in_other_modes": {
                    mode: dataclasses.asdict(gain_of_everything(data, mode)) for mode in self.also
                },
                "everything_by_seed": [gain_of_everything(data, self.mode, seed).value for seed in range(4)],
                "wall_seconds": time.monotonic() - start,
            }
        _draw_worth(f"{results}.png", tables, f"{self.corpus}, {self.mode}")
        return figures


def _compact(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _draw_by_index(path: str, levels: dict[str, dict[str, Any]], title: str) -> None:
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for shift, (fto_level, ranges) in zip((-0.05, 0.05), levels.items(), strict=True):
        place = np.arange(len(ranges)) + shift
        rows = list(ranges.values())
        error = [2 * (row["se"] or 0) for row in rows]
        axes.errorbar(
            place, [row["gain"] for row in rows], error, fmt="o-", capsize=3, label=f"level {fto_level}"
        )
        axes.set_xticks(range(len(ranges)), list(ranges))
    axes.axhline(0, color="black", lw=1)
    axes.set(xlabel="index of the offset in its call", ylabel="gain (nats), ± 2 SE", title=title)
    axes.legend(frameon=False)
    with files.atomic_write(path) as temporary:
        figure.savefig(temporary, dpi=100)


def _draw_worth(path: str, tables: dict[str, Ablation], title: str) -> None:
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    order = next(iter(tables.values())).worth
    names = sorted(order, key=lambda name: order[name].beside_all.value)
    for axes, (fto_level, table) in zip(figure.subplots(1, 2, sharey=True), tables.items(), strict=True):
        for shift, what, label in ((-0.2, "beside_all", "beside all others"), (0.2, "alone", "alone")):
            means = [getattr(table.worth[name], what) for name in names]
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
    with files.atomic_write(path) as temporary:
        figure.savefig(temporary, dpi=100)
