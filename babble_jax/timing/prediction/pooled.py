"""Fits the hierarchical model on the training conversations and scores its predictions on the others.

Axes: N offsets, C conversations. Offsets are seconds, scores nats.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.distributions.families import JOHNSON_SU
from babble_jax.timing.distributions.family import Params
from babble_jax.timing.events import Definitions, FtoLevel, Offsets, offsets
from babble_jax.timing.prediction.filter import time_resolution_of
from babble_jax.timing.prediction.hierarchy import Grouped, fit_svi, population
from babble_jax.timing.prediction.model import SequentialCard, SequentialModel
from babble_jax.timing.prediction.scoring import by_index, clustered, score
from babble_jax.timing.splits import split


@dataclasses.dataclass(frozen=True, eq=False)
class PooledReport:
    """What pooling is worth.

    Attributes:
      model: fitted on the training conversations; its card has the scores.
      unconditional_nats: mean log density of the held-out offsets under one law for all, fitted on the same.
      by_index: gain by the offset's index in its conversation.
    """

    model: SequentialModel
    unconditional_nats: float
    by_index: dict[str, dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """The object `pooled` of `babble fit --pooled --json`."""
        card = self.model.card
        return {
            "heldout_nats": card.heldout_nats,
            "unconditional_nats": self.unconditional_nats,
            "gain": card.gain,
            "se": card.se,
            "offsets": card.heldout_offsets,
            "by_index": self.by_index,
            "population": self.model.to_json()["population"],
        }


@dataclasses.dataclass(frozen=True, eq=False)
class SplitOffsets:
    """Pooled offsets on both sides of the split.

    Attributes:
      found: all offsets, in the order of conversation and onset.
      corpora: names, in the order in which they come.
      corpus: [C] int32, indexes them.
      train: [N] bool.
      group: [N] int, by which errors cluster.
    """

    found: Offsets
    corpora: tuple[str, ...]
    corpus: np.ndarray
    train: np.ndarray
    group: np.ndarray

    def grouped(self) -> Grouped:
        """The training side, for the hierarchical model."""
        train, found = self.train, self.found
        kept, conversation = np.unique(found.conversation[train], return_inverse=True)
        return Grouped(
            found.value[train],
            conversation.astype(np.int32),
            found.speaker[train],
            self.corpus[kept],
            self.corpora,
        )

    def unconditional(self) -> tuple[Params, np.ndarray]:
        """Johnson-SU's parameters by the training side, and the log density of all offsets, [N]."""
        params = JOHNSON_SU.fit(self.found.value[self.train])
        with jax.enable_x64(True):
            return params, np.asarray(JOHNSON_SU.log_prob(params, self.found.value))


def sides(
    conversations: Sequence[Conversation], fto_level: FtoLevel, definitions: Definitions
) -> SplitOffsets:
    """The offsets, split by group as `fit` splits them.

    Raises:
      BabbleError: no offsets on one side of the split.
    """
    found = offsets(conversations, fto_level, definitions)
    train = split(found.group)[found.conversation]
    if train.all() or not train.any():
        raise BabbleError(
            f"One side of the split has no floor transfer at level {fto_level!r}; give more conversations."
        )
    corpora = tuple(dict.fromkeys(conversation.corpus for conversation in conversations))
    corpus = np.array([corpora.index(conversation.corpus) for conversation in conversations], np.int32)
    _, group = np.unique(np.array(found.group), return_inverse=True)
    return SplitOffsets(found, corpora, corpus, train, group[found.conversation])


def fit_pooled(
    conversations: Sequence[Conversation],
    fto_level: FtoLevel = "ipu",
    definitions: Definitions | None = None,
    source: str = "",
    licence: str = "",
    steps: int = 1000,
) -> PooledReport:
    """The sequential model and its gain (module `gain`) over one Johnson-SU law fitted on the same offsets.

    Args:
      conversations: of any corpora and numbers of speakers.
      fto_level: of the offsets.
      definitions: of the events; the standard ones where absent.
      source: where the corpus is to be had, one line for the card.
      licence: terms of the corpus, one line for the card.
      steps: of the fit.

    Raises:
      BabbleError: too few offsets or groups.
    """
    definitions = definitions or Definitions()
    data = sides(conversations, fto_level, definitions)
    found, held = data.found, ~data.train
    _, unconditional = data.unconditional()
    grouped = data.grouped()
    shared = population(grouped, fit_svi(grouped, steps=steps))
    conversation, group = found.conversation[held], data.group[held]
    scores = score(
        time_resolution_of(shared),
        found.value[held],
        found.speaker[held],
        conversation,
        data.corpus[conversation],
    )
    gain = scores.log_prob - unconditional[held]
    mean = clustered(gain, group)
    card = SequentialCard(
        corpus=" + ".join(data.corpora),
        conversations=len(grouped.corpus),
        offsets=len(grouped.value),
        definitions_version=definitions.version,
        heldout_nats=float(scores.log_prob.mean()),
        gain=mean.value,
        se=mean.se,
        heldout_offsets=mean.offsets,
        source=source,
        licence=licence,
    )
    model = SequentialModel(shared, fto_level, definitions, card)
    return PooledReport(model, float(unconditional[held].mean()), by_index(gain, conversation, group))
