"""Splits conversations into training and held-out ones by groups of people, and into folds.

Axes: C conversations.
"""

import hashlib
import math
from collections.abc import Sequence

import numpy as np

from babble_jax.errors import BabbleError
from babble_jax.plural import plural

TRAIN_SHARE = 0.8

FOLDS = 5
"""Of a cross-validation."""

FEWEST_GROUPS = 30
"""Groups without which one split says little, and the default is a cross-validation."""

MOST_CHANNELS = 4
"""So few names in a whole corpus, all of them on both sides, are of channels or roles."""


def in_train(group: str) -> bool:
    """Tells whether the group is one to train on: its SHA-256, read as a number in [0, 1), is below `TRAIN_SHARE`.

    So a group is on the same side in every corpus, order and release, and people are never on both.
    """
    return _hash_share(group) < TRAIN_SHARE


def bucket(group: str, buckets: int) -> int:
    """Returns the bucket of the group, by its hash, among so many; `in_train` takes the first `TRAIN_SHARE` of them."""
    return int(_hash_share(group) * buckets)


def fold(group: str) -> int:
    """Returns the fold of the group in a cross-validation, 0 to `FOLDS` - 1; `in_train` holds out the last."""
    share = _hash_share(group) / TRAIN_SHARE
    return FOLDS - 1 if share >= 1 else int(share * (FOLDS - 1))


def deal_folds(groups: Sequence[str], folds: int) -> np.ndarray:
    """Returns the fold of each conversation, [C] in [0, folds), by its group.

    By `fold` where that leaves none of the five empty; else the groups are dealt out evenly, in the order of their
    hashes.

    Args:
      groups: [C] the group of each conversation.
      folds: their number, 2 at least.

    Raises:
      BabbleError: there are fewer groups than folds, or fewer than two folds.
    """
    names = sorted(set(groups), key=_hash_share)
    if not 2 <= folds <= len(names):
        raise BabbleError(
            f"{plural(len(names), 'group')} of people cannot be held out in {plural(folds, 'fold')}; choose from 2 to "
            f"{max(len(names), 2)} folds, or 1 for a single split."
        )
    number = {name: fold(name) for name in names}
    if folds != FOLDS or len(set(number.values())) < FOLDS:
        number = {name: i % folds for i, name in enumerate(names)}
    return np.array([number[group] for group in groups])


def _hash_share(group: str) -> float:
    """Returns the group's SHA-256 as a number in [0, 1)."""
    return int.from_bytes(hashlib.sha256(group.encode("utf-8")).digest()[:8], "big") / 2**64


def split(groups: Sequence[str], noun: str = "conversation") -> np.ndarray:
    """Chooses the conversations to train on, [C] bool, by the group of each; or the speakers, as `noun` says.

    By `in_train`, unless so few groups are there that all fall on one side: then a fifth of them, rounded up, is held
    out, those with the greatest hashes.

    Raises:
      BabbleError: there are not two groups.
    """
    train = np.array([in_train(group) for group in groups], bool)
    if train.all() or not train.any():
        names = sorted(set(groups), key=_hash_share)
        if len(names) < 2:
            raise BabbleError(
                f"A split needs two groups of people, but {plural(len(train), noun)} of {plural(len(names), 'group')} "
                f"{'was' if len(train) == 1 else 'were'} given; give more conversations, or fit without a "
                "held-out score (--no-heldout); if the same names are not the same people, say so by --same-names "
                "roles."
            )
        training = set(names[: -math.ceil((1 - TRAIN_SHARE) * len(names) - 1e-9)])
        train = np.array([group in training for group in groups], bool)
    return train


def describe_overlap(train: Sequence[str], heldout: Sequence[str]) -> str:
    """Says in one sentence whether people speak on both sides, by the names of the speakers on either."""
    names = set(heldout)
    both = names & set(train)
    if not both:
        return "No speaker is on both sides of the split."
    if both == names and len(names) <= MOST_CHANNELS:
        return (
            f"The speakers' names ({', '.join(sorted(names))}) are those of channels or roles: a person of "
            "several groups may be on both sides of the split."
        )
    return f"{len(both)} of the {len(names)} held-out speakers also speak in training conversations."
