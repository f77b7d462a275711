"""Settings of the fit of a cue; imports no library, so that help comes quickly."""

import dataclasses

from babble_jax.errors import BabbleError

LIMITS = {
    "units": (1, 4096),
    "epochs": (1, 10_000),
    "batch_size": (1, 4096),
    "learning_rate": (1e-12, 1.0),
    "weight_decay": (0.0, 1.0),
    "folds": (2, 100),
    "seed": (0, 2**32 - 1),
}
"""Least and greatest value of each setting."""


@dataclasses.dataclass(frozen=True)
class CueFitConfig:
    """Settings of a fit.

    Attributes:
      units: Units of the GRU.
      epochs: Passes through the data at most; the number that is best on held-out conversations is taken.
      batch_size: Pieces of 12 s in an update.
      learning_rate: Of Adam.
      weight_decay: Of the weights.
      folds: Parts of the conversations, each held out once.
      seed: Of initial weights and the order of pieces.

    Raises:
      BabbleError: a setting is out of its limits.
    """

    units: int = 32
    epochs: int = 12
    batch_size: int = 16
    learning_rate: float = 3e-3
    weight_decay: float = 1e-3
    folds: int = 5
    seed: int = 0

    def __post_init__(self):
        for name, (least, greatest) in LIMITS.items():
            value = getattr(self, name)
            if not least <= value <= greatest:  # nor is what is no number
                raise BabbleError(f"{name} is {value}; choose from {least} to {greatest}.")
