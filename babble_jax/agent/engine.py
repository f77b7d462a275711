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

import numpy as np

from babble_jax.agent.cues.cue import Cue
from babble_jax.agent.engine_state import EngineHop, EngineState, PerceptionLike, Snapshot
from babble_jax.agent.hearing.perception import UserFrame
from babble_jax.agent.hop_resampler import HopResampler
from babble_jax.agent.voices.agent_voice import AgentVoice
from babble_jax.errors import BabbleError
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.floor.player import FloorPlayer, Player, PlayerFrame
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
        self._hops[0] = self._hops[0]._replace(milliseconds=0.0)  # before the clock starts

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
        agent = np.concatenate(sound)
        self._state = self._state._replace(pending=line[complete:].copy(), ready=agent[len(user) :])
        return agent[: len(user)]

    def skip(self, user: np.ndarray) -> np.ndarray:
        """Hears a block as `step` does, but is silent in the hops that it completes: for who is behind.

        What runs ends where they begin, and nothing begins, so that the log holds what is heard.

        Args:
          user: see `step`.
        """
        self._mute = True
        try:
            return self.step(user)
        finally:
            self._mute = False

    def set_knobs(self, **knobs: float) -> None:
        """Gives the player other knobs from the next hop on, see `timing.floor.knobs.Knobs`; a control has none.

        Raises:
          BabbleError: no such knob, or a value out of its bounds.
        """
        if unknown := set(knobs) - {field.name for field in dataclasses.fields(Knobs)}:
            raise BabbleError(f"There is no knob {', '.join(sorted(unknown))}.")
        if isinstance(self.player, FloorPlayer):
            self.player.set_knobs(dataclasses.replace(self.player.rules.knobs, **knobs))

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
        frame = self.perception.step(hop, agent)
        self._state = state._replace(resampling=(before, agent_before), bad=bad)
        self._log_user(frame, events)
        self._decide(frame, self._ask_cue(hop, events), events, start)

    def _decide(self, user: UserFrame, turn_over: float, events: list[dict], start: float) -> None:
        """Decides the next hop, makes its sound and logs it.

        Args:
          user: as they were perceived.
          turn_over: log-odds of the cue.
          events: of the hop so far.
          start: when its computation began, seconds.
        """
        state, frames, blocks = self._state._replace(hop=self._state.hop + 1), [], []
        waiting: tuple[bool, int, int] | None = None  # activity, kind and samples that are not spoken yet
        for number in (2 * state.hop, 2 * state.hop + 1):
            state, frame = self._play(state, user, turn_over, number, events)
            frames.append(frame)
            now = (frame.on and state.settled_end is None, frame.kind, self.hop_samples // 2)
            if waiting is not None and waiting[:2] == now[:2]:
                waiting = (*now[:2], self.hop_samples)
                continue
            if waiting is not None:
                blocks.append(self._speak(*waiting))
            waiting = now
            if not self.voice.endless:  # what it has left decides the next frame
                blocks.append(self._speak(*now))
                waiting = None
        if waiting is not None:
            blocks.append(self._speak(*waiting))
        sound = np.concatenate(blocks)
        self._state = self._log_sound(state, sound, events)._replace(agent=sound)
        milliseconds = 1000 * (time.perf_counter() - start)
        sample = state.hop * self.hop_samples
        self._hops.append(
            EngineHop(state.hop, sample, user, (frames[0], frames[1]), tuple(events), milliseconds)
        )

    def _play(
        self, state: EngineState, user: UserFrame, turn_over: float, number: int, events: list[dict]
    ) -> tuple[EngineState, PlayerFrame]:
        """Decides a frame.

        Args:
          state: before the frame.
          user: as they were perceived.
          turn_over: log-odds of the cue.
          number: of the frame.
          events: to which the decision is added.
        """
        forced = None if state.settled_end is None else int(number >= state.settled_end)
        if self._mute:  # nobody hears it: nothing begins, and what runs has ended
            forced = int(state.frame is not None and state.frame.on)
            state = state._replace(settled_end=None)
        frame = self._step_player(user.speech, turn_over, forced)
        if forced == 1:
            state = state._replace(settled_end=None)
        if frame.on and not frame.event and state.settled_end is None and self._release and not self._mute:
            state = state._replace(settled_end=self._look_ahead(user.speech, turn_over, number))
        samples = self.hop_samples // 2
        if frame.event:
            name = "end" if not frame.on else "backchannel" if frame.kind == BACKCHANNEL else "turn"
            events.append({"event": name, "sample": number * samples, "frame": number})
        return state._replace(frame=frame), frame

    def _speak(self, active: bool, kind: int, samples: int) -> np.ndarray:
        """Makes sound; none while the engine is behind, where the voice is told to stop; see `AgentVoice.step`."""
        sound = self.voice.step(active and not self._mute, kind, samples)
        return np.zeros(samples, np.float32) if self._mute else sound

    def _step_player(self, speech: float, turn_over: float, forced: int | None) -> PlayerFrame:
        """Steps the player; a voice that has something to say ends with it, or in a turn where it yields to the user.

        Args:
          speech: probability that the user speaks.
          turn_over: log-odds of the cue.
          forced: the decision where it is settled; None to draw it.
        """
        if forced is not None:
            return self.player.step(speech, turn_over, forced)
        before, left = self.player.state, self.voice.remaining()
        frame = self.player.step(speech, turn_over)
        begins, ends = (bool(frame.event) and frame.on == on for on in (True, False))
        yields = frame.kind != BACKCHANNEL and speech >= _SPEAKING and frame.p_backchannel < _SPEAKING
        if left is not None and left <= 0 and frame.on and not begins:
            forced = 1
        elif ends and left is not None and left > 0 and not yields:  # noqa: SIM114
            forced = 0
        elif begins and not self.voice.can_begin(frame.kind):
            forced = 0
        else:
            return frame
        self.player.state = before
        return self.player.step(speech, turn_over, forced)

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

    def _log_user(self, user: UserFrame, events: list[dict]) -> None:
        """Logs where the user is detected to begin and to end."""
        state = self._state
        on = user.speech >= (_SILENT if state.user_on else _SPEAKING)
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
