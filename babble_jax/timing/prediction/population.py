"""What conversations of a population share, and how far dyads and speakers part from it.

Axes: M deviations of location, L of log scale. Offsets are seconds.

An offset of side k of a conversation follows a Johnson-SU law whose location and log scale are the corpus's
plus the side's deviations (m_k, l_k). Those of a conversation are jointly normal: m_k = d + s_k, with d ~
N(0, dyad_loc) of the dyad and s_k ~ N(0, side_loc) of the side in it, and l_k likewise from dyad_log_scale
and side_log_scale.
"""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Corpus:
    """The level of one corpus: word times and utterance times differ by more than any two dyads do.

    Attributes:
      loc: seconds.
      scale: seconds.
    """

    loc: float
    scale: float

    def __post_init__(self):
        if not (np.isfinite(self.loc) and 0 < self.scale < np.inf):
            raise ValueError("loc must be finite and scale above 0")


@dataclasses.dataclass(frozen=True)
class Population:
    """The parameters of the hierarchical model.

    Attributes:
      corpora: the level of each corpus, by name; at least one.
      shift: Johnson-SU's skew, of all.
      tail: Johnson-SU's tail, of all, above 0.
      dyad_loc: standard deviation of the dyads' locations, seconds.
      side_loc: that of the sides' locations within a dyad, seconds.
      dyad_log_scale: standard deviation of the dyads' log scales.
      side_log_scale: that of the sides' log scales within a dyad.
    """

    corpora: dict[str, Corpus]
    shift: float
    tail: float
    dyad_loc: float
    side_loc: float
    dyad_log_scale: float
    side_log_scale: float

    def __post_init__(self):
        if not self.corpora:
            raise ValueError("a population has at least one corpus")
        if not (np.isfinite(self.shift) and 0 < self.tail < np.inf):
            raise ValueError("shift must be finite and tail above 0")
        for name in SPREADS:
            if not 0 <= getattr(self, name) < np.inf:
                raise ValueError(f"{name} must be 0 or more, and finite")


SPREADS = ("dyad_loc", "side_loc", "dyad_log_scale", "side_log_scale")
"""The names of the standard deviations."""
