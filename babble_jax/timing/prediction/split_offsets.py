"""Splits the FTOs of many conversations into training and held-out ones.

Axes: N FTOs, C conversations. FTOs are seconds.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.numerics import fixed_numerics
from babble_jax.timing.distributions.families import JOHNSON_SU
from babble_jax.timing.distributions.family import Params
from babble_jax.timing.events import Definitions, FtoLevel, PooledFtos, pool_ftos
from babble_jax.timing.prediction.hierarchy import GroupedOffsets
from babble_jax.timing.splits import split


@dataclasses.dataclass(frozen=True, eq=False)
class SplitOffsets:
    """FTOs of many conversations, and which of them are to train on.

    Attributes:
      ftos: all FTOs, in the order of conversation and onset.
      corpora: names, in the order in which they come.
      corpus: [C] int32, indexes them.
      train: [N] bool, whether each FTO is to train on; the others are held out.
      group: [N] int, by which errors cluster.
    """

    ftos: PooledFtos
    corpora: tuple[str, ...]
    corpus: np.ndarray
    train: np.ndarray
    group: np.ndarray

    def training_offsets(self) -> GroupedOffsets:
        """Returns the training FTOs for the hierarchical model."""
        train, ftos = self.train, self.ftos
        rows, conversation = np.unique(ftos.conversation[train], return_inverse=True)
        return GroupedOffsets(
            ftos.fto[train],
            conversation.astype(np.int32),
            ftos.speaker[train],
            self.corpus[rows],
            self.corpora,
        )

    def fit_unconditional(self) -> tuple[Params, np.ndarray]:
        """Fits one Johnson-SU distribution on the training FTOs, and computes the log density of all FTOs, [N] nats."""
        params = JOHNSON_SU.fit(self.ftos.fto[self.train])
        with fixed_numerics(x64=True):
            return params, np.asarray(JOHNSON_SU.log_prob(params, self.ftos.fto))


def split_offsets(
    conversations: Sequence[Conversation], fto_level: FtoLevel, definitions: Definitions
) -> SplitOffsets:
    """Splits the FTOs of conversations by group, as `fit` splits them.

    Args:
      conversations: of any corpora.
      fto_level: of the FTOs.
      definitions: of the events.

    Raises:
      BabbleError: no FTOs to train on, or none held out.
    """
    pooled = pool_ftos(conversations, fto_level, definitions)
    train = split(pooled.group)[pooled.conversation]
    if train.all() or not train.any():
        raise BabbleError(
            f"One side of the split has no floor transfer at level {fto_level!r}; give more conversations."
        )
    corpora = tuple(dict.fromkeys(conversation.corpus for conversation in conversations))
    corpus = np.array([corpora.index(conversation.corpus) for conversation in conversations], np.int32)
    _, group = np.unique(np.array(pooled.group), return_inverse=True)
    return SplitOffsets(pooled, corpora, corpus, train, group[pooled.conversation])
