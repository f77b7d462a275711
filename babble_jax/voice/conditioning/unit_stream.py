"""Units of a live stream, drawn frame by frame while nobody knows when it will stop.

Axes: N runs of a unit.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from babble_jax.audio.units import UnitFrame
from babble_jax.voice.conditioning.unit_lm import UnitLM

_PURPOSE = 2  # apart from the draws of `stream_features`


class UnitStreamState(NamedTuple):
    """State of a `UnitStream`: plain numbers.

    Attributes:
      frame: the latest frame of 10 ms.
      before: the frame before the running run, from which pitch and level glide.
      run: index of the running run, in [0, N); -1 in silence.
      position: frames of the run so far.
      draws: number of runs drawn so far, by which the next draw is indexed.
    """

    frame: UnitFrame
    before: UnitFrame
    run: int = -1
    position: int = 0
    draws: int = 0


class UnitStream:
    """Walks through a unit language model, one frame of 10 ms per push: phrases without end while the stream is active.

    Args:
      unit_lm: language model of the speaker.
      key: words of the stream's key; the units depend on them alone.
    """

    def __init__(self, unit_lm: UnitLM, key: Sequence[int]):
        self._unit_lm, self._key = unit_lm, tuple(key)
        (self._silence,) = unit_lm.silence(1)

    def initial_state(self) -> UnitStreamState:
        """Makes the state before the first frame, in silence."""
        return UnitStreamState(self._silence, self._silence)

    def push(self, state: UnitStreamState, active: bool) -> UnitStreamState:
        """Draws the next frame: `frame` of the state after it.

        Args:
          state: after the frame before.
          active: whether the stream speaks in this frame; a new phrase begins where it did not speak before.
        """
        if not active:
            return state._replace(frame=self._silence, before=self._silence, run=-1, position=0)
        if state.run < 0 or state.position >= self._unit_lm.durations[state.run]:
            draws = np.random.default_rng([_PURPOSE, *self._key, state.draws])
            run = (
                self._unit_lm.first_run(draws)
                if state.run < 0
                else self._unit_lm.next_run(state.run, draws, endless=True)
            )
            assert run is not None
            state = UnitStreamState(state.frame, state.frame, run, 0, state.draws + 1)
        frames = self._unit_lm.run_frames(state.run, state.before)
        return state._replace(frame=frames[state.position], position=state.position + 1)
