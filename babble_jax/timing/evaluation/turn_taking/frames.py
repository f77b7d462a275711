"""Lays conversations of two speakers out in frames: who toggles when, as a seat of the floor would see it.

Axes: W windows of all conversations, T frames, S = 2 speakers. A frame is `state.FRAME` seconds.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions, ipus
from babble_jax.timing.floor.exposure import frame_toggles
from babble_jax.timing.floor.state import FRAME


@dataclasses.dataclass(frozen=True, eq=False)
class FramedCalls:
    """Holds the windows of conversations in frames, padded to the longest.

    Attributes:
      codes: [W, T, 2] int8, 1 where a speaker begins or ends an IPU in the frame, 2 where a backchannel begins.
      detected: [W, T, 2] int8, 1 where the speaker's speech begins or ends as a detector has it, without merging.
      frames: [W] int32, the length of each window.
      call: [W] int32, the conversation of each window.
      begin: [W] seconds at which each window begins.
    """

    codes: np.ndarray
    detected: np.ndarray
    frames: np.ndarray
    call: np.ndarray
    begin: np.ndarray

    def __len__(self) -> int:
        return len(self.frames)

    def take(self, rows: np.ndarray) -> "FramedCalls":
        """Selects windows, cut to the longest of them."""
        longest = int(self.frames[rows].max())
        return FramedCalls(
            self.codes[rows, :longest],
            self.detected[rows, :longest],
            self.frames[rows],
            self.call[rows],
            self.begin[rows],
        )


def frame_calls(conversations: Sequence[Conversation], definitions: Definitions) -> FramedCalls:
    """Lays out conversations of two speakers, each observed window on its own.

    The kinds of the IPUs are those of `events.backchannels`, which judges in hindsight.

    Args:
      conversations: of two speakers each.
      definitions: of the IPUs.
    """
    rows = []
    for number, conversation in enumerate(conversations):
        raw = _speech_toggles(conversation, definitions)
        for window, (frames, toggles) in enumerate(frame_toggles(conversation, definitions)):
            if frames:
                begin = float(conversation.windows[window, 0])
                rows.append((number, begin, frames, toggles, raw[window][:, raw[window][0] < frames]))
    longest = max((row[2] for row in rows), default=0)
    codes = np.zeros((len(rows), longest, 2), np.int8)
    detected = np.zeros_like(codes)
    for w, (_, _, _, toggles, raw) in enumerate(rows):
        codes[w, toggles[0], toggles[1]] = toggles[2]
        np.add.at(detected[w], (raw[0], raw[1]), 1)
    return FramedCalls(
        codes,
        detected % 2,  # speech that ends and begins within a frame does not change
        np.array([row[2] for row in rows], np.int32),
        np.array([row[0] for row in rows], np.int32),
        np.array([row[1] for row in rows]),
    )


def _speech_toggles(conversation: Conversation, definitions: Definitions) -> list[np.ndarray]:
    """Returns, for each window, [2, M] frames and speakers of the edges of speech, within IPUs only."""
    outer_ipus = ipus(conversation, definitions)
    speech = ipus(conversation, dataclasses.replace(definitions, merge=0.0, min_ipu=0.0))
    windows = []
    for window, (begin, _) in enumerate(conversation.windows):
        parts = [np.zeros((2, 0), np.int64)]
        for s in range(len(conversation.speakers)):
            outer = (outer_ipus.window == window) & (outer_ipus.speaker == s)
            inner = (speech.window == window) & (speech.speaker == s)
            row = np.searchsorted(outer_ipus.onset[outer], speech.onset[inner] + 1e-9) - 1
            reach = np.append(outer_ipus.end[outer], -np.inf)
            inside = speech.end[inner] <= reach[row] + 1e-9  # pieces too short to be an IPU are left out
            times = np.concatenate([speech.onset[inner][inside], speech.end[inner][inside]])
            frame = np.floor((times - begin + 1e-9) / FRAME).astype(np.int64)
            parts.append(np.stack([frame, np.full(len(frame), s)]))
        windows.append(np.concatenate(parts, axis=1))
    return windows


def speaking(codes: np.ndarray) -> np.ndarray:
    """Returns who is on after each frame, [..., T, 2] bool, of toggles [..., T, 2]."""
    return np.asarray(np.cumsum(codes > 0, axis=-2) % 2 == 1)
