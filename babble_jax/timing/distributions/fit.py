"""Fits every family to the offsets of a corpus and ranks them by offsets that they were not fitted on.

Axes: C conversations, M pooled offsets. Offsets are seconds.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.progress import Progress
from babble_jax.timing.distributions.evaluate import crps, nats, split
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.family import Params, to_json
from babble_jax.timing.events import Definitions, Level, offsets


@dataclasses.dataclass(frozen=True)
class Count:
    """How much is on one side of the split."""

    conversations: int
    offsets: int


@dataclasses.dataclass(frozen=True, eq=False)
class FamilyFit:
    """One family, fitted on the training side.

    Attributes:
      name: a key of `FAMILIES`.
      heldout_nats: mean log density of the held-out offsets; higher is better.
      crps: their mean continuous ranked probability score, seconds; lower is better.
      params: the fitted parameters, float64 arrays.
    """

    name: str
    heldout_nats: float
    crps: float
    params: Params


@dataclasses.dataclass(frozen=True, eq=False)
class FitReport:
    """What `babble fit` prints; `families` best first, by held-out nats."""

    level: Level
    train: Count
    heldout: Count
    families: tuple[FamilyFit, ...]

    def to_json(self) -> dict[str, Any]:
        """The object that `babble fit --json` prints."""
        return {
            "level": self.level,
            "train": dataclasses.asdict(self.train),
            "heldout": dataclasses.asdict(self.heldout),
            "families": [
                {
                    "name": family.name,
                    "heldout_nats": family.heldout_nats,
                    "crps": family.crps,
                    "parameters": to_json(family.params),
                }
                for family in self.families
            ],
        }


def fit(
    conversations: Sequence[Conversation],
    level: Level = "ipu",
    definitions: Definitions | None = None,
    families: Sequence[str] = tuple(FAMILIES),
) -> FitReport:
    """Fits the families to the floor-transfer offsets of the training groups and scores them on the others.

    Args:
      conversations: of any number of speakers.
      level: of the offsets, "ipu" or "turn".
      definitions: of the events; the standard ones where absent.
      families: which, by their names in `FAMILIES`.

    Raises:
      BabbleError: an unknown family, no or too few offsets, or too few groups for a split.
    """
    unknown = sorted(set(families) - set(FAMILIES))
    if unknown or not families:
        raise BabbleError(f"There is no family {', '.join(unknown)!r}; choose from {', '.join(FAMILIES)}.")
    found = offsets(conversations, level, definitions or Definitions())
    if not len(found):
        raise BabbleError(
            f"No floor transfer at level {level!r} in {len(conversations)} conversations; give some in which "
            "speakers take turns."
        )
    train = split(found.group)
    training = train[found.conversation]
    y, heldout = found.value[training], found.value[~training]
    for values, side in ((y, "training"), (heldout, "held-out")):
        if not len(values):
            raise BabbleError(
                f"The {side} conversations have no floor transfer at level {level!r}; give more of them."
            )

    fits = []
    with Progress(f"fitting offsets at level {level}", total=len(families), unit="families") as progress:
        for name in families:
            family = FAMILIES[name]
            params = family.fit(y)
            fits.append(FamilyFit(name, nats(family, params, heldout), crps(family, params, heldout), params))
            progress.update(family=name, heldout_nats=fits[-1].heldout_nats)
    fits.sort(key=lambda one: -one.heldout_nats)
    number = int(np.count_nonzero(train))
    return FitReport(level, Count(number, len(y)), Count(len(train) - number, len(heldout)), tuple(fits))
