"""Baselines of the floor: simpler ways to make a dialogue's timing from a corpus.

Axes: N IPUs. Times are seconds. Each baseline is fitted on training conversations and draws the IPUs of a dialogue of
some length; IPUs of one speaker that overlap are merged by the definitions.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

import jax
import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.numerics import fixed_numerics
from babble_jax.timing.distributions.kde import KDE
from babble_jax.timing.evaluation.floor.chain import fit_chain
from babble_jax.timing.events import Definitions, Ipus, Reason, floor_transfers, ipus
from babble_jax.timing.events.runs import runs

IpuArrays = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Onset and end, [N] seconds, and speaker, [N] int32."""


class Baseline(Protocol):
    """A way to make a dialogue's timing.

    Attributes:
      name: in the table of a comparison.
      dyads_only: whether it needs conversations of two.
    """

    name: ClassVar[str]
    dyads_only: ClassVar[bool]

    def __init__(self, conversations: Sequence[Conversation], definitions: Definitions): ...

    def draw(self, rng: np.random.Generator, seconds: float) -> IpuArrays:
        """Draws a dialogue from its beginning, at least `seconds` long."""
        ...


def _durations(units: Ipus) -> list[tuple[np.ndarray, np.ndarray]]:
    """Returns the durations of each speaker's IPUs and own silences, one window after the other."""
    speakers = []
    for s in range(len(units.speakers)):
        lengths, silences = [np.zeros(0)], [np.zeros(0)]
        for window in np.unique(units.window):
            own = (units.speaker == s) & (units.window == window)
            lengths.append(units.duration[own])
            silences.append(units.onset[own][1:] - units.end[own][:-1])
        speakers.append((np.concatenate(lengths), np.concatenate(silences)))
    return speakers


def _alternate(lengths: np.ndarray, silences: np.ndarray, speaker: int) -> IpuArrays:
    """Lays out silence, IPU, silence, IPU ... of one speaker."""
    edges = np.cumsum(np.stack([silences, lengths], axis=1).ravel())
    return edges[::2], edges[1::2], np.full(len(lengths), speaker, np.int32)


def _concatenate(speakers: list[IpuArrays]) -> IpuArrays:
    onset, end, speaker = (np.concatenate(part) for part in zip(*speakers, strict=True))
    return onset, end, speaker


class Independent:
    """Draws each speaker's IPUs and silences from those of the corpus, independently of the others.

    References: Fujita et al., Interspeech 2019 (arXiv 1909.05952), algorithm 1: simulated mixtures for
    end-to-end diarization.
    """

    name: ClassVar[str] = "independent"
    dyads_only: ClassVar[bool] = False

    def __init__(self, conversations: Sequence[Conversation], definitions: Definitions):
        lengths, silences = zip(
            *(d for c in conversations for d in _durations(ipus(c, definitions))), strict=True
        )
        self._lengths, self._silences = np.concatenate(lengths), np.concatenate(silences)
        self._speakers = _most_speakers(conversations)

    def draw(self, rng: np.random.Generator, seconds: float) -> IpuArrays:
        """Draws a dialogue from its beginning."""
        number = int(2 * seconds / (self._lengths.mean() + self._silences.mean())) + 20
        return _concatenate(
            [
                _alternate(rng.choice(self._lengths, number), rng.choice(self._silences, number), s)
                for s in range(self._speakers)
            ]
        )


class Shuffle:
    """Shuffles the IPUs and silences of each speaker of a real conversation."""

    name: ClassVar[str] = "shuffle"
    dyads_only: ClassVar[bool] = False

    def __init__(self, conversations: Sequence[Conversation], definitions: Definitions):
        speakers = _most_speakers(conversations)
        calls = [_durations(ipus(c, definitions)) for c in conversations if len(c.speakers) == speakers]
        self._calls = [call for call in calls if all(len(silences) for _, silences in call)]

    def draw(self, rng: np.random.Generator, seconds: float) -> IpuArrays:
        """Draws a dialogue from its beginning; the events come round again, in another order, where they run out."""
        speakers = []
        for s, (lengths, silences) in enumerate(self._calls[rng.integers(len(self._calls))]):
            rounds = int(2 * seconds / (lengths[1:].sum() + silences.sum())) + 2
            first = np.concatenate([rng.permutation(lengths[1:]) for _ in range(rounds)])
            second = np.concatenate([rng.permutation(silences) for _ in range(rounds)])
            size = min(len(first), len(second))  # a speaker of several windows has fewer silences
            speakers.append(_alternate(first[:size], second[:size], s))
        return _concatenate(speakers)


class Offsets:
    """Draws turn after turn: holds or passes the floor by a coin, at an offset from the kernel density of all."""

    name: ClassVar[str] = "kde"
    dyads_only: ClassVar[bool] = False

    def __init__(self, conversations: Sequence[Conversation], definitions: Definitions):
        lengths, pauses, transfers = [], [], []
        for conversation in conversations:
            units = ipus(conversation, definitions)
            sweep = floor_transfers(units, "ipu", definitions)
            holds = sweep.reason == Reason.SAME_SPEAKER
            lengths.append(units.duration[sweep.reason != Reason.CONTAINED])
            pauses.append((units.onset - units.end[sweep.previous])[holds])
            transfers.append(sweep.fto[sweep.defined])
        self._lengths, self._pauses = np.concatenate(lengths), np.concatenate(pauses)
        fto = np.concatenate(transfers)
        self._hold = len(self._pauses) / (len(self._pauses) + len(fto))
        self._kde, self._params = KDE(), KDE().fit(fto)
        self._speakers = _most_speakers(conversations)

    def draw(self, rng: np.random.Generator, seconds: float) -> IpuArrays:
        """Draws a dialogue from its beginning.

        Where an offset would put a turn before the one it answers, the turn begins where that one does.
        """
        number = int(3 * seconds / self._lengths.mean()) + 20
        with fixed_numerics():
            key = jax.random.key(int(rng.integers(2**31)))
            ftos = self._kde.sample(self._params, key, (2000 * -(-number // 2000),))
        transfer = np.asarray(ftos, np.float64)
        length, pause = rng.choice(self._lengths, number), rng.choice(self._pauses, number)
        hold, jump = rng.random(number) < self._hold, rng.integers(1, max(self._speakers, 2), number)
        onsets, ends, speakers = np.zeros(number), np.zeros(number), np.zeros(number, np.int32)
        start, end, speaker = 0.0, float(length[0]), 0
        for i in range(number):
            onsets[i], ends[i], speakers[i] = start, end, speaker
            following = end + pause[i] if hold[i] else max(start, end + transfer[i])
            speaker = speaker if hold[i] else (speaker + jump[i]) % self._speakers
            start, end = following, following + length[(i + 1) % number]
        return onsets, ends, speakers


class SemiMarkov:
    """Draws runs of the four states of two speakers, the strong baseline.

    A run lasts as long, and is followed by the same state, as a random one of the corpus among those in the same state
    after the same one.
    """

    name: ClassVar[str] = "semi_markov"
    dyads_only: ClassVar[bool] = True

    def __init__(self, conversations: Sequence[Conversation], definitions: Definitions):
        rows = [triples(ipus(c, definitions)) for c in conversations if len(c.speakers) == 2]
        before, now, after, length = (np.concatenate(part) for part in zip(*rows, strict=True))
        swap = np.array([0, 2, 1, 3])
        before, now, after = (np.append(x, swap[x]) for x in (before, now, after))
        length, context = np.append(length, length), before * 4 + now
        order = np.argsort(context, kind="stable")
        self._first = np.searchsorted(context[order], np.arange(17))
        self._after, self._length = after[order], length[order]

    def draw(self, rng: np.random.Generator, seconds: float) -> IpuArrays:
        """Draws a dialogue from its beginning, a pause of A's."""
        u = rng.random(int(seconds * 5) + 100).tolist()
        before, now, time, i = 1, 0, 0.0, 0
        states, starts = [], []
        while time < seconds:
            context = before * 4 + now
            low, high = int(self._first[context]), int(self._first[context + 1])
            row = low + int(u[i % len(u)] * (high - low))
            states.append(now)
            starts.append(time)
            time += self._length[row]
            before, now, i = now, int(self._after[row]), i + 1
        state, start = np.array([0, *states, 0]), np.array([0.0, *starts, time])
        speakers = []
        for s in (1, 2):
            on = ((state & s) > 0).astype(np.int8)  # 1 is A alone, 2 is B, 3 is both
            change = np.diff(on)
            speakers.append((start[1:][change > 0], start[1:][change < 0]))
        return _concatenate([(a, b, np.full(len(a), s, np.int32)) for s, (a, b) in enumerate(speakers)])


def triples(units: Ipus) -> tuple[np.ndarray, ...]:
    """Returns, for each run between two others in its window, the state before, its own and the next one (0 nobody,
    1 A, 2 B, 3 both), and its seconds.
    """
    state, start, window = runs(units)
    state = np.where(state < 0, 3, state)
    inner = (window[:-2] == window[1:-1]) & (window[1:-1] == window[2:])
    length = start[2:] - start[1:-1]
    return state[:-2][inner], state[1:-1][inner], state[2:][inner], length[inner]


class Chain:
    """Draws the chain of IPUs that have the floor (`chain.FloorChain`)."""

    name: ClassVar[str] = "chain"
    dyads_only: ClassVar[bool] = True

    def __init__(self, conversations: Sequence[Conversation], definitions: Definitions):
        self._chain = fit_chain(conversations, definitions)

    def draw(self, rng: np.random.Generator, seconds: float) -> IpuArrays:
        """Draws a dialogue from its beginning."""
        return self._chain.draw(int(rng.integers(2**31)), seconds)[:3]


def _most_speakers(conversations: Sequence[Conversation]) -> int:
    return int(np.bincount([len(c.speakers) for c in conversations]).argmax())


BASELINES: dict[str, type[Baseline]] = {b.name: b for b in (Independent, Shuffle, Offsets, SemiMarkov, Chain)}
"""By name."""
