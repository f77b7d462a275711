"""Experiments on small corpora that are shrunk towards a preset. Axes: Q quads (groups), D draws."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np

from babble_jax import files
from babble_jax.conversation.conversation import Conversation
from babble_jax.input_files import read_json
from babble_jax.plotting import create_figure, save_png
from babble_jax.progress import Progress
from babble_jax.timing.distributions.binned import bin_widths
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.family import Family, Params
from babble_jax.timing.distributions.maximum_likelihood import SmoothFamily
from babble_jax.timing.evaluation.offsets.bootstrap import bootstrap_intervals
from babble_jax.timing.evaluation.offsets.scores import log_density
from babble_jax.timing.events import Definitions, FtoLevel, PooledFtos, pool_ftos
from babble_jax.timing.floor.exposure import Exposure, count_exposure
from babble_jax.timing.floor.fit import FEWEST_TRANSFERS, fit_hazards
from babble_jax.timing.floor.pooling import exposure_log_likelihood, shrink_exposure
from babble_jax.timing.floor.simulator import (
    FloorSimulator,
    layers_of,
    round_values,
)
from babble_jax.timing.pooling.floors import floors_of_other_corpora
from babble_jax.timing.pooling.offsets import shrink_distribution
from babble_jax.timing.pooling.scoring import fit_alone
from babble_jax.timing.preset import TimingPreset, load_timing
from experiments.pipelines.corpora import read_corpus


@dataclasses.dataclass(frozen=True)
class SmallCorporaExperiment:
    """Measures held-out scores of small parts of a corpus: fitted alone, the preset as it is, and shrunk towards it.

    In each round the groups are divided at random into as many parts as are `heldout` of them; each part is held out
    once, and conversations of the others are the small corpus.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      prior: name of the preset, of another corpus.
      sizes: numbers of conversations.
      rounds: in each of which every group is held out once.
      heldout: groups that are held out together.
      definitions: of the events.
    """

    corpus: str
    prior: str
    sizes: tuple[int, ...] = (1, 2, 5, 10, 20)
    rounds: int = 5
    heldout: int = 4
    definitions: Definitions = Definitions()

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Makes the draws, those apart that `work` holds already, and plots the gains.

        Args:
          work: folder with a file for each draw.
          results: path, without suffix, of the picture.
        """
        data = _Corpus.read(self)
        draws = data.draws(self.rounds, self.heldout)
        kinds = (
            ("offsets", data.score_offsets),
            ("floor", data.score_floors),
            ("alone", data.score_floors_alone),
        )
        jobs = [(kind, score, n) for kind, score in kinds for n in range(len(draws))]
        rows: list[dict[str, Any]] = []
        with Progress("shrinking small corpora", total=len(jobs), unit="draws") as progress:
            for kind, score, number in jobs:
                path = work / f"{kind}-{number:03}.json"
                if not path.exists():
                    files.write_json(path, {"rows": score(self.sizes, *draws[number])})
                rows += [row | {"draw": number} for row in read_json(path)["rows"]]
                progress.update()
        table = _summarize(rows, self.sizes)
        _plot(f"{results}.png", table, self)
        return {
            "prior": self.prior,
            "conversations": len(data.conversations),
            "groups": len(set(data.groups)),
            "draws": len(draws),
            "sizes": list(self.sizes),
            "gains": table,
        }


@dataclasses.dataclass(frozen=True, eq=False)
class _Corpus:
    """Holds a corpus as it is fitted and scored: its FTOs by level, and its exposure."""

    conversations: tuple[Conversation, ...]
    groups: np.ndarray
    preset: TimingPreset
    floors: Sequence[FloorSimulator]
    ftos: dict[FtoLevel, PooledFtos]
    exposure: Exposure
    definitions: Definitions

    @classmethod
    def read(cls, experiment: SmallCorporaExperiment) -> "_Corpus":
        conversations = read_corpus(experiment.corpus)
        preset, definitions = load_timing(experiment.prior), experiment.definitions
        floor = preset.require_floor()
        return cls(
            conversations,
            np.array([one.group for one in conversations]),
            preset,
            floors_of_other_corpora({one.corpus for one in conversations}, floor.card.speakers),
            {level: pool_ftos(conversations, level, definitions) for level in get_args(FtoLevel)},
            count_exposure(conversations, definitions),
            definitions,
        )

    def draws(self, rounds: int, heldout: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Returns for each draw the conversations held out, and the others in a random order."""
        rng, draws = np.random.default_rng(0), []
        for _ in range(rounds):
            names = rng.permutation(np.unique(self.groups))
            for first in range(0, len(names), heldout):
                out = np.isin(self.groups, names[first : first + heldout])
                draws.append((np.flatnonzero(out), rng.permutation(np.flatnonzero(~out))))
        return draws

    def score_offsets(
        self, sizes: Sequence[int], heldout: np.ndarray, order: np.ndarray
    ) -> list[dict[str, Any]]:
        """Scores the held-out groups by distributions of offsets: alone, as is and shrunk."""
        return [
            row
            for size in sizes
            for level, ftos in self.ftos.items()
            for row in self._score_offsets(level, ftos, order[:size], heldout, size)
        ]

    def score_floors(
        self, sizes: Sequence[int], heldout: np.ndarray, order: np.ndarray
    ) -> list[dict[str, Any]]:
        """Scores the held-out groups by floors: as is and shrunk."""
        rows, prior = [], self.preset.require_floor()
        unchanged = self._score_floors({"preset": prior}, heldout, 0)
        for size in sizes:
            mask = np.isin(np.arange(len(self.conversations)), order[:size])
            some = [self.conversations[i] for i in np.flatnonzero(mask)]
            shrunk = shrink_exposure(self.exposure.select(mask), some, prior, self.floors)
            rows += [row | {"size": size} for row in unchanged]
            rows += self._score_floors({"shrunk": shrunk}, heldout, size)
        return rows

    def score_floors_alone(
        self, sizes: Sequence[int], heldout: np.ndarray, order: np.ndarray
    ) -> list[dict[str, Any]]:
        """Scores the held-out groups by floors that are fitted alone, where there are events enough for one."""
        rows, ftos = [], self.ftos["ipu"]
        for size in sizes:
            mask = np.isin(np.arange(len(self.conversations)), order[:size])
            if mask[ftos.conversation].sum() < FEWEST_TRANSFERS:
                continue
            params, own, shared = fit_hazards(self.exposure.select(mask))
            layers, crossing = layers_of(params)
            alone = dataclasses.replace(
                self.preset.require_floor(),
                layers=layers,
                crossing=crossing,
                mean=[0.0] * len(own),
                own=round_values(own),
                shared=round_values(shared),
            )
            rows += self._score_floors({"alone": alone}, heldout, size)
        return rows

    def _score_offsets(
        self, level: FtoLevel, ftos: PooledFtos, some: np.ndarray, heldout: np.ndarray, size: int
    ) -> list[dict[str, Any]]:
        def select(which: np.ndarray) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
            rows = np.isin(ftos.conversation, which)
            conversation = ftos.conversation[rows]
            return ftos.fto[rows], bin_widths(ftos.time_resolution[conversation]), conversation

        prior = self.preset.models[level]
        family = cast(SmoothFamily, FAMILIES[prior.family])
        y, width, conversation = select(some)
        unseen, unseen_width, unseen_conversation = select(heldout)
        distributions: dict[str, tuple[Family, Params]] = {
            "preset": (family, prior.params),
            "shrunk": (
                family,
                shrink_distribution(family, prior, y, width, conversation),
            ),
        }
        distributions["alone"] = fit_alone(y, width)
        rows = []
        for model, (one, params) in distributions.items():
            nats = log_density(one, params, unseen, unseen_width)
            rows += self._by_group(
                f"offsets {level}", model, nats, np.ones(len(nats)), unseen_conversation, size
            )
        return rows

    def _score_floors(
        self, floors: dict[str, FloorSimulator], heldout: np.ndarray, size: int
    ) -> list[dict[str, Any]]:
        rows = self.exposure.select(np.isin(np.arange(len(self.conversations)), heldout))
        scored = []
        for model, floor in floors.items():
            nats = exposure_log_likelihood(floor, rows)
            scored += self._by_group("floor", model, nats, rows.seconds / 60, np.sort(heldout), size)
        return scored

    def _by_group(
        self, part: str, model: str, nats: np.ndarray, amount: np.ndarray, conversation: np.ndarray, size: int
    ) -> list[dict[str, Any]]:
        """Sums nats and amounts (offsets, or minutes) by the group of their conversations."""
        names, index = np.unique(self.groups[conversation], return_inverse=True)
        sums = zip(names, np.bincount(index, nats), np.bincount(index, amount), strict=True)
        return [
            {
                "part": part,
                "model": model,
                "size": size,
                "group": str(name),
                "nats": float(a),
                "amount": float(b),
            }
            for name, a, b in sums
        ]


def _summarize(rows: list[dict[str, Any]], sizes: Sequence[int]) -> dict[str, Any]:
    """Computes, by part and size, mean scores and the gains of the shrunk model, with intervals over the groups.

    The scores of a group in all draws count together, so that an interval is over groups of people and not over draws.
    """
    table: dict[str, Any] = {}
    for part in dict.fromkeys(row["part"] for row in rows):
        entries = []
        for size in sizes:
            some = [row for row in rows if row["part"] == part and row["size"] == size]
            scores = {
                model: {
                    (row["draw"], row["group"]): row["nats"] / row["amount"]
                    for row in some
                    if row["model"] == model
                }
                for model in ("alone", "preset", "shrunk")
            }
            entry: dict[str, Any] = {"conversations": size, "nats": {}, "gain": {}}
            for model, values in scores.items():
                if not values:
                    continue
                entry["nats"][model] = float(np.mean(list(values.values())))
                if model != "shrunk":  # a floor is fitted alone where there are events enough
                    gain = np.array([scores["shrunk"][pair] - values[pair] for pair in values])
                    group = np.array([name for _, name in values])
                    interval = bootstrap_intervals(gain[None], group)[0]
                    entry["gain"][model] = dataclasses.asdict(interval) | {
                        "median": float(np.median(gain)),
                        "share_above_zero": float(np.mean(gain > 0)),
                    }
            entries.append(entry)
        table[part] = entries
    return table


_TITLES = {
    "offsets ipu": ("offsets between IPUs", "nats per offset"),
    "offsets turn": ("offsets between turns", "nats per offset"),
    "floor": ("floor", "nats per minute"),
}


def _plot(path: str, table: dict[str, Any], experiment: SmallCorporaExperiment) -> None:
    figure = create_figure(11, 3.8)
    panels = figure.subplots(1, len(table))
    for axes, (part, entries) in zip(np.atleast_1d(panels), table.items(), strict=True):
        title, unit = _TITLES[part]
        for shift, (model, label) in zip(
            (0.96, 1.04),
            (("alone", "over the fit alone"), ("preset", f"over {experiment.prior} as it is")),
            strict=True,
        ):
            some = [entry for entry in entries if model in entry["gain"]]
            gains = [entry["gain"][model] for entry in some]
            value = np.array([gain["value"] for gain in gains])
            error = np.array(
                [[g["value"] - g["low"] for g in gains], [g["high"] - g["value"] for g in gains]]
            )
            x = shift * np.array([entry["conversations"] for entry in some])
            axes.errorbar(x, value, error, fmt="o-", capsize=3, label=label)
        axes.set_xscale("log")
        axes.set_xticks(experiment.sizes, [str(size) for size in experiment.sizes])
        axes.minorticks_off()
        axes.set_yscale("symlog", linthresh=0.1 if unit.endswith("offset") else 5)
        axes.axhline(0, color="black", lw=1)
        axes.set(xlabel="conversations", ylabel=f"gain ({unit})", title=title)
    figure.axes[0].legend(frameon=False, fontsize="small")
    save_png(figure, path, dpi=100)
