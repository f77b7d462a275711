"""Builds the inputs of context predictors for the FTOs of many conversations.

Axes: N FTOs, F columns of covariates (`covariates.COLUMNS`).
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions, FtoLevel
from babble_jax.timing.prediction.filter import DeviationGrid
from babble_jax.timing.prediction.history import build_histories
from babble_jax.timing.prediction.scoring import score_offsets
from babble_jax.timing.prediction.split_offsets import SplitOffsets, split_offsets


@dataclasses.dataclass(frozen=True, eq=False)
class Examples:
    """FTOs with the inputs that each mode may use before them.

    Attributes:
      split: the FTOs, and which to train on.
      unconditional_log_prob: [N] nats, under one distribution for all.
      earliest: [N] seconds, the earliest possible FTO.
      inputs: [N, F + 4] float32 for each view.
      filter_log_prob: [N] nats, by the filter alone, from all earlier FTOs.
    """

    split: SplitOffsets
    unconditional_log_prob: np.ndarray
    earliest: np.ndarray
    inputs: dict[str, np.ndarray]
    filter_log_prob: np.ndarray


def build_examples(
    conversations: Sequence[Conversation], fto_level: FtoLevel, definitions: Definitions, grid: DeviationGrid
) -> Examples:
    """Builds the examples of all FTOs of some conversations.

    Args:
      conversations: of the corpora of the grid's population.
      fto_level: of the FTOs.
      definitions: of the events.
      grid: of the filter whose moments are inputs.
    """
    data = split_offsets(conversations, fto_level, definitions)
    ftos = data.ftos
    past = [build_histories(conversation, fto_level, definitions) for conversation in conversations]
    corpus = data.corpus[ftos.conversation]
    inputs, filter_log_prob = {}, np.zeros(0)
    for name in ("over", "onset", "end"):
        views = [getattr(one, name) for one in past]
        history_length = np.concatenate([view.history_length for view in views])
        scores = score_offsets(grid, ftos.fto, ftos.speaker, ftos.conversation, corpus, history_length)
        columns = np.concatenate([view.covariates for view in views])
        inputs[name] = np.concatenate([columns, scores.moments], axis=1, dtype=np.float32)
        filter_log_prob = scores.log_prob if name == "over" else filter_log_prob
    earliest = np.concatenate([one.earliest for one in past])
    return Examples(data, data.fit_unconditional()[1], earliest, inputs, filter_log_prob)
