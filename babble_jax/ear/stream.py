"""What an ear makes of sound as it comes: its level, its features, their spectrum, and the network, one after another.

Axes: T samples, S steps.
"""

import copy

import numpy as np

from babble_jax.ear import inference
from babble_jax.ear.ear import Ear
from babble_jax.ear.features import FeatureStream
from babble_jax.ear.inference import LogProbs
from babble_jax.ear.leveling import RunningGain, gain_from
from babble_jax.ear.running_match import RunningMatch


class EarStream:
    """Computes the log-probabilities of sound at the rate of an ear, in blocks of any length.

    Args:
      ear: of direction "forward".
      level: active level of the sound in dB of full scale, where it is known; None to measure it as it comes.
      match_spectrum: whether a spectrum that lies off that of the training is brought to it.
    """

    def __init__(self, ear: Ear, level: float | None = None, match_spectrum: bool = True):
        self._config, self._params = ear.config, ear.params
        self._running = RunningGain(ear.card, ear.config.sample_rate) if level is None else None
        self._gain = np.float32(1.0 if level is None else gain_from(level, ear.card))
        self._features = FeatureStream(ear.config)
        self._match = RunningMatch(ear.config, ear.card) if match_spectrum else None
        self._state = inference.initial_state(ear.config)

    def branch(self) -> "EarStream":
        """Makes a stream that goes on from here apart from this one."""
        branch = copy.copy(self)
        branch._running, branch._match = copy.copy(self._running), copy.copy(self._match)
        branch._features = copy.copy(self._features)
        return branch

    def push(self, audio: np.ndarray) -> LogProbs:
        """Takes the next sound, [T] float32; returns the steps that it completes."""
        return self._advance(self._features.push(self._at_level(audio)))

    def finish(self, audio: np.ndarray) -> tuple[LogProbs, LogProbs]:
        """Takes the last sound, [T] float32; returns the steps that it completes, and those at its end."""
        frames = np.concatenate([self._features.push(self._at_level(audio)), self._features.finish()])
        return self._advance(frames), inference.finish(self._config, self._params, self._state)

    def _at_level(self, audio: np.ndarray) -> np.ndarray:
        return self._gain * audio if self._running is None else self._running.apply(audio)

    def _advance(self, frames: np.ndarray) -> LogProbs:
        if self._match is not None:
            frames = self._match.apply(frames)
        self._state, log_probs = inference.step(self._config, self._params, self._state, frames)
        return log_probs
