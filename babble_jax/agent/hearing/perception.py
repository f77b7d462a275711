"""Perceives the user: 20 ms of microphone at a time, the probability that they spoke a moment ago.

The detector of speech is no switch here. Its log-odds and the level over the noise are evidence for a filter that
knows how late they follow an onset and an end (`speech_filter`). The probability is about the hop `lag` seconds ago,
for which enough has been heard since. The agent's own voice is discounted (`echo`).

Axes: H = 320 samples, a hop of 20 ms at 16 kHz.
"""

from typing import NamedTuple

import numpy as np

from babble_jax.agent.hearing import echo, speech_evidence
from babble_jax.agent.hearing.speech_evidence import HOP, HOP_SECONDS, RATE
from babble_jax.agent.hearing.speech_filter import SpeechFilter, load_speech_filter
from babble_jax.errors import BabbleError

__all__ = ["HOP", "HOP_SECONDS", "LAG", "RATE", "Perception", "PerceptionState", "UserFrame"]

LAG = 0.04
"""Seconds: with less, errors rise; with more, the agent is late for nothing (`experiments/timing/vad_lags.py`)."""
_CLIPPING = 0.999


class UserFrame(NamedTuple):
    """Describes a hop of the microphone.

    Attributes:
      speech: probability that the user spoke in the hop that lay `Perception.lag` seconds before this one.
      level_db: level of this hop in dB of full scale, at least -90.
      noise_db: level of the noise in dB of full scale, at least -75.
      echo: probability that this hop is the agent's own voice.
      clipped: whether samples of this hop lie at full scale.
    """

    speech: float
    level_db: float
    noise_db: float
    echo: float
    clipped: bool


class PerceptionState(NamedTuple):
    """All that changes: a value, which nothing changes in place.

    Attributes:
      evidence: of detectors and levels.
      echo: of the recognition of the agent's voice.
      belief: [S] of the filter.
    """

    evidence: speech_evidence.EvidenceState
    echo: echo.EchoState
    belief: np.ndarray


class Perception:
    """Hears the user.

    The same hops give the same probabilities. Samples that are no numbers count as silence, and louder ones than full
    scale as full scale.

    Args:
      lag: seconds, a multiple of 0.02 from 0 to 0.18.
      speech_filter: the one that ships by default.

    Attributes:
      state: all that changes; to go back, set it to an earlier one.
      lag: seconds from the hop that `UserFrame.speech` is about to the hop that was given last.
    """

    def __init__(self, lag: float = LAG, speech_filter: SpeechFilter | None = None):
        self._filter = load_speech_filter() if speech_filter is None else speech_filter
        longest = (self._filter.ages - 1) * HOP_SECONDS
        self._lag_hops = round(lag / HOP_SECONDS) if 0 <= lag <= longest else -1
        if self._lag_hops < 0 or abs(self._lag_hops * HOP_SECONDS - lag) > 1e-9:
            raise BabbleError(f"The lag is {lag:g} s; choose a multiple of 0.02 from 0 to {longest:g}.")
        self.lag = self._lag_hops * HOP_SECONDS
        self.state = PerceptionState(
            speech_evidence.initial_state(), echo.initial_state(), self._filter.initial_belief()
        )

    def step(self, user: np.ndarray, agent: np.ndarray) -> UserFrame:
        """Takes a hop of both channels.

        Args:
          user: [H] float at 16 kHz, full scale 1: the microphone.
          agent: [H] likewise: what the agent played in this hop.
        """
        user, agent = _clean(user), _clean(agent)
        echo_state, own_voice = echo.step(self.state.echo, user, agent)
        evidence_state, evidence = speech_evidence.step(self.state.evidence, user, own_voice)
        belief = self._filter.step(self.state.belief, evidence.features)
        self.state = PerceptionState(evidence_state, echo_state, belief)
        return UserFrame(
            speech=self._filter.probability(belief, self._lag_hops),
            level_db=evidence.level_db,
            noise_db=evidence.noise_db,
            echo=own_voice,
            clipped=bool(np.max(np.abs(user)) >= _CLIPPING),
        )

    def note(self) -> str | None:
        """Says in a sentence how well the user is heard beside the agent's own voice; None where that is not heard."""
        return echo.note(self.state.echo, self.state.evidence.speech_db)


def _clean(audio: np.ndarray) -> np.ndarray:
    """Makes a hop finite and at most 1 in size: [H] float32.

    Raises:
      ValueError: it is no hop.
    """
    audio = np.asarray(audio)
    if audio.shape != (HOP,):
        raise ValueError(f"a hop has the shape {audio.shape}; it needs ({HOP},)")
    with np.errstate(over="ignore"):  # a float64 beyond float32 becomes infinite, and full scale
        audio = audio.astype(np.float32)
    return np.nan_to_num(audio, copy=False, nan=0.0, posinf=1.0, neginf=-1.0).clip(-1.0, 1.0)
