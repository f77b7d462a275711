"""Channels of a live stream that is told to speak and to stop, and the gate that makes it silent between utterances.

A voice is conditioned on how near the end of its utterance is, which nobody knows in a live conversation before it is
there. Told to stop, the stream sets the end `RELEASE` ahead, so that the voice runs the release that it has learned
from recordings; and since a voice may not obey, a gate closes over the last part of it. The gate opens at an onset
before the voice's own onset is there, so that it blunts nothing.

Axes: T samples of a top frame.
"""

import math
from typing import NamedTuple

import numpy as np

from babble_jax.audio.units import HOP
from babble_jax.voice.conditioning import activity
from babble_jax.voice.conditioning.unit_stream import UnitStream, UnitStreamState
from babble_jax.voice.config import UNIT_CHANNELS, VoiceConfig

RELEASE = 0.06
"""Seconds from a stop to the end of the utterance that the voice is conditioned on."""
_GATE_HOLD, _GATE_FALL, _GATE_RISE = (
    0.04,
    0.05,
    0.01,
)  # seconds from a stop until the gate begins to close, of closing, and of opening


class UtteranceState(NamedTuple):
    """State of an utterance between two top frames: plain numbers.

    Attributes:
      active: whether the stream was last told to speak.
      since_onset: samples since the onset of the utterance.
      since_stop: samples since the stream was told to stop; None before the first utterance.
      gate: how far the gate is open, in [0, 1].
      gate_at_stop: the same at the stop.
      unit_frames: frames of 10 ms of the units so far.
      units: state of the units, for a voice with units.
    """

    active: bool = False
    since_onset: int = 0
    since_stop: int | None = None
    gate: float = 0.0
    gate_at_stop: float = 0.0
    unit_frames: int = 0
    units: UnitStreamState | None = None


class UtteranceControl:
    """Turns `active`, pushed top frame by top frame, into the channels of a voice and the gain of its output.

    Args:
      config: of the voice.
      units: units of the stream, for a voice with units.
    """

    def __init__(self, config: VoiceConfig, units: UnitStream | None):
        self._config, self._units = config, units
        self._release = round(RELEASE * config.sample_rate)
        self._hold, self._fall, self._rise = (
            max(1, round(seconds * config.sample_rate)) for seconds in (_GATE_HOLD, _GATE_FALL, _GATE_RISE)
        )

    def initial_state(self) -> UtteranceState:
        """Makes the state before the first sample, in silence."""
        return UtteranceState(units=None if self._units is None else self._units.initial_state())

    def push(
        self, state: UtteranceState, active: bool, start: int, length: int
    ) -> tuple[dict[str, float], np.ndarray, UtteranceState]:
        """Computes the channels and the gain of a top frame.

        Args:
          state: after the frame before.
          active: whether the stream is to speak.
          start: absolute index of the first sample.
          length: T, samples of the frame from `start` on.

        Returns:
          Value of each channel of the voice; gain of each sample, [T] float32 in [0, 1]; the state after the frame.
        """
        if active and not state.active:
            resumed = state.since_stop is not None and state.since_stop < self._release
            state = state._replace(active=True, since_onset=state.since_onset if resumed else 0)
        elif state.active and not active:
            state = state._replace(active=False, since_stop=0, gate_at_stop=state.gate)
        time = np.arange(1, length + 1)
        if active:
            gate = np.minimum(state.gate + time / self._rise, 1)
        elif state.since_stop is None:
            gate = np.zeros(length)
        else:
            closing = np.maximum(state.since_stop + time - self._hold, 0) / self._fall
            gate = np.maximum(state.gate_at_stop - closing, 0)
        speaks, values = self._values(state, length)
        if self._units is not None:
            assert state.units is not None
            middle = (start + length - self._config.sample_model.frame / 2) / self._config.sample_rate
            units, count = state.units, math.floor(middle / HOP + 1e-9) + 1
            for _ in range(state.unit_frames, count):
                units = self._units.push(units, speaks)
            values |= zip(UNIT_CHANNELS, units.frame, strict=True)
            state = state._replace(units=units, unit_frames=count)
        state = state._replace(
            gate=float(gate[-1]),
            since_onset=state.since_onset + length,
            since_stop=None if state.since_stop is None else state.since_stop + length,
        )
        return values, np.square(np.sin(gate * (np.pi / 2))).astype(np.float32), state

    def _values(self, state: UtteranceState, length: int) -> tuple[bool, dict[str, float]]:
        """Computes whether the voice is to speak in a frame, and the features of activity in its middle.

        Args:
          state: at the start of the frame.
          length: samples of the frame.
        """
        rate, until = self._config.sample_rate, math.inf
        speaks = state.active
        if not speaks and state.since_stop is not None:
            until = (self._release - state.since_stop - length / 2) / rate
            speaks = until > 0
        if not speaks:
            return False, dict.fromkeys(activity.FEATURES, 0.0)
        near = (1.0, *map(activity.proximity, ((state.since_onset + length / 2) / rate, until)))
        return True, dict(zip(activity.FEATURES, near, strict=True))
