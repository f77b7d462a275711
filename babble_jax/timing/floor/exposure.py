"""Counts how long real speakers were in each discrete state and what they did there: all that a fit sees.

Axes: P speakers of all dialogues, D dialogues, S speakers of one, T frames, M toggles, R rows (states that some
speaker was in). Times within a dialogue are frames.
"""

import dataclasses
import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.numerics import fixed_numerics
from babble_jax.timing.events import Definitions, backchannels, ipus
from babble_jax.timing.floor.state import (
    FRAME,
    NUM_STATES,
    FloorState,
    Limits,
    advance,
    at_risk,
    initial_state,
    overdue,
    state_index,
)

EVENTS = ("turn", "backchannel", "end")
"""The events of a speaker: begin a turn, begin a backchannel, end the running IPU."""

_BLOCK = 2000  # frames that are laid out at once
_BATCH_SIZE = 512  # dialogues side by side


@dataclasses.dataclass(frozen=True, eq=False)
class Exposure:
    """Holds sparse counts: row r says that a speaker spent some frames in a discrete state.

    Attributes:
      person: [R] int32, indexes the speakers of all dialogues.
      state: [R] int32, see `state.state_index`.
      frames: [R] int32.
      events: [R, 3] int32, how often each of `EVENTS` took place there.
      dialogue: [P] int32, the conversation of each speaker.
      seconds: [D] observed time of each conversation.
    """

    person: np.ndarray
    state: np.ndarray
    frames: np.ndarray
    events: np.ndarray
    dialogue: np.ndarray
    seconds: np.ndarray

    @property
    def hazard_events(self) -> np.ndarray:
        """[R, 2] events of the two hazards of a state: to begin a turn or to end the IPU; to begin a backchannel."""
        return np.stack([self.events[:, 0] + self.events[:, 2], self.events[:, 1]], axis=1)

    def merge_kinds(self) -> "Exposure":
        """Returns the counts without kinds of IPUs: every onset is that of a turn."""
        events = self.events.copy()
        events[:, 0] += events[:, 1]
        events[:, 1] = 0
        return dataclasses.replace(self, events=events)

    def select_rows(self, mask: np.ndarray) -> "Exposure":
        """Returns the rows of a mask, [R] bool, of the same people and conversations."""
        rows = {name: getattr(self, name)[mask] for name in ("person", "state", "frames", "events")}
        return dataclasses.replace(self, **rows)

    def select(self, mask: np.ndarray) -> "Exposure":
        """Returns the conversations of a mask, [D] bool, numbered anew."""
        people = mask[self.dialogue]
        rows = people[self.person]
        number, renumbered = np.cumsum(people) - 1, np.cumsum(mask) - 1
        return Exposure(
            number[self.person[rows]].astype(np.int32),
            self.state[rows],
            self.frames[rows],
            self.events[rows],
            renumbered[self.dialogue[people]].astype(np.int32),
            self.seconds[mask],
        )


@fixed_numerics()
def count_exposure(conversations: Sequence[Conversation], definitions: Definitions) -> Exposure:
    """Runs the state along every conversation, each observed window on its own, and counts.

    The kind of an IPU is that of `events.backchannels`, which judges in hindsight.
    """
    first = np.cumsum([0, *(len(c.speakers) for c in conversations)])
    limits, parts = Limits.of(definitions), []
    for speakers in sorted({len(c.speakers) for c in conversations}):
        windows = [
            (first[d], frames, toggles)
            for d, c in enumerate(conversations)
            if len(c.speakers) == speakers
            for frames, toggles in frame_toggles(c, definitions)
        ]
        windows.sort(key=lambda window: window[1])  # windows of like length go together
        for i in range(0, len(windows), _BATCH_SIZE):
            parts.append(_count(windows[i : i + _BATCH_SIZE], speakers, limits))
    person, states, frames, events = (np.concatenate(p) for p in zip(*parts, strict=True))
    return Exposure(
        person=person,
        state=states,
        frames=frames,
        events=events,
        dialogue=np.repeat(np.arange(len(conversations), dtype=np.int32), np.diff(first)),
        seconds=np.array([c.seconds for c in conversations]),
    )


def frame_toggles(conversation: Conversation, definitions: Definitions) -> list[tuple[int, np.ndarray]]:
    """Returns, for each window, its frames and [3, M] int32 its toggles: frame, speaker, code (1, or 2 for the onset of
    a backchannel).
    """
    units = ipus(conversation, definitions)
    short = backchannels(units, definitions)
    windows = []
    for window, (begin, finish) in enumerate(conversation.windows):
        inside = units.window == window
        # the nanosecond: 0.29 / 0.01 is below 29 in float64
        onset, end = (
            np.floor((t[inside] - begin + 1e-9) / FRAME).astype(np.int32) for t in (units.onset, units.end)
        )
        who = units.speaker[inside]
        frames = int((finish - begin + 1e-9) / FRAME)
        toggles = np.stack(
            [
                np.append(onset, end),
                np.append(who, who),
                np.append(1 + short[inside], np.ones(len(onset), int)),
            ]
        ).astype(np.int32)
        windows.append((frames, toggles[:, toggles[0] < frames]))
    return windows


@functools.partial(jax.jit, static_argnames="limits")
def _follow(state: FloorState, codes: jax.Array, limits: Limits) -> tuple[FloorState, jax.Array]:
    """Returns the state after `codes` [T, D, S], and the index [T, D, S] of the discrete state before each frame; -1
    where nothing was left to chance.
    """

    def step(state: FloorState, code: jax.Array) -> tuple[FloorState, jax.Array]:
        chance = at_risk(state, limits) & ~overdue(state, limits)
        return advance(state, code > 0, code == 2, limits), jnp.where(chance, state_index(state), -1)

    return jax.lax.scan(step, state, codes)


def _count(windows: list, speakers: int, limits: Limits) -> tuple[np.ndarray, ...]:
    """Returns person, state, frames and events of some windows, without repetitions."""
    state = initial_state(len(windows), speakers, limits)
    person = np.array([window[0] for window in windows])[:, None] + np.arange(speakers)  # [D, S]
    frames = np.array([window[1] for window in windows])
    keys, counts, last_codes = [], [], []
    for begin in range(0, int(frames.max()), _BLOCK):
        codes = np.zeros((_BLOCK, len(windows), speakers), np.int8)
        for d, (_, _, toggles) in enumerate(windows):
            now = toggles[:, (toggles[0] >= begin) & (toggles[0] < begin + _BLOCK)]
            codes[now[0] - begin, d, now[1]] = now[2]
        state, states = _follow(state, jnp.asarray(codes), limits)
        observed = np.arange(begin, begin + _BLOCK)[:, None] < frames  # [T, D]
        # a speaker's time is one line, [D, S, T]; a stretch in one state, without a toggle, is one count
        states = np.asarray(states).transpose(1, 2, 0)
        key = (person[..., None] * NUM_STATES + states).ravel()
        code = codes.transpose(1, 2, 0).ravel()
        seen = (observed.T[:, None] & (states >= 0)).ravel()
        key, code = key[seen], code[seen]
        if not len(key):
            continue
        head = np.append(True, (key[1:] != key[:-1]) | (code[:-1] > 0))
        at = np.flatnonzero(head)
        keys.append(key[at])
        counts.append(np.diff(np.append(at, len(key))))
        tail = np.append(at[1:], len(key)) - 1
        last_codes.append(code[tail])
    key, count, code = np.concatenate(keys), np.concatenate(counts), np.concatenate(last_codes)
    unique, row = np.unique(key, return_inverse=True)
    who, states = unique // NUM_STATES, unique % NUM_STATES
    on = states[row] >= NUM_STATES // 2
    kinds = ((code == 1) & ~on, code == 2, (code == 1) & on)
    events = np.stack([np.bincount(row, kind, len(unique)) for kind in kinds], axis=1)
    return (
        who.astype(np.int32),
        states.astype(np.int32),
        np.bincount(row, count, len(unique)).astype(np.int32),
        events.astype(np.int32),
    )
