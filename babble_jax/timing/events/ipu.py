"""Inter-pausal units (IPUs), the atoms of every event, and which of them are backchannels.

Axes: S segments of one conversation, N IPUs. Times are seconds, float64. They are taken to the nanosecond,
and so are the durations that are compared with a limit: 1.2 - 1.0 is a silence of 0.2 s, although not in
float64.
"""

import dataclasses

import numpy as np

from babble_jax.conversation.conversation import Conversation

DECIMALS = 9
"""To which times are taken: nanoseconds."""


@dataclasses.dataclass(frozen=True)
class Definitions:
    """Defines dialogue events (version 1); stored in every fitted model.

    Attributes:
      version: of the algorithm; there is one.
      merge: own silences shorter than this are within an IPU, seconds (0.180 is the other standard). Segments that
        touch have no silence between them: they are one IPU even where it is 0.
      max_word: words longer than this are dropped, seconds; None keeps all. Only for conversations whose unit
        is the word; 1.5 mends the slips of a forced alignment.
      min_ipu: what is shorter after merging is dropped, seconds.
      backchannel_max: the longest backchannel, seconds.
      backchannel_isolation: own silence that a backchannel needs on both sides, seconds.

    Examples:
      >>> shorter = Definitions(merge=0.18)
      >>> events(read("corpus").conversations, shorter)["conversations"]
      6
    """

    version: int = 1
    merge: float = 0.2
    max_word: float | None = None
    min_ipu: float = 0.05
    backchannel_max: float = 1.0
    backchannel_isolation: float = 1.0

    def __post_init__(self):
        if self.version != 1:
            raise ValueError(f"version {self.version} of the definitions is not known; use 1")
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is not None and not 0 <= value < np.inf:
                raise ValueError(f"{field.name} is {value}; it must be 0 or more, and finite")


@dataclasses.dataclass(frozen=True, eq=False)
class Ipus:
    """The IPUs of one conversation, sorted by (onset, end, speaker); those of one speaker are disjoint.

    Attributes:
      speaker: [N] int32, indexes `speakers`.
      onset: [N] float64 seconds.
      end: [N] float64 seconds, after the onset.
      window: [N] int32, indexes the conversation's observed windows.
      speakers: names, those without an IPU too.
    """

    speaker: np.ndarray
    onset: np.ndarray
    end: np.ndarray
    window: np.ndarray
    speakers: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.onset)

    @property
    def duration(self) -> np.ndarray:
        """[N] seconds."""
        return duration(self.onset, self.end)

    def take(self, selection: np.ndarray) -> "Ipus":
        """Selects the IPUs where `selection`, [N] bool, is true."""
        return dataclasses.replace(
            self,
            speaker=self.speaker[selection],
            onset=self.onset[selection],
            end=self.end[selection],
            window=self.window[selection],
        )


def duration(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Subtracts times: [N] seconds to the nanosecond, so that a difference of decimal times is a decimal."""
    return np.round(end - start, DECIMALS)


def ipus(conversation: Conversation, definitions: Definitions) -> Ipus:
    """Merges segments into IPUs (definition 1).

    In this order: segments whose end is not after their start are dropped; then words longer than `max_word`;
    the rest is cut to each observed window; each speaker's segments are merged across own silences
    shorter than `merge`; what is then shorter than `min_ipu` is dropped. Marks do not matter: laughter is
    speech.
    """
    order, onset, end = sort_segments(conversation, definitions)
    speaker = conversation.speaker[order]

    parts = []
    for window, (first, last) in enumerate(np.round(conversation.windows, DECIMALS)):
        for s in range(len(conversation.speakers)):
            inside = (speaker == s) & (end > first) & (onset < last)
            a, b = _merge(np.maximum(onset[inside], first), np.minimum(end[inside], last), definitions.merge)
            long = duration(a, b) >= definitions.min_ipu
            parts.append((np.full(np.count_nonzero(long), s), a[long], b[long], window))
    if not parts:
        parts = [(np.zeros(0), np.zeros(0), np.zeros(0), 0)]
    who = np.concatenate([part[0] for part in parts]).astype(np.int32)
    a, b = (np.concatenate([part[i] for part in parts]) for i in (1, 2))
    where = np.concatenate([np.full(len(part[0]), part[3], np.int32) for part in parts])
    order = np.lexsort((who, b, a))
    return Ipus(who[order], a[order], b[order], where[order], conversation.speakers)


def sort_segments(
    conversation: Conversation, definitions: Definitions
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Selects the segments that are not dropped, and sorts them: their rows, onsets and ends (seconds), by onset."""
    onset, end = np.round(conversation.onset, DECIMALS), np.round(conversation.end, DECIMALS)
    valid = end > onset
    if definitions.max_word is not None and conversation.unit == "word":
        valid &= duration(onset, end) <= definitions.max_word
    order = np.flatnonzero(valid)
    order = order[np.lexsort((end[order], onset[order]))]
    return order, onset[order], end[order]


def _merge(onset: np.ndarray, end: np.ndarray, merge: float) -> tuple[np.ndarray, np.ndarray]:
    """Merges one speaker's segments, [S], sorted by onset, across silences shorter than `merge` seconds."""
    if not len(onset):
        return onset, end
    reach = np.maximum.accumulate(end)
    silence = duration(reach[:-1], onset[1:])
    first = np.append(True, (silence > 0) & (silence >= merge))
    last = np.append(first[1:], True)
    return onset[first], reach[last]


def backchannels(ipus: Ipus, definitions: Definitions) -> np.ndarray:
    """Marks the backchannels among the IPUs: [N] bool (definition 3).

    A candidate is an IPU of at most `backchannel_max` with own silence of at least `backchannel_isolation` on
    both sides; the edge of a window counts as silence. It is a backchannel if it lies strictly inside one IPU
    of another speaker, or if the last non-candidate IPU that starts before it and the first that starts after
    it are both of one and the same other speaker. All candidates are judged at once. Among non-candidates
    that start together, the order is that of the sweep: (onset, end, speaker).
    """
    candidate = (ipus.duration <= definitions.backchannel_max) & _isolated(
        ipus, definitions.backchannel_isolation
    )
    onset, end, speaker = ipus.onset[candidate], ipus.end[candidate], ipus.speaker[candidate]

    inside = np.zeros(len(onset), bool)
    for other in np.unique(ipus.speaker):
        theirs = ipus.speaker == other
        before = np.searchsorted(ipus.onset[theirs], onset, side="left") - 1
        reach = np.where(before >= 0, ipus.end[theirs][before], -np.inf)
        inside |= reach > end  # never of the own speaker, whose IPUs are disjoint

    main = ipus.take(~candidate)
    between = np.zeros(len(onset), bool)
    if len(main):
        before = np.searchsorted(main.onset, onset, side="left") - 1
        after = np.searchsorted(main.onset, onset, side="right")
        both = (before >= 0) & (after < len(main))
        before, after = np.maximum(before, 0), np.minimum(after, len(main) - 1)
        window = ipus.window[candidate]
        both &= (main.window[before] == window) & (main.window[after] == window)
        between = both & (main.speaker[before] == main.speaker[after]) & (main.speaker[before] != speaker)

    result = np.zeros(len(ipus), bool)
    result[candidate] = inside | between
    return result


def _isolated(ipus: Ipus, isolation: float) -> np.ndarray:
    """Marks IPUs, [N] bool, with no IPU of the same speaker and window within `isolation` seconds on either side."""
    order = np.lexsort((ipus.onset, ipus.speaker, ipus.window))
    onset, end, speaker, window = (x[order] for x in (ipus.onset, ipus.end, ipus.speaker, ipus.window))
    neighbours = (speaker[1:] == speaker[:-1]) & (window[1:] == window[:-1])
    near = neighbours & (duration(end[:-1], onset[1:]) < isolation)
    isolated = np.ones(len(order), bool)
    isolated[order[1:][near]] = False
    isolated[order[:-1][near]] = False
    return isolated
