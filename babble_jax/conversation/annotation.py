"""What a file of annotation holds, before a layout says which of it is whose speech.

Axes: N segments of a tier. Times are seconds, float64, from the start of the recording.
"""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import numpy as np

from babble_jax.conversation.conversation import Unit
from babble_jax.conversation.corpora import Corpus

SILENCE = -1
"""Beside the values of `Mark`: an annotated silence, which makes no segment but was observed."""


@dataclasses.dataclass(frozen=True, eq=False)
class Tier:
    """Segments that a file keeps together: a tier, the rows of a speaker, a channel.

    Attributes:
      name: of the tier, as the file writes it.
      onset: [N] float64 seconds.
      end: [N] float64 seconds.
      labels: [N] text of each segment; None where the format has none.
      marks: [N] int8 values of `Mark` or `SILENCE`, where the format defines them; None where the labels tell.
      speaker: who speaks, where the format says so; None where only the name of the tier may tell.
      top: name of the tier above all that are above it; None where there is none.
      closed_vocabulary: whether its labels come from a list that the file fixes, as codes do and words do not.
      no_speech: why the format says that it is nobody's speech; None where it may be somebody's.
    """

    name: str
    onset: np.ndarray
    end: np.ndarray
    labels: Sequence[str] | None = None
    marks: np.ndarray | None = None
    speaker: str | None = None
    top: str | None = None
    closed_vocabulary: bool = False
    no_speech: str | None = None

    def __len__(self) -> int:
        return len(self.onset)


@dataclasses.dataclass(frozen=True, eq=False)
class Annotation:
    """What one file holds of one conversation.

    Attributes:
      id: of the conversation.
      path: of the file.
      tiers: in the order of the file; none where it only says what was observed, of conversations of other files.
      unit: what a segment is, unless a layout knows better.
      windows: stretches that were observed, (start, end) in seconds, in order and apart; None for first onset to last
        end.
      time_resolution: of the times, seconds; None to estimate it from the onsets.
      language: BCP 47 tag; None where the file does not say.
      corpus: properties of the corpus; None to infer them from the id and the folders.
      speakers_known: whether each tier is a speaker, by the format: then no rule looks for parallel tiers.
      empty: what a segment without text is: "silence", "speech", or "either": silence where the tier tiles its time,
        with and without text, and speech elsewhere.
      files: "one" for a complete conversation; "pair" where another file holds the other speaker, and "any" where any
        number of files do, one for each speaker.
      combine_window_ends: makes the end of the conversation's window of those of its files, where there are several.
      notes: how the file was understood, where that is no matter of course, with the option that says it otherwise.
    """

    id: str
    path: str
    tiers: tuple[Tier, ...]
    unit: Unit = "utterance"
    windows: Sequence[tuple[float, float]] | None = None
    time_resolution: float | None = None
    language: str | None = None
    corpus: Corpus | None = None
    speakers_known: bool = False
    empty: Literal["silence", "speech", "either"] = "either"
    files: Literal["one", "pair", "any"] = "one"
    combine_window_ends: Callable[[Iterable[float]], float] = max
    notes: tuple[str, ...] = ()
