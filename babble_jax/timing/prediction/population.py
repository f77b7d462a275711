"""Parameters that conversations of a population share, and how far dyads and speakers part from them.

Axes: M deviations of location, L of log scale. FTOs are seconds.

An FTO of speaker k of a conversation follows a Johnson-SU distribution whose location and log scale are the
corpus's plus the speaker's deviations (m_k, l_k). Those of a conversation are jointly normal: m_k = d + s_k, with
d ~ N(0, dyad_loc) of the dyad and s_k ~ N(0, speaker_loc) of the speaker in it, and l_k likewise from
dyad_log_scale and speaker_log_scale.
"""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Corpus:
    """The location and scale of one corpus: word times and utterance times differ by more than any two dyads do.

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
      corpora: location and scale of each corpus, by name; at least one.
      shift: Johnson-SU's skew, of all.
      tail: Johnson-SU's tail, of all, above 0.
      dyad_loc: standard deviation of the dyads' locations, seconds.
      speaker_loc: that of the speakers' locations within a dyad, seconds.
      dyad_log_scale: standard deviation of the dyads' log scales.
      speaker_log_scale: that of the speakers' log scales within a dyad.
    """

    corpora: dict[str, Corpus]
    shift: float
    tail: float
    dyad_loc: float
    speaker_loc: float
    dyad_log_scale: float
    speaker_log_scale: float

    def __post_init__(self):
        if not self.corpora:
            raise ValueError("a population has at least one corpus")
        if not (np.isfinite(self.shift) and 0 < self.tail < np.inf):
            raise ValueError("shift must be finite and tail above 0")
        for name in SPREADS:
            if not 0 <= getattr(self, name) < np.inf:
                raise ValueError(f"{name} must be 0 or more, and finite")


SPREADS = ("dyad_loc", "speaker_loc", "dyad_log_scale", "speaker_log_scale")
"""The names of the standard deviations."""
