"""Evaluates the floor of a corpus: fitted on the training groups, beside its baselines, against the others."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.evaluation.floor.baselines import BASELINES
from babble_jax.timing.evaluation.floor.comparison import (
    Simulate,
    compare_floor,
    rows_behind,
    simulate_by_baseline,
    simulate_by_floor,
)
from babble_jax.timing.evaluation.floor.scores import score_floor
from babble_jax.timing.events import Definitions
from babble_jax.timing.floor.fit import fit_floor, missing_events
from babble_jax.timing.splits import split


def evaluate_floor(
    conversations: Sequence[Conversation], definitions: Definitions | None = None, *, replicates: int = 3
) -> dict[str, Any]:
    """Fits the floor and its baselines on the training groups and compares them with the held-out conversations.

    Conversations of another number of speakers than most are left out. Takes some minutes.

    Args:
      conversations: the corpus.
      definitions: of the events; the standard ones where absent.
      replicates: simulated sets of each model.

    Returns:
      JSON values: `training_conversations`; `fit_seconds`; `nats_per_second` of the held-out ones by model (see
      `scores.score_floor`); `rows_behind`: quantities in which a baseline is significantly nearer; and the table of
      `comparison.compare_floor`.

    Raises:
      BabbleError: too few events to fit, or conversations of a single group.
    """
    definitions = definitions or Definitions()
    speakers = int(np.bincount([len(c.speakers) for c in conversations]).argmax()) if conversations else 0
    corpus = [c for c in conversations if len(c.speakers) == speakers]
    train = split([c.group for c in corpus])
    training, heldout = (
        [c for c, t in zip(corpus, train, strict=True) if t == part] for part in (True, False)
    )
    if reason := missing_events(training, definitions):
        raise BabbleError(f"In the training part, {reason}")
    begin = time.monotonic()
    floor = fit_floor(training, definitions)
    seconds = time.monotonic() - begin
    models: dict[str, Simulate] = {"hazards": simulate_by_floor(floor)}
    for name, baseline in BASELINES.items():
        if speakers == 2 or not baseline.dyads_only:
            models[name] = simulate_by_baseline(baseline(training, definitions))
    table = compare_floor(heldout, corpus, models, definitions, replicates=replicates)
    return {
        "training_conversations": len(training),
        "fit_seconds": seconds,
        "nats_per_second": score_floor(floor, training, heldout, definitions),
        "rows_behind": rows_behind(table),
        **table,
    }
