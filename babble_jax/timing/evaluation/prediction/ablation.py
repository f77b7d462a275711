"""Measures what each covariate is worth on held-out FTOs, and selects those of a context predictor.

Axes: N FTOs. Scores are nats per FTO.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from babble_jax.numerics import fixed_numerics
from babble_jax.progress import Progress
from babble_jax.timing.prediction.context import Mode, log_prob
from babble_jax.timing.prediction.covariates import COVARIATES
from babble_jax.timing.prediction.examples import Examples
from babble_jax.timing.prediction.heads import Head, input_columns
from babble_jax.timing.prediction.scoring import MeanScore, clustered_mean, mean_by_index
from babble_jax.timing.prediction.training import apply_heads, train_heads


@dataclasses.dataclass(frozen=True)
class CovariateWorth:
    """The gains of one covariate, or of the filter.

    The standard errors are over FTOs; another seed of the training changes a gain, too (experiments show by how much).

    Attributes:
      alone: gain over one distribution for all of a network that has nothing else (but the truncation).
      beside_all: what a network with all others gains by it; covariates that say the same have little of it each.
      beside_selected: what a network gains by it that has, of those that are worth less, only the selected ones.
      selected: whether `beside_selected` is above 0.
    """

    alone: MeanScore
    beside_all: MeanScore
    beside_selected: MeanScore
    selected: bool


@dataclasses.dataclass(frozen=True, eq=False)
class Ablation:
    """The gains of one mode at one level over one distribution for all, on held-out FTOs.

    Attributes:
      mode: of the prediction.
      pooled: the filter alone, without a network, from all earlier FTOs.
      truncation: a network without inputs, truncated where the mode truncates.
      on_filter: a network of the filter's moments alone.
      without_filter: all covariates, without the filter.
      full: all covariates and the filter.
      untruncated: the same, its distributions not truncated at the earliest possible FTO.
      selected: the selected covariates and the filter; a little too good, since they were selected on the same
        FTOs (`full` is free of that).
      by_index: gain of `selected` by the FTO's index in its conversation.
      worth: by covariate, "filter" too.
      heads: of `selected`.
    """

    mode: Mode
    pooled: MeanScore
    truncation: MeanScore
    on_filter: MeanScore
    without_filter: MeanScore
    full: MeanScore
    untruncated: MeanScore
    selected: MeanScore
    by_index: dict[str, MeanScore]
    worth: dict[str, CovariateWorth]
    heads: dict[str, Head]

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values, without the heads."""
        names = [field.name for field in dataclasses.fields(self) if field.name != "heads"]
        plain = dataclasses.asdict(dataclasses.replace(self, heads={}))
        plain["by_index"] = {name: mean.to_json() for name, mean in self.by_index.items()}
        return {name: plain[name] for name in names}


@fixed_numerics()
def heldout_log_prob(data: Examples, mode: Mode, heads: dict[str, Head]) -> np.ndarray:
    """Computes the log density of the held-out FTOs, nats, in float32 arithmetic.

    Args:
      data: all FTOs.
      mode: of the prediction.
      heads: by view.
    """
    rows = ~data.split.train
    y, earliest = (jnp.asarray(x[rows], jnp.float32) for x in (data.split.ftos.fto, data.earliest))
    return np.asarray(log_prob(mode, apply_heads(data, heads, rows), y, earliest), np.float64)


def ablate(data: Examples, mode: Mode, epochs: int = 6, seed: int = 0) -> Ablation:
    """Trains with everything, without each covariate, with each alone; then leaves out what does not help.

    For the last, the covariates are gone through from the one that is worth least beside all others, and each
    is left out for good where the network does no worse without it on the held-out FTOs. The filter stays.

    Args:
      data: all FTOs.
      mode: of the prediction.
      epochs: passes over the training FTOs, for each network.
      seed: of the initial weights and the order of the FTOs, for each network.
    """
    held = ~data.split.train
    group, conversation = data.split.group[held], data.split.ftos.conversation[held]
    base = data.unconditional_log_prob[held]
    names = tuple(COVARIATES)
    with Progress(f"networks of mode {mode}", total=3 * len(names) + 5, unit="networks") as progress:

        def train(
            covariates: Sequence[str], filter: bool = True, truncated: bool = True
        ) -> tuple[np.ndarray, dict[str, Head]]:
            own = data if truncated else dataclasses.replace(data, earliest=np.full(len(data.earliest), -1e3))
            heads = train_heads(own, mode, input_columns(covariates, filter), epochs, seed)
            progress.update()
            return heldout_log_prob(own, mode, heads), heads

        def gain(nats: np.ndarray) -> MeanScore:
            return clustered_mean(nats - base, group)

        full, heads = train(names)
        without_filter, on_filter = train(names, filter=False)[0], train(())[0]
        without = {name: train([other for other in names if other != name])[0] for name in names}
        without["filter"] = without_filter
        alone = {name: train([name], filter=False)[0] for name in names} | {"filter": on_filter}
        beside_all = {name: clustered_mean(full - nats, group) for name, nats in without.items()}

        selection, nats, beside_selected = list(names), full, {"filter": beside_all["filter"]}
        for name in sorted(names, key=lambda name: beside_all[name].value):
            rest = [other for other in selection if other != name]
            rest_nats, rest_heads = train(rest)
            beside_selected[name] = clustered_mean(nats - rest_nats, group)
            if beside_selected[name].value <= 0:
                selection, nats, heads = rest, rest_nats, rest_heads
        worth = {
            name: CovariateWorth(
                gain(alone[name]), beside_all[name], beside_selected[name], name in (*selection, "filter")
            )
            for name in without
        }
        return Ablation(
            mode=mode,
            pooled=gain(data.filter_log_prob[held]),
            truncation=gain(train((), filter=False)[0]),
            on_filter=gain(on_filter),
            without_filter=gain(without_filter),
            full=gain(full),
            untruncated=gain(train(names, truncated=False)[0]),
            selected=gain(nats),
            by_index=mean_by_index(nats - base, conversation, group),
            worth=worth,
            heads=heads,
        )
