"""Settings of the fit of a cue; imports no library, so that help comes quickly."""

import dataclasses


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
    """

    units: int = 32
    epochs: int = 12
    batch_size: int = 16
    learning_rate: float = 3e-3
    weight_decay: float = 1e-3
    folds: int = 5
    seed: int = 0
