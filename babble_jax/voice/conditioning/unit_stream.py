"""Units of a live stream, drawn frame by frame while nobody knows when it will stop.

Axes: N runs of a unit.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from babble_jax.audio.units import UnitFrame
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from babble_jax.voice.conditioning.prosody_response import LINEAR, ProsodyResponse
from babble_jax.voice.conditioning.unit_lm import UnitLM

_PURPOSE = 2  # apart from the draws of `stream_features`


class UnitStreamState(NamedTuple):
    """State of a `UnitStream`: plain numbers.

    Attributes:
      frame: the latest frame of 10 ms, as the language model has it.
      before: the frame before the running run, from which pitch and level glide.
      run: index of the running run, in [0, N); -1 in silence.
      position: frames of the run so far; at another rate than 1, a fraction of frames, too.
      draws: number of runs drawn so far, by which the next draw is indexed.
    """

    frame: UnitFrame
    before: UnitFrame
    run: int = -1
    position: float = 0
    draws: int = 0


class UnitStream:
    """Walks through a unit language model, one frame of 10 ms per push: phrases without end while the stream is active.

    Args:
      unit_lm: language model of the speaker.
      key: words of the stream's key; the units depend on them and on the prosody alone.
      response: of the speaker to what is conditioned.
    """

    def __init__(self, unit_lm: UnitLM, key: Sequence[int], response: ProsodyResponse = LINEAR):
        self._unit_lm, self._key, self._response = unit_lm, tuple(key), response
        (self._silence,) = unit_lm.silence(1)

    def initial_state(self) -> UnitStreamState:
        """Makes the state before the first frame, in silence."""
        return UnitStreamState(self._silence, self._silence)

    def push(self, state: UnitStreamState, active: bool, prosody: Prosody = NEUTRAL) -> UnitStreamState:
        """Draws the next frame: `frame` of the state after it.

        Args:
          state: after the frame before.
          active: whether the stream speaks in this frame; a new phrase begins where it did not speak before.
          prosody: of which rate and entropy act on the frames to come.
        """
        if not active:
            return state._replace(frame=self._silence, before=self._silence, run=-1, position=0)
        while state.run < 0 or state.position >= self._unit_lm.durations[state.run]:
            draws = np.random.default_rng([_PURPOSE, *self._key, state.draws])
            if state.run < 0:
                run, position = self._unit_lm.first_run(draws), 0
            else:
                run = self._unit_lm.next_run(state.run, draws, True, prosody.entropy)
                position = state.position - self._unit_lm.durations[state.run].item()
            assert run is not None
            state = UnitStreamState(state.frame, state.frame, run, position, state.draws + 1)
        frames = self._unit_lm.run_frames(state.run, state.before)
        rate = self._response.conditioned_rate(prosody.rate)
        step = 1 if rate == 1 else rate  # frames of the language model in a frame of the stream
        return state._replace(frame=frames[int(state.position)], position=state.position + step)

    def conditioning_frame(self, state: UnitStreamState, prosody: Prosody = NEUTRAL) -> UnitFrame:
        """Returns the latest frame as the voice is to speak it.

        Args:
          state: after the frame.
          prosody: of which pitch and its range act on the frame.
        """
        return prosody.shift(state.frame, self._response) if state.run >= 0 else state.frame
