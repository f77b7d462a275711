"""What each covariate is worth on held-out offsets, and which of them a context model keeps.

Axes: N offsets. Scores are nats per offset.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from babble_jax.progress import Progress
from babble_jax.timing.prediction.context import Mode, log_prob
from babble_jax.timing.prediction.covariates import COVARIATES
from babble_jax.timing.prediction.scoring import Mean, by_index, clustered
from babble_jax.timing.prediction.training import Examples, Head, columns_of, laws, train_heads


@dataclasses.dataclass(frozen=True)
class Worth:
    """Of one covariate, or of the filter. The errors are of the offsets; another seed of the training changes a
    gain, too (experiments tell by how much).

    Attributes:
      alone: gain over one law for all of a network that has nothing else (but where the law is truncated).
      beside_all: what a network with all others gains by it; covariates that say the same have little of it
        each.
      beside_kept: what a network gains by it that has, of those that are worth less, only those kept.
      kept: whether `beside_kept` is above 0.
    """

    alone: Mean
    beside_all: Mean
    beside_kept: Mean
    kept: bool


@dataclasses.dataclass(frozen=True, eq=False)
class Ablation:
    """All figures of one mode at one level; gains over one law for all, on held-out offsets.

    Attributes:
      mode: of the prediction.
      pooled: the filter alone, from all earlier offsets.
      truncation: a network without inputs, truncated where the mode truncates.
      on_filter: a network of the filter's moments alone.
      without_filter: of all covariates, without the filter.
      everything: of all covariates and the filter.
      untruncated: the same, its laws not truncated at the earliest possible offset.
      kept: of the covariates that are kept, and the filter; a little too good, since they were chosen on the
        same offsets (`everything` is free of that).
      by_index: gain of `kept` by the offset's index in its conversation.
      worth: by covariate, "filter" too.
      heads: of `kept`.
    """

    mode: Mode
    pooled: Mean
    truncation: Mean
    on_filter: Mean
    without_filter: Mean
    everything: Mean
    untruncated: Mean
    kept: Mean
    by_index: dict[str, dict[str, Any]]
    worth: dict[str, Worth]
    heads: dict[str, Head]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, without the heads."""
        names = [field.name for field in dataclasses.fields(self) if field.name != "heads"]
        plain = dataclasses.asdict(dataclasses.replace(self, heads={}))
        return {name: plain[name] for name in names}


def heldout(data: Examples, mode: Mode, heads: dict[str, Head]) -> np.ndarray:
    """Log density of the held-out offsets, in float32 arithmetic."""
    rows = ~data.sides.train
    y, earliest = (jnp.asarray(x[rows], jnp.float32) for x in (data.sides.found.value, data.earliest))
    return np.asarray(log_prob(mode, laws(data, heads, rows), y, earliest), np.float64)


def ablate(data: Examples, mode: Mode, epochs: int = 6, seed: int = 0) -> Ablation:
    """Trains with everything, without each covariate, with each alone; then leaves out what does not help.

    For the last, the covariates are gone through from the one that is worth least beside all others, and each
    is left out for good where the network does no worse without it on the held-out offsets. The filter stays.
    """
    held = ~data.sides.train
    group, conversation = data.sides.group[held], data.sides.found.conversation[held]
    base = data.unconditional[held]
    names = tuple(COVARIATES)
    with Progress(f"networks of mode {mode}", total=3 * len(names) + 5, unit="networks") as progress:

        def train(
            covariates: Sequence[str], filter: bool = True, truncated: bool = True
        ) -> tuple[np.ndarray, dict[str, Head]]:
            own = data if truncated else dataclasses.replace(data, earliest=np.full(len(data.earliest), -1e3))
            heads = train_heads(own, mode, columns_of(covariates, filter), epochs, seed)
            progress.update()
            return heldout(own, mode, heads), heads

        def gain(nats: np.ndarray) -> Mean:
            return clustered(nats - base, group)

        everything, heads = train(names)
        without_filter, on_filter = train(names, filter=False)[0], train(())[0]
        costs = {name: train([other for other in names if other != name])[0] for name in names}
        costs["filter"] = without_filter
        alone = {name: train([name], filter=False)[0] for name in names} | {"filter": on_filter}
        beside = {name: clustered(everything - without, group) for name, without in costs.items()}

        kept, (nats, heads), beside_kept = list(names), (everything, heads), {"filter": beside["filter"]}
        for name in sorted(names, key=lambda name: beside[name].value):
            rest = [other for other in kept if other != name]
            without, fewer = train(rest)
            beside_kept[name] = clustered(nats - without, group)
            if beside_kept[name].value <= 0:
                kept, nats, heads = rest, without, fewer
        worth = {
            name: Worth(gain(alone[name]), beside[name], beside_kept[name], name in (*kept, "filter"))
            for name in costs
        }
        return Ablation(
            mode=mode,
            pooled=gain(data.pooled[held]),
            truncation=gain(train((), filter=False)[0]),
            on_filter=gain(on_filter),
            without_filter=gain(without_filter),
            everything=gain(everything),
            untruncated=gain(train(names, truncated=False)[0]),
            kept=gain(nats),
            by_index=by_index(nats - base, conversation, group),
            worth=worth,
            heads=heads,
        )
