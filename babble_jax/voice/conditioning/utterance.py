"""Channels of a live stream that is told to speak and to stop, and the gate that makes it silent between utterances.

A voice is conditioned on how near the end of its utterance is, which nobody knows in a live conversation before it is
there. Told to stop, the stream sets the end `RELEASE` ahead, so that the voice ends as it has learned to end from its
recordings; and since a voice may not obey, a gate closes over what may be left of it. Once it is closed the voice
starts anew, as a recording starts, so that one that has gone astray comes back. A stop is thus always carried out:
whoever tells the stream to speak again before the gate is closed waits for that, less than 0.1 s. The gate opens at an
onset before the voice's own onset is there, so that it blunts nothing.

Axes: T samples of a top frame.
"""

import math
from typing import NamedTuple

import numpy as np

from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.audio.units import HOP
from babble_jax.voice.conditioning import activity
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from babble_jax.voice.conditioning.unit_stream import UnitStream, UnitStreamState
from babble_jax.voice.config import UNIT_CHANNELS, VoiceConfig

RELEASE = 0.05
"""Seconds from a stop to the end of the utterance that the voice is conditioned on; the level that it is conditioned on
falls to silence on the way. Among 20 to 80 ms, and levels that stay or fall, this made the voice babblers fall the most
evenly, with the least energy above 5.5 kHz in its tail (measured as in `experiments.bench.session`)."""
_GATE_HOLD, _GATE_FALL, _GATE_RISE = 0.03, 0.03, 0.005
"""Seconds from a stop until the gate begins to close, of closing, and of opening. Just after its end a voice sometimes
bursts (two of 200 stops of the woman of babblers, 7 to 10 ms after it), so that the gate is all but closed by then."""


class UtteranceState(NamedTuple):
    """State of an utterance between two top frames: plain numbers.

    Attributes:
      since_onset: samples since the onset of the utterance; None in silence.
      since_stop: samples since the stream was told to stop, until the gate is closed; None before.
      unit_frames: frames of 10 ms of the units so far.
      units: state of the units, for a voice with units.
    """

    since_onset: int | None = None
    since_stop: int | None = None
    unit_frames: int = 0
    units: UnitStreamState | None = None


class LiveFrame(NamedTuple):
    """A top frame of a live stream.

    Attributes:
      channels: value of each channel of the voice.
      gain: [T] float32 in [0, 1], of each sample.
      restarts: whether the sample model starts anew before the frame.
    """

    channels: dict[str, float]
    gain: np.ndarray
    restarts: bool


class UtteranceControl:
    """Turns `active`, pushed top frame by top frame, into the channels of a voice and the gain of its output.

    Args:
      config: of the voice.
      units: units of the stream, for a voice with units.
    """

    def __init__(self, config: VoiceConfig, units: UnitStream | None):
        self._config, self._units = config, units
        self._release, self._hold, self._fall, self._rise = (
            max(1, round(seconds * config.sample_rate))
            for seconds in (RELEASE, _GATE_HOLD, _GATE_FALL, _GATE_RISE)
        )

    def initial_state(self) -> UtteranceState:
        """Makes the state before the first sample, in silence."""
        return UtteranceState(units=None if self._units is None else self._units.initial_state())

    def push(
        self, state: UtteranceState, active: bool, start: int, length: int, prosody: Prosody = NEUTRAL
    ) -> tuple[LiveFrame, UtteranceState]:
        """Computes a top frame.

        Args:
          state: after the frame before.
          active: whether the stream is to speak.
          start: absolute index of the first sample.
          length: T, samples of the frame from `start` on.
          prosody: of the units, see `UnitStream`.

        Returns:
          The frame, and the state after it.
        """
        restarts = state.since_stop is not None and state.since_stop >= self._hold + self._fall
        onset, stop = self._hear(state, active)
        left = self._release - (0 if stop is None else stop)
        channels, speaks = dict.fromkeys(activity.FEATURES, 0.0), False
        if onset is not None and left > length / 2:
            speaks = True
            since = onset + length / 2
            until = math.inf if stop is None else left - length / 2
            near = (1.0, *(activity.proximity(n / self._config.sample_rate) for n in (since, until)))
            channels = dict(zip(activity.FEATURES, near, strict=True))
        if self._units is not None:
            assert state.units is not None
            middle = (start + length - self._config.sample_model.frame / 2) / self._config.sample_rate
            units, count = state.units, math.floor(middle / HOP + 1e-9) + 1
            for _ in range(state.unit_frames, count):
                units = self._units.push(units, speaks, prosody)
            channels |= zip(UNIT_CHANNELS, self._units.conditioning_frame(units, prosody), strict=True)
            if speaks and stop is not None:
                share = max(0, left - length) / self._release
                channels["rms_db"] = LOWEST_RMS_DB + (channels["rms_db"] - LOWEST_RMS_DB) * share
            state = state._replace(units=units, unit_frames=count)
        frame = LiveFrame(channels, self._gain(onset, stop, length), restarts)
        return frame, self.follow(state, active, length)

    def follow(self, state: UtteranceState, active: bool, length: int) -> UtteranceState:
        """Computes the state after a top frame without its channels and without its units.

        Args:
          state: after the frame before.
          active: whether the stream is to speak.
          length: T, samples of the frame.
        """
        onset, stop = (None if n is None else n + length for n in self._hear(state, active))
        return state._replace(since_onset=onset, since_stop=stop)

    def _hear(self, state: UtteranceState, active: bool) -> tuple[int | None, int | None]:
        """Computes the samples since onset and stop at the start of a frame, in which an utterance may begin or end."""
        onset, stop = state.since_onset, state.since_stop
        if stop is not None and stop >= self._hold + self._fall:
            onset = stop = None
        if onset is None and active:
            onset = 0
        elif onset is not None and stop is None and not active:
            stop = 0
        return onset, stop

    def _gain(self, onset: int | None, stop: int | None, length: int) -> np.ndarray:
        """Computes the gain of a frame, a raised cosine of how far the gate is open: [T] float32.

        Args:
          onset: samples since the onset; None in silence.
          stop: samples since the stop; None where there was none.
          length: T.
        """
        if onset is None:
            return np.zeros(length, np.float32)
        time = np.arange(1, length + 1)
        if stop is None:
            gate = np.minimum((onset + time) / self._rise, 1)
        else:
            closing = np.maximum(stop + time - self._hold, 0) / self._fall
            gate = np.maximum(min((onset - stop) / self._rise, 1) - closing, 0)
        return np.square(np.sin(gate * (np.pi / 2))).astype(np.float32)
