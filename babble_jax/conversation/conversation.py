"""The one type that every reader gives and every timing model takes.

Axes: N segments, W observed windows. Times are seconds, float64, from the start of the recording.
"""

import dataclasses
import enum
from typing import Literal

import numpy as np

Unit = Literal["word", "ipu", "utterance"]


class Mark(enum.IntEnum):
    """The kind of sound of a segment."""

    SPEECH = 0
    LAUGHTER = 1
    VOCAL_NOISE = 2


@dataclasses.dataclass(frozen=True, eq=False)
class Conversation:
    """Segments of sound, each with its speaker, onset and end.

    Segments may come in any order; they need not be disjoint. A segment whose end is not after its onset
    stands as in the source: the definitions of `babble_jax.timing.events` drop it.

    Attributes:
      id: name of the conversation, unique within its corpus.
      corpus: name of the corpus, e.g. "switchboard".
      speakers: names of the speakers; `speaker` indexes them.
      speaker: [N] int32.
      onset: [N] float64 seconds.
      end: [N] float64 seconds.
      mark: [N] uint8, a `Mark`.
      unit: what a segment is: a word, an inter-pausal unit or an utterance.
      language: BCP 47 tag, None where it is not known.
      group: conversations of one group share people and are never split between training and test.
      windows: [W, 2] float64 seconds, the stretches that were observed, disjoint and in order; no event
        crosses the edge of one.
      time_resolution: seconds to which the source rounds its times; 0 where it does not say.
      labels: [N] the words of each segment as the source has them; None unless they were asked for. Nothing that is
        fitted or shipped holds them.

    Examples:
      >>> conversation = read("corpus").conversations[0]
      >>> bool((conversation.end > conversation.onset).all()), conversation.unit
      (True, 'utterance')
    """

    id: str
    corpus: str
    speakers: tuple[str, ...]
    speaker: np.ndarray
    onset: np.ndarray
    end: np.ndarray
    mark: np.ndarray
    unit: Unit
    language: str | None
    group: str
    windows: np.ndarray
    time_resolution: float = 0.0
    labels: tuple[str, ...] | None = None

    @property
    def seconds(self) -> float:
        """Observed time."""
        return float(np.sum(self.windows[:, 1] - self.windows[:, 0]))
