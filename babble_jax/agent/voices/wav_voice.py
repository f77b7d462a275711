"""Speaks for an agent with sound that somebody else has made: files, or arrays of a speech synthesizer.

Axes: N utterances, T samples.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from babble_jax.audio import wave
from babble_jax.errors import BabbleError
from babble_jax.timing.floor.state import BACKCHANNEL

_FADE = 0.06  # seconds from a stop to silence
_ONSET = 1e-2  # amplitude from which on an utterance is heard; what is softer at its edges is left out
_RESUME = 2.0  # seconds of silence up to which an utterance that was broken off goes on
_BACK = 0.3  # seconds by which it goes back


class WavVoiceState(NamedTuple):
    """All that changes: a value.

    Attributes:
      turn: number of the next turn's utterance.
      backchannel: number of the next backchannel's.
      running: number of the utterance that sounds, or that was broken off; -1 for none.
      short: whether it is a backchannel.
      position: samples of it that were given.
      active: whether it sounds.
      silence: samples since it was told to stop.
    """

    turn: int = 0
    backchannel: int = 0
    running: int = -1
    short: bool = False
    position: int = 0
    active: bool = False
    silence: int = 0


class WavVoice:
    """Says utterances one after the other, a short one for a backchannel; see `AgentVoice`.

    A turn lasts as long as its utterance, unless the user comes in and the agent yields. Then the sound fades in 60 ms;
    if the agent goes on within two seconds, so does the utterance, a little before the place at which it was left.

    Args:
      turns: [N] sound files, or arrays [T] of floats at `sample_rate`, said in this order.
      backchannels: likewise; none for an agent that gives none.
      sample_rate: Hz, to which files are resampled.
      repeat: begin again after the last turn; else the agent is silent until there is more to `say`.

    Attributes:
      state: all that changes, a value.
      sample_rate: Hz.

    Raises:
      BabbleError: a file cannot be read, or an utterance is silent.

    Examples:
      >>> tone = 0.1 * np.sin(np.arange(8000) / 5)
      >>> voice = WavVoice([tone], backchannels=[tone[:3000]])
      >>> voice.step(True, 0, 320).shape
      (320,)
    """

    release = _FADE
    endless = False

    def __init__(
        self,
        turns: Sequence[np.ndarray | str | os.PathLike],
        backchannels: Sequence[np.ndarray | str | os.PathLike] = (),
        sample_rate: int = 16_000,
        repeat: bool = True,
    ):
        self.sample_rate = sample_rate
        self._turns = [_read(one, sample_rate) for one in turns]
        self._backchannels = [_read(one, sample_rate) for one in backchannels]
        if repeat and not self._turns:
            raise BabbleError("A voice of sound files has nothing to say; give a file for a turn at least.")
        self._repeat = repeat
        self.state = WavVoiceState()

    def say(self, sound: np.ndarray | str | os.PathLike) -> None:
        """Adds an utterance for a turn, a file or an array [T], after those that are there."""
        self._turns.append(_read(sound, self.sample_rate))

    def step(self, active: bool, kind: int, samples: int) -> np.ndarray:
        """Makes the next samples; see `AgentVoice.step`.

        Args:
          active: see `AgentVoice.step`.
          kind: see `AgentVoice.step`.
          samples: see `AgentVoice.step`.
        """
        state = self.state
        if active and not state.active:
            state = self._open(state, kind == BACKCHANNEL)
        elif not active and state.active:
            state = state._replace(active=False, silence=0)
        if state.running < 0:
            return np.zeros(samples, np.float32)
        part = self._utterance(state)[state.position : state.position + samples]
        sound = np.concatenate([part, np.zeros(samples - len(part), np.float32)])
        if not state.active:
            fade = 1 - (state.silence + np.arange(samples)) / (_FADE * self.sample_rate)
            sound *= np.square(np.sin(np.clip(fade, 0, 1) * (np.pi / 2))).astype(np.float32)
        silence = 0 if state.active else state.silence + samples
        self.state = state._replace(position=state.position + samples, silence=silence)
        return sound

    def remaining(self) -> float | None:
        """Returns the seconds that are left of the utterance that sounds; None in silence."""
        if not self.state.active:
            return None
        return (len(self._utterance(self.state)) - self.state.position) / self.sample_rate

    def can_begin(self, kind: int) -> bool:
        """Returns whether there is an utterance for an IPU of a kind; see `AgentVoice.can_begin`."""
        if kind == BACKCHANNEL:
            return bool(self._backchannels)
        return self._repeat or self.state.turn < len(self._turns) or self._broken(self.state)

    def _utterance(self, state: WavVoiceState) -> np.ndarray:
        return (self._backchannels if state.short else self._turns)[state.running]

    def _broken(self, state: WavVoiceState) -> bool:
        """Returns whether a turn's utterance was broken off so shortly ago that it goes on."""
        if state.running < 0 or state.short or state.active or state.silence >= _RESUME * self.sample_rate:
            return False
        left = len(self._utterance(state)) - (state.position - state.silence)
        return left > _BACK * self.sample_rate

    def _open(self, state: WavVoiceState, short: bool) -> WavVoiceState:
        """Selects the next utterance, or goes on with the one that was broken off."""
        if not short and self._broken(state):
            position = max(0, state.position - state.silence - round(_BACK * self.sample_rate))
            return state._replace(position=position, active=True, silence=0)
        if short:
            number = state.backchannel % len(self._backchannels)
            state = state._replace(backchannel=state.backchannel + 1)
        else:
            number = state.turn % len(self._turns)
            state = state._replace(turn=state.turn + 1)
        return state._replace(running=number, short=short, position=0, active=True, silence=0)


def _read(sound: np.ndarray | str | os.PathLike, rate: int) -> np.ndarray:
    """Reads an utterance and leaves out the silence at its edges: [T] float32."""
    if isinstance(sound, str | os.PathLike):
        name, line = str(sound), wave.read(Path(sound), rate)[0]
    else:
        name, line = "An utterance", np.asarray(sound)
    if line.ndim != 1 or line.dtype.kind != "f" or not np.isfinite(line).all():
        raise BabbleError(f"{name} is no array [T] of finite floats; give one channel, full scale 1.")
    loud = np.flatnonzero(np.abs(line) >= _ONSET)
    if not len(loud):
        raise BabbleError(f"{name} is silent; give one that is heard.")
    return np.clip(line[loud[0] : loud[-1] + 1], -1, 1).astype(np.float32)
