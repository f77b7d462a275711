"""How long real speakers were in each cell of the state, and what they did there: all that a fit sees.

Axes: C cells, P speakers of all dialogues, D dialogues, S speakers of one, T frames, R rows (cells that some
speaker was in). Times within a dialogue are frames.
"""

import dataclasses
import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions, backchannels, ipus
from babble_jax.timing.floor.state import CELLS, FRAME, Limits, State, advance, at_risk, cell, overdue, start

EVENTS = ("turn", "backchannel", "end")
"""What a speaker can do: begin a turn, begin a backchannel, end the running IPU."""

_BLOCK = 2000  # frames that are laid out at once
_LANES = 512  # dialogues side by side


@dataclasses.dataclass(frozen=True, eq=False)
class Exposure:
    """Sparse counts: row r says that a speaker spent some frames in a cell.

    Attributes:
      person: [R] int32, indexes the speakers of all dialogues.
      cell: [R] int32.
      frames: [R] int32.
      events: [R, 3] int32, how often each of `EVENTS` took place there.
      dialogue: [P] int32, the conversation of each speaker.
      seconds: [D] observed time of each conversation.
    """

    person: np.ndarray
    cell: np.ndarray
    frames: np.ndarray
    events: np.ndarray
    dialogue: np.ndarray
    seconds: np.ndarray

    @property
    def happened(self) -> np.ndarray:
        """[R, 2] events of the two hazards of a cell: to begin a turn or to end the IPU; to begin a backchannel."""
        return np.stack([self.events[:, 0] + self.events[:, 2], self.events[:, 1]], axis=1)

    def untold(self) -> "Exposure":
        """The same where kinds are not told: every onset is that of a turn."""
        events = self.events.copy()
        events[:, 0] += events[:, 1]
        events[:, 1] = 0
        return dataclasses.replace(self, events=events)

    def take(self, kept: np.ndarray) -> "Exposure":
        """The conversations where `kept` [D] bool, numbered anew."""
        people = kept[self.dialogue]
        rows = people[self.person]
        number, renumbered = np.cumsum(people) - 1, np.cumsum(kept) - 1
        return Exposure(
            number[self.person[rows]].astype(np.int32),
            self.cell[rows],
            self.frames[rows],
            self.events[rows],
            renumbered[self.dialogue[people]].astype(np.int32),
            self.seconds[kept],
        )


def exposure(conversations: Sequence[Conversation], definitions: Definitions) -> Exposure:
    """Runs the state along every conversation, each observed window on its own, and counts.

    The kind of an IPU is what `events.backchannels` says of it, in hindsight.
    """
    first = np.cumsum([0, *(len(c.speakers) for c in conversations)])
    limits, parts = Limits.of(definitions), []
    for speakers in sorted({len(c.speakers) for c in conversations}):
        lanes = [
            (first[d], frames, codes)
            for d, c in enumerate(conversations)
            if len(c.speakers) == speakers
            for frames, codes in _drives(c, definitions)
        ]
        lanes.sort(key=lambda lane: lane[1])  # lanes of like length go together
        for i in range(0, len(lanes), _LANES):
            parts.append(_count(lanes[i : i + _LANES], speakers, limits))
    person, cells, frames, events = (np.concatenate(p) for p in zip(*parts, strict=True))
    return Exposure(
        person=person,
        cell=cells,
        frames=frames,
        events=events,
        dialogue=np.repeat(np.arange(len(conversations), dtype=np.int32), np.diff(first)),
        seconds=np.array([c.seconds for c in conversations]),
    )


def _drives(conversation: Conversation, definitions: Definitions) -> list[tuple[int, np.ndarray]]:
    """Of each window its frames and [3, M] int32 its toggles: frame, speaker, code (1, or 2 for the onset of a
    backchannel).
    """
    units = ipus(conversation, definitions)
    short = backchannels(units, definitions)
    drives = []
    for window, (begin, finish) in enumerate(conversation.windows):
        inside = units.window == window
        # the nanosecond: 0.29 / 0.01 is below 29 in float64
        onset, offset = (
            np.floor((t[inside] - begin + 1e-9) / FRAME).astype(np.int32) for t in (units.onset, units.end)
        )
        who = units.speaker[inside]
        frames = int((finish - begin + 1e-9) / FRAME)
        toggles = np.stack(
            [
                np.append(onset, offset),
                np.append(who, who),
                np.append(1 + short[inside], np.ones(len(onset), int)),
            ]
        ).astype(np.int32)
        drives.append((frames, toggles[:, toggles[0] < frames]))
    return drives


@functools.partial(jax.jit, static_argnames="limits")
def _follow(state: State, codes: jax.Array, limits: Limits) -> tuple[State, jax.Array]:
    """The state after `codes` [T, D, S] and the cells [T, D, S] before each frame; -1 where nothing was left
    to chance.
    """

    def step(state: State, code: jax.Array) -> tuple[State, jax.Array]:
        chance = at_risk(state, limits) & ~overdue(state, limits)
        return advance(state, code > 0, code == 2, limits), jnp.where(chance, cell(state), -1)

    return jax.lax.scan(step, state, codes)


def _count(lanes: list, speakers: int, limits: Limits) -> tuple[np.ndarray, ...]:
    """person, cell, frames, events of some lanes, without repetitions."""
    state = start(len(lanes), speakers, limits)
    person = np.array([lane[0] for lane in lanes])[:, None] + np.arange(speakers)  # [D, S]
    frames = np.array([lane[1] for lane in lanes])
    keys, counts, happened = [], [], []
    for begin in range(0, int(frames.max()), _BLOCK):
        codes = np.zeros((_BLOCK, len(lanes), speakers), np.int8)
        for d, (_, _, toggles) in enumerate(lanes):
            now = toggles[:, (toggles[0] >= begin) & (toggles[0] < begin + _BLOCK)]
            codes[now[0] - begin, d, now[1]] = now[2]
        state, cells = _follow(state, jnp.asarray(codes), limits)
        observed = np.arange(begin, begin + _BLOCK)[:, None] < frames  # [T, D]
        # a speaker's time is one line, [D, S, T]; a stretch in one cell, without a toggle, is one count
        cells = np.asarray(cells).transpose(1, 2, 0)
        key = (person[..., None] * CELLS + cells).ravel()
        code = codes.transpose(1, 2, 0).ravel()
        seen = (observed.T[:, None] & (cells >= 0)).ravel()
        key, code = key[seen], code[seen]
        if not len(key):
            continue
        head = np.append(True, (key[1:] != key[:-1]) | (code[:-1] > 0))
        at = np.flatnonzero(head)
        keys.append(key[at])
        counts.append(np.diff(np.append(at, len(key))))
        tail = np.append(at[1:], len(key)) - 1
        happened.append(code[tail])
    key, count, code = np.concatenate(keys), np.concatenate(counts), np.concatenate(happened)
    unique, place = np.unique(key, return_inverse=True)
    who, cells = unique // CELLS, unique % CELLS
    on = cells[place] >= CELLS // 2
    kinds = ((code == 1) & ~on, code == 2, (code == 1) & on)
    events = np.stack([np.bincount(place, kind, len(unique)) for kind in kinds], axis=1)
    return (
        who.astype(np.int32),
        cells.astype(np.int32),
        np.bincount(place, count, len(unique)).astype(np.int32),
        events.astype(np.int32),
    )
