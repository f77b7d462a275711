"""What the simulator is measured against: simpler ways to make a dialogue's timing from a corpus.

Axes: N IPUs. Times are seconds. Each baseline is fitted on training conversations and draws (onset, offset [N],
speaker [N]) of a dialogue of some length; what its own speakers say twice at a time is one IPU by definition.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

import jax
import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.distributions.kde import KDE
from babble_jax.timing.evaluation.floor.chain import fit_floor
from babble_jax.timing.events import Definitions, Ipus, Reason, floor_transfers, ipus
from babble_jax.timing.events.runs import runs

Drawn = tuple[np.ndarray, np.ndarray, np.ndarray]


class Baseline(Protocol):
    """A way to make a dialogue's timing."""

    name: ClassVar[str]

    def __init__(self, conversations: Sequence[Conversation], definitions: Definitions): ...

    def draw(self, rng: np.random.Generator, seconds: float) -> Drawn:
        """A dialogue from its beginning, at least `seconds` long."""
        ...


def _sides(units: Ipus) -> list[tuple[np.ndarray, np.ndarray]]:
    """IPU durations and own silences of each side within one window after the other."""
    sides = []
    for s in range(len(units.speakers)):
        lengths, silences = [np.zeros(0)], [np.zeros(0)]
        for window in np.unique(units.window):
            own = (units.speaker == s) & (units.window == window)
            lengths.append(units.duration[own])
            silences.append(units.onset[own][1:] - units.end[own][:-1])
        sides.append((np.concatenate(lengths), np.concatenate(silences)))
    return sides


def _alternate(lengths: np.ndarray, silences: np.ndarray, side: int) -> Drawn:
    """Silence, IPU, silence, IPU ... of one side."""
    edges = np.cumsum(np.stack([silences, lengths], axis=1).ravel())
    return edges[::2], edges[1::2], np.full(len(lengths), side, np.int32)


def _together(sides: list[Drawn]) -> Drawn:
    onset, offset, who = (np.concatenate(part) for part in zip(*sides, strict=True))
    return onset, offset, who


class Independent:
    """Each speaker's IPUs and silences drawn from the corpus's histograms, whatever the others do.

    References: Fujita et al., Interspeech 2019 (arXiv 1909.05952), algorithm 1: simulated mixtures for
    end-to-end diarization.
    """

    name: ClassVar[str] = "independent"

    def __init__(self, conversations: Sequence[Conversation], definitions: Definitions):
        sides = [side for c in conversations for side in _sides(ipus(c, definitions))]
        self._lengths = np.concatenate([side[0] for side in sides])
        self._silences = np.concatenate([side[1] for side in sides])
        self._speakers = _most_speakers(conversations)

    def draw(self, rng: np.random.Generator, seconds: float) -> Drawn:
        """A dialogue from its beginning."""
        number = int(2 * seconds / (self._lengths.mean() + self._silences.mean())) + 20
        return _together(
            [
                _alternate(rng.choice(self._lengths, number), rng.choice(self._silences, number), s)
                for s in range(self._speakers)
            ]
        )


class Shuffle:
    """The IPUs and silences of a real conversation, each speaker's in an order of chance."""

    name: ClassVar[str] = "shuffle"

    def __init__(self, conversations: Sequence[Conversation], definitions: Definitions):
        speakers = _most_speakers(conversations)
        sides = [_sides(ipus(c, definitions)) for c in conversations if len(c.speakers) == speakers]
        self._sides = [both for both in sides if all(len(silences) for _, silences in both)]

    def draw(self, rng: np.random.Generator, seconds: float) -> Drawn:
        """A dialogue from its beginning; the events come round again, in another order, where they run out."""
        drawn = []
        for s, (lengths, silences) in enumerate(self._sides[rng.integers(len(self._sides))]):
            rounds = int(2 * seconds / (lengths[1:].sum() + silences.sum())) + 2
            first = np.concatenate([rng.permutation(lengths[1:]) for _ in range(rounds)])
            second = np.concatenate([rng.permutation(silences) for _ in range(rounds)])
            size = min(len(first), len(second))  # a side of several windows has fewer silences
            drawn.append(_alternate(first[:size], second[:size], s))
        return _together(drawn)


class Offsets:
    """Turn after turn: to hold or to pass the floor by a coin, at an offset from the kernel density of all."""

    name: ClassVar[str] = "kde"

    def __init__(self, conversations: Sequence[Conversation], definitions: Definitions):
        lengths, pauses, transfers = [], [], []
        for conversation in conversations:
            units = ipus(conversation, definitions)
            found = floor_transfers(units, "ipu", definitions)
            held = found.reason == Reason.SAME_SPEAKER
            lengths.append(units.duration[found.reason != Reason.CONTAINED])
            pauses.append((units.onset - units.end[found.previous])[held])
            transfers.append(found.value[found.defined])
        self._lengths, self._pauses = np.concatenate(lengths), np.concatenate(pauses)
        value = np.concatenate(transfers)
        self._hold = len(self._pauses) / (len(self._pauses) + len(value))
        self._kde, self._params = KDE(), KDE().fit(value)
        self._speakers = _most_speakers(conversations)

    def draw(self, rng: np.random.Generator, seconds: float) -> Drawn:
        """A dialogue from its beginning. An offset that would put a turn before the one it answers puts it at
        its start.
        """
        number = int(3 * seconds / self._lengths.mean()) + 20
        key = jax.random.key(int(rng.integers(2**31)))
        transfer = np.asarray(self._kde.sample(self._params, key, (2000 * -(-number // 2000),)), np.float64)
        length, pause = rng.choice(self._lengths, number), rng.choice(self._pauses, number)
        hold, jump = rng.random(number) < self._hold, rng.integers(1, max(self._speakers, 2), number)
        onset, offset, who = np.zeros(number), np.zeros(number), np.zeros(number, np.int32)
        start, end, speaker = 0.0, float(length[0]), 0
        for i in range(number):
            onset[i], offset[i], who[i] = start, end, speaker
            following = end + pause[i] if hold[i] else max(start, end + transfer[i])
            speaker = speaker if hold[i] else (speaker + jump[i]) % self._speakers
            start, end = following, following + length[(i + 1) % number]
        return onset, offset, who


class SemiMarkov:
    """The four states of two speakers: how long one lasts and what follows, as they were in the corpus, given the
    state and the one before it. The strong baseline.
    """

    name: ClassVar[str] = "semi_markov"

    def __init__(self, conversations: Sequence[Conversation], definitions: Definitions):
        rows = [triples(ipus(c, definitions)) for c in conversations if len(c.speakers) == 2]
        before, now, after, length = (np.concatenate(part) for part in zip(*rows, strict=True))
        swap = np.array([0, 2, 1, 3])
        before, now, after = (np.append(x, swap[x]) for x in (before, now, after))
        length, context = np.append(length, length), before * 4 + now
        order = np.argsort(context, kind="stable")
        self._first = np.searchsorted(context[order], np.arange(17))
        self._after, self._length = after[order], length[order]

    def draw(self, rng: np.random.Generator, seconds: float) -> Drawn:
        """A dialogue from its beginning, a pause of A's."""
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
        sides = []
        for s in (1, 2):
            on = ((state & s) > 0).astype(np.int8)  # 1 is A alone, 2 is B, 3 is both
            change = np.diff(on)
            sides.append((start[1:][change > 0], start[1:][change < 0]))
        return _together([(a, b, np.full(len(a), s, np.int32)) for s, (a, b) in enumerate(sides)])


def triples(units: Ipus) -> tuple[np.ndarray, ...]:
    """Of each run with a run on both sides in its window: the state before, its own, the next one (0 nobody, 1 A,
    2 B, 3 both), and its seconds.
    """
    state, start, window = runs(units)
    state = np.where(state < 0, 3, state)
    inner = (window[:-2] == window[1:-1]) & (window[1:-1] == window[2:])
    length = start[2:] - start[1:-1]
    return state[:-2][inner], state[1:-1][inner], state[2:][inner], length[inner]


class Chain:
    """The chain of IPUs that have the floor (`floor.chain`)."""

    name: ClassVar[str] = "chain"

    def __init__(self, conversations: Sequence[Conversation], definitions: Definitions):
        self._floor = fit_floor(conversations, definitions)

    def draw(self, rng: np.random.Generator, seconds: float) -> Drawn:
        """A dialogue from its beginning."""
        return self._floor.draw(int(rng.integers(2**31)), seconds)[:3]


def _most_speakers(conversations: Sequence[Conversation]) -> int:
    return int(np.bincount([len(c.speakers) for c in conversations]).argmax())


BASELINES: dict[str, type[Baseline]] = {b.name: b for b in (Independent, Shuffle, Offsets, SemiMarkov, Chain)}
"""By name."""
