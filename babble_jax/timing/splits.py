"""The split, and the two mean scores of a law on offsets that it was not fitted on.

Axes: N offsets, C conversations. Offsets are seconds, nats are natural logarithms.
"""

import hashlib
import math
from collections.abc import Sequence

import jax
import numpy as np

from babble_jax.errors import BabbleError
from babble_jax.timing.distributions.family import Family, Params
from babble_jax.timing.evaluation.offsets.scores import line, log_density, ranked

TRAIN_SHARE = 0.8

FOLDS = 5
"""Of a cross-validation."""

MOST_CHANNELS = 4
"""So few names in a whole corpus, all of them on both sides, are of channels or roles."""


def in_train(group: str) -> bool:
    """Whether the group is one to train on: its SHA-256, read as a number in [0, 1), is below `TRAIN_SHARE`.

    So a group is on the same side in every corpus, order and release, and people are never on both.
    """
    return _place(group) < TRAIN_SHARE


def fold(group: str) -> int:
    """0 to `FOLDS` - 1: the fold of the group in a cross-validation; the last is what `in_train` holds out."""
    share = _place(group) / TRAIN_SHARE
    return FOLDS - 1 if share >= 1 else int(share * (FOLDS - 1))


def _place(group: str) -> float:
    """The group's SHA-256 as a number in [0, 1)."""
    return int.from_bytes(hashlib.sha256(group.encode("utf-8")).digest()[:8], "big") / 2**64


def split(groups: Sequence[str], what: str = "conversations") -> np.ndarray:
    """[C] bool: which conversations to train on, given the group of each; or which of `what`.

    By `in_train`, unless so few groups are there that all fall on one side: then a fifth of them, rounded up, is held
    out, those with the greatest hashes.

    Raises:
      BabbleError: there are not two groups.
    """
    train = np.array([in_train(group) for group in groups], bool)
    if train.all() or not train.any():
        names = sorted(set(groups), key=_place)
        if len(names) < 2:
            raise BabbleError(
                f"All {len(train)} {what} are of {len(names)} group of people, so that none can be held out; give "
                "more conversations."
            )
        kept = set(names[: -math.ceil((1 - TRAIN_SHARE) * len(names) - 1e-9)])
        train = np.array([group in kept for group in groups], bool)
    return train


def straddling(train: Sequence[str], heldout: Sequence[str]) -> str:
    """One sentence on whether people speak on both sides, given the names of the speakers on either."""
    known, names = set(train), set(heldout)
    both = names & known
    if not both:
        return "No speaker is on both sides of the split."
    if both == names and len(names) <= MOST_CHANNELS:
        return (
            f"The speakers' names ({', '.join(sorted(names))}) are those of channels or roles: a person of "
            "several groups may be on both sides of the split."
        )
    return f"{len(both)} of the {len(names)} held-out speakers also speak in training conversations."


def nats(family: Family, params: Params, y: np.ndarray) -> float:
    """Mean log density of `y`, [N] seconds, in float64; higher is better."""
    return float(np.mean(log_density(family, params, y)))


def crps(family: Family, params: Params, y: np.ndarray) -> float:
    """Mean continuous ranked probability score of `y`, [N] seconds; in seconds, lower is better."""
    grid = line(y)
    with jax.enable_x64(True):
        cdf = np.asarray(jax.jit(family.cdf)(params, grid))
    return float(np.mean(ranked(grid, cdf, y)))
