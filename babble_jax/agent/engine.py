"""Runs one seat of a live conversation: frames of the user's sound in, frames of the agent's sound out.

The clock counts samples. Inside, all is done in hops of 20 ms: a hop of the user is perceived, the player decides the
two frames of 10 ms that follow it, and the voice makes their sound, which is ready when the hop ends. A caller may give
blocks of any length; decisions and sound are the same. Nothing here knows of time that passes outside.

An IPU is to end where it is heard to end. So a voice that takes some time to stop is told that much earlier: while it
speaks, the player is run ahead by that time, as if the user went on as they are; if it ends the IPU there, the voice
begins its release, and the end is settled.

Axes: T samples of a block, H samples of a hop, F = H / 2 samples of a frame.
"""

import dataclasses
import math
import time
from collections import deque
from typing import Any, NamedTuple, Protocol

import numpy as np

from babble_jax.agent.agent_voice import AgentVoice
from babble_jax.agent.cues.cue import Cue
from babble_jax.agent.hop_resampler import HopResampler
from babble_jax.agent.perception import UserFrame
from babble_jax.errors import BabbleError
from babble_jax.timing.floor.player import Player, PlayerFrame
from babble_jax.timing.floor.state import BACKCHANNEL, FRAME, TURN

HOP = 2 * FRAME
"""Seconds of a hop."""
PERCEPTION_RATE = 16_000
"""Hz at which the user is perceived."""
LOUDEST = 8.0
"""Amplitude beyond which samples are no sound."""
AUDIBLE = 1e-3
"""Amplitude from which on a sample of the agent is heard (-60 dBFS)."""
_LOG_HOPS = 30_000  # ten minutes: who never drains the log does not fill the memory with it
_SPEAKING, _SILENT = 0.6, 0.4  # probabilities of speech at which the user is logged to begin and to end
_QUIET = 0.15  # seconds without a sample that is heard, after which the agent's sound is logged to have ended


class EngineHop(NamedTuple):
    """A hop as it was decided.

    Attributes:
      hop: number of the hop that the decisions are for; the user's hop before it is the last that was perceived.
      sample: first sample of that hop.
      user: the user as they were perceived; as silence for hop 0, before which there is nothing.
      frames: two frames of the player, numbers 2 x hop and 2 x hop + 1.
      events: what happened, each a dict of `event` and further JSON values. Of the agent: "turn", "backchannel" and
        "end", decisions, and "sound began" and "sound ended" with the `sample` from which and up to which it is heard.
        Of the user: "user began" and "user ended" as detected, with the `sample` at which it was known. "cue" with
        `log_odds`, where they change, and `silence`. "bad input" where samples were no numbers, or beyond `LOUDEST`.
      milliseconds: that the computation took.
    """

    hop: int
    sample: int
    user: UserFrame
    frames: tuple[PlayerFrame, PlayerFrame]
    events: tuple[dict[str, Any], ...]
    milliseconds: float


class EngineState(NamedTuple):
    """What changes in an engine itself: a value.

    Attributes:
      hop: number of the hop that was decided last.
      pending: [n] samples of the user that fill no hop yet, n < H.
      ready: [m] samples of the agent that were not given yet, m = H - n.
      agent: [H] sound of the agent beside the user's hop that is not complete.
      resampling: states of the resamplers of user and agent.
      frame: the last frame of the player; None before the first.
      settled_end: number of the frame in which the running IPU will end; None where that is open.
      sounding: whether the agent's sound is heard.
      quiet: samples since it was last heard.
      user_on: whether the user speaks, as logged.
      user_silence: seconds since the user ended, as logged; infinite before they have spoken.
      turn_over: the cue's last answer; 0 for none.
      bad: whether the user's last hop was no sound.
    """

    hop: int
    pending: np.ndarray
    ready: np.ndarray
    agent: np.ndarray
    resampling: tuple[np.ndarray, np.ndarray]
    frame: PlayerFrame | None = None
    settled_end: int | None = None
    sounding: bool = False
    quiet: int = 0
    user_on: bool = False
    user_silence: float = math.inf
    turn_over: float = 0.0
    bad: bool = False


class Snapshot(NamedTuple):
    """All that changes in an engine and its parts: a value."""

    engine: EngineState
    player: Any
    voice: Any
    perception: Any
    cue: Any


class PerceptionLike(Protocol):
    """What hears the user; see `perception.Perception`.

    Attributes:
      state: all that changes, a value.
      lag: seconds by which it is late.
    """

    state: Any
    lag: float

    def step(self, user: np.ndarray, agent: np.ndarray) -> UserFrame:
        """Perceives a hop of the user at 16 kHz, beside that of the agent; both [320] float32."""
        ...


class Engine:
    """One seat of a conversation.

    What it makes depends on the user's samples, and on the seeds of player and voice, alone. The sound of hop n depends
    on the user up to hop n - 1, and is made as soon as that one is complete: who sends what is `ready` loses no time.

    Args:
      player: decides when to begin and to end.
      voice: what speaks.
      perception: what hears the user.
      cue: tells from the user's sound whether their turn is over; none by default.

    Attributes:
      sample_rate: Hz, of both sides.
      hop_samples: H.

    Raises:
      BabbleError: 10 ms are no whole number of the voice's samples.
    """

    def __init__(
        self, player: Player, voice: AgentVoice, perception: PerceptionLike, *, cue: Cue | None = None
    ):
        self.player, self.voice, self.perception, self.cue = player, voice, perception, cue
        self.sample_rate = voice.sample_rate
        if abs(self.sample_rate * FRAME % 1) > 1e-9:
            raise BabbleError(
                f"The voice has {self.sample_rate} Hz, at which 10 ms are no whole number of samples; resample it."
            )
        self.hop_samples = 2 * round(self.sample_rate * FRAME)
        self._resampler = HopResampler(self.sample_rate, PERCEPTION_RATE, HOP)
        self._release = math.ceil(voice.release / FRAME - 1e-9)
        self._hops: deque[EngineHop] = deque(maxlen=_LOG_HOPS)
        self._mute = False
        nothing = np.zeros(0, np.float32)
        before = self._resampler.initial_state()
        self._state = EngineState(-1, nothing, nothing, nothing, (before, before))
        self._decide(UserFrame(0.0, -90.0, -90.0, 0.0, False), 0.0, [], time.perf_counter())
        self._state = self._state._replace(ready=self._state.agent)

    @property
    def position(self) -> int:
        """Samples that were given so far, of either side."""
        return self._state.hop * self.hop_samples + len(self._state.pending)

    @property
    def ready(self) -> np.ndarray:
        """[m] float32, the agent's next samples, which are made and not given yet: up to the next hop's end."""
        return self._state.ready

    def step(self, user: np.ndarray) -> np.ndarray:
        """Hears a block of the user and returns the agent's sound beside it.

        Args:
          user: [T] float, full scale 1, any T.

        Returns:
          [T] float32 in [-1, 1].

        Raises:
          BabbleError: not one dimension of floats.
        """
        user = np.asarray(user)
        if user.ndim != 1 or user.dtype.kind != "f":
            raise BabbleError("A block of sound is one channel, an array [T] of floats with full scale 1.")
        line = np.concatenate([self._state.pending, user.astype(np.float32, copy=False)])
        self._state = self._state._replace(pending=line[:0])
        size, sound = self.hop_samples, [self._state.ready]
        complete = len(line) // size * size
        for first in range(0, complete, size):
            self._hear(line[first : first + size])
            sound.append(self._state.agent)
        made = np.concatenate(sound)
        self._state = self._state._replace(pending=line[complete:].copy(), ready=made[len(user) :])
        return made[: len(user)]

    def skip(self, user: np.ndarray) -> np.ndarray:
        """Hears a block as `step` does, but makes no sound for the hops that it completes: for who is behind.

        Args:
          user: see `step`.
        """
        self._mute = True
        try:
            return self.step(user)
        finally:
            self._mute = False

    def set_knobs(self, **knobs: float) -> None:
        """Changes knobs of the player from the next hop on; see `timing.floor.knobs.Knobs`."""
        self.player.knobs = dataclasses.replace(self.player.knobs, **knobs)

    def drain(self) -> list[EngineHop]:
        """Returns the hops since the last call; the oldest are lost where it is not called for ten minutes."""
        hops = list(self._hops)
        self._hops.clear()
        return hops

    def snapshot(self) -> Snapshot:
        """Returns all that changes, a value."""
        cue = None if self.cue is None else self.cue.state
        return Snapshot(self._state, self.player.state, self.voice.state, self.perception.state, cue)

    def restore(self, snapshot: Snapshot) -> None:
        """Goes back to a snapshot of this engine, or of one that was made alike; what was not drained is dropped."""
        self._state, self.player.state, self.voice.state, self.perception.state, cue = snapshot
        if self.cue is not None:
            self.cue.state = cue
        self._hops.clear()

    def warm_up(self) -> None:
        """Runs every part once, so that the first hops of a conversation are as fast as all others."""
        before, hops = self.snapshot(), self.drain()
        for _ in range(3):
            self.step(np.zeros(self.hop_samples, np.float32))
        for kind in (TURN, BACKCHANNEL):
            for active in (True, False):
                for _ in range(8):
                    self.voice.step(active, kind, self.hop_samples // 2)
        self.restore(before)
        self._hops.extend(hops)

    def _hear(self, user: np.ndarray) -> None:
        """Perceives a hop [H] of the user and makes the hop of the agent that follows it."""
        start, state, events = time.perf_counter(), self._state, []
        with np.errstate(invalid="ignore"):
            bad = not bool((np.abs(user) <= LOUDEST).all())  # not so where a sample is no number
        if bad:
            user = np.zeros_like(user)
            if not state.bad:
                events.append({"event": "bad input", "sample": state.hop * self.hop_samples})
        (hop, before), (agent, agent_before) = (
            self._resampler.step(one, samples)
            for one, samples in zip(state.resampling, (np.clip(user, -1, 1), state.agent), strict=True)
        )
        heard = self.perception.step(hop, agent)
        self._state = state._replace(resampling=(before, agent_before), bad=bad)
        self._log_user(heard, events)
        self._decide(heard, self._ask_cue(hop, events), events, start)

    def _decide(self, heard: UserFrame, turn_over: float, events: list[dict], start: float) -> None:
        """Decides the next hop, makes its sound and logs it.

        Args:
          heard: the user, as perceived.
          turn_over: log-odds of the cue.
          events: of the hop so far.
          start: when its computation began, seconds.
        """
        state, frames, blocks = self._state._replace(hop=self._state.hop + 1), [], []
        for number in (2 * state.hop, 2 * state.hop + 1):
            state, frame, sound = self._play(state, heard, turn_over, number, events)
            frames.append(frame)
            blocks.append(sound)
        sound = np.concatenate(blocks)
        self._state = self._log_sound(state, sound, events)._replace(agent=sound)
        milliseconds = 1000 * (time.perf_counter() - start)
        sample = state.hop * self.hop_samples
        self._hops.append(
            EngineHop(state.hop, sample, heard, (frames[0], frames[1]), tuple(events), milliseconds)
        )

    def _play(
        self, state: EngineState, heard: UserFrame, turn_over: float, number: int, events: list[dict]
    ) -> tuple[EngineState, PlayerFrame, np.ndarray]:
        """Decides a frame and makes its sound.

        Args:
          state: before the frame.
          heard: the user, as perceived.
          turn_over: log-odds of the cue.
          number: of the frame.
          events: to which the decision is added.
        """
        forced = None if state.settled_end is None else int(number >= state.settled_end)
        frame = self._step_player(heard.speech, turn_over, forced)
        if forced == 1:
            state = state._replace(settled_end=None)
        if frame.on and state.settled_end is None and self._release:
            state = state._replace(settled_end=self._look_ahead(heard.speech, turn_over, number))
        samples = self.hop_samples // 2
        if frame.event:
            name = "end" if not frame.on else "backchannel" if frame.kind == BACKCHANNEL else "turn"
            events.append({"event": name, "sample": number * samples, "frame": number})
        state = state._replace(frame=frame)
        if self._mute:
            return state, frame, np.zeros(samples, np.float32)
        return state, frame, self.voice.step(frame.on and state.settled_end is None, frame.kind, samples)

    def _step_player(self, speech: float, turn_over: float, forced: int | None) -> PlayerFrame:
        """Steps the player; a voice that has something to say ends with it, or when it yields to the user.

        Args:
          speech: probability that the user speaks.
          turn_over: log-odds of the cue.
          forced: the decision where it is settled; None to draw it.
        """
        left = self.voice.remaining()
        if forced is not None or left is None:
            return self.player.step(speech, turn_over, forced)
        before = self.player.state
        frame = self.player.step(speech, turn_over)
        ended = bool(frame.event) and not frame.on
        if left <= 0 and frame.on and not frame.event:
            settled = 1
        elif left > 0 and ended and speech < _SPEAKING:
            settled = 0
        else:
            return frame
        self.player.state = before
        return self.player.step(speech, turn_over, settled)

    def _look_ahead(self, speech: float, turn_over: float, number: int) -> int | None:
        """Finds whether the player ends its IPU while the voice's release would last.

        Args:
          speech: probability that the user speaks, taken to last.
          turn_over: log-odds of the cue.
          number: of the frame that was decided last.

        Returns:
          Number of the frame of the end; None where it goes on.
        """
        before, end = self.player.state, None
        for ahead in range(number + 1, number + self._release + 1):
            if not self._step_player(speech, turn_over, None).on:
                end = ahead
                break
        self.player.state = before
        return end

    def _log_user(self, heard: UserFrame, events: list[dict]) -> None:
        """Logs where the user is detected to begin and to end."""
        state = self._state
        on = heard.speech >= (_SILENT if state.user_on else _SPEAKING)
        if on != state.user_on:
            name = "user began" if on else "user ended"
            events.append({"event": name, "sample": (state.hop + 1) * self.hop_samples})
        silence = 0.0 if on else state.user_silence + HOP
        self._state = state._replace(user_on=on, user_silence=silence)

    def _ask_cue(self, hop: np.ndarray, events: list[dict]) -> float:
        """Gives the cue a hop of the user at `PERCEPTION_RATE`; returns the log-odds that the turn is over, or 0."""
        if self.cue is None:
            return 0.0
        self.cue.push(hop)
        silence = self._state.user_silence
        answer = self.cue.log_odds(silence) or 0.0
        if answer != self._state.turn_over:
            events.append({"event": "cue", "log_odds": answer, "silence": min(round(silence, 3), 1e6)})
            self._state = self._state._replace(turn_over=answer)
        return answer

    def _log_sound(self, state: EngineState, sound: np.ndarray, events: list[dict]) -> EngineState:
        """Logs where the agent is heard to begin and to end, from its sound [H]."""
        first = state.hop * self.hop_samples
        audible = np.flatnonzero(np.abs(sound) >= AUDIBLE)
        if len(audible):
            if not state.sounding:
                events.append({"event": "sound began", "sample": first + int(audible[0])})
            return state._replace(sounding=True, quiet=len(sound) - 1 - int(audible[-1]))
        quiet = state.quiet + len(sound)
        if state.sounding and quiet >= _QUIET * self.sample_rate:
            events.append({"event": "sound ended", "sample": first + len(sound) - quiet})
            state = state._replace(sounding=False)
        return state._replace(quiet=quiet)
