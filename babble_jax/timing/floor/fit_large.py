"""Fits the floor of a corpus that is larger than the memory: on an even part of it, scored on all the rest.

A fit has effects of each person, so that its rows grow with the corpus; and from hundreds of hours on, more of them
change no hazard by as much as it differs between corpora. Scores go through all other conversations, some at a time.
"""

import dataclasses
from collections.abc import Sequence

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.shards import observed_hours
from babble_jax.progress import Progress
from babble_jax.timing.events import Definitions
from babble_jax.timing.floor.fit import fit_floor
from babble_jax.timing.floor.simulator import FloorSimulator

FITTED_HOURS = 250.0
"""Hours of conversation on which a floor is fitted at most; Switchboard has 190."""
_BATCH = 128  # conversations that are scored together


def fit_floor_on_part(
    conversations: Sequence[Conversation], definitions: Definitions, heldout: bool = True
) -> FloorSimulator:
    """Fits the floor on every n-th conversation, 250 h in all, and scores it on those of other people.

    Args:
      conversations: of a large corpus.
      definitions: of the events.
      heldout: score it, for which all conversations are gone through.
    """
    step = max(1, round(observed_hours(conversations) / FITTED_HOURS))
    part = tuple(conversations[::step])
    floor = fit_floor(part, definitions)
    if not heldout:
        return floor
    groups = {conversation.group for conversation in part}
    nats = seconds = 0.0
    batch: list[Conversation] = []
    with Progress("scoring the floor", len(conversations), "conversations") as progress:
        for number, conversation in enumerate(conversations, 1):
            if conversation.group not in groups:
                batch.append(conversation)
            if len(batch) == _BATCH or (number == len(conversations) and batch):
                nats += float(floor.log_likelihood(batch).sum())
                seconds += sum(one.seconds for one in batch)
                batch = []
            progress.update()
    score = nats / seconds if seconds else None
    return dataclasses.replace(floor, card=dataclasses.replace(floor.card, heldout_nats=score))
