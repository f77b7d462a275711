"""Makes partners of a live agent without a microphone: recorded speech, and a simulated person who speaks with it.

Axes: T samples.
"""

from typing import NamedTuple

import numpy as np

from babble_jax.agent.engine import PERCEPTION_RATE, Engine
from babble_jax.agent.hearing.perception import UserFrame
from babble_jax.agent.make_engine import seat_delay
from babble_jax.audio import wave
from babble_jax.dialogue.detection import FRAME_RMS, FRAME_SECONDS
from babble_jax.presets import registry
from babble_jax.timing.floor.player import FloorPlayer
from babble_jax.timing.preset import TimingPreset

RATE = PERCEPTION_RATE
LEVEL_RMS = 0.05
"""RMS of the speech: -26 dB of full scale."""
_FRAME = round(FRAME_SECONDS * RATE)
_LOWEST_DB = -90.0


def read_speech() -> np.ndarray:
    """Joins the excerpt of speech that ships, without silence, at -26 dB: [T] at 16 kHz, more than a minute."""
    folder = registry.path("speech", "festvox-ru")
    parts = [
        wave.read(path, RATE)[0]
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".wav", ".flac", ".ogg")
    ]
    line = np.concatenate(parts)
    frames = line[: len(line) // 160 * 160].reshape(-1, 160)
    loud = frames[np.mean(np.square(frames), axis=1) > 1e-5].ravel()
    return np.tile(loud * (LEVEL_RMS / np.sqrt(np.mean(np.square(loud)))), 1 + 60 * RATE // len(loud))


class SpeechState(NamedTuple):
    """State of a voice of recorded speech: samples of it that were given."""

    position: int = 0


class SpeechVoice:
    """Speaks on and on with recorded speech, in every sample of an IPU and in no other; see `AgentVoice`.

    Args:
      speech: [T] float32 at 16 kHz, which begins again at its end.

    Attributes:
      state: all that changes, a value.
      sample_rate: Hz.
    """

    release = 0.0
    endless = True

    def __init__(self, speech: np.ndarray):
        self.sample_rate, self._speech = RATE, np.asarray(speech, np.float32)
        self.state = SpeechState()

    def step(self, active: bool, kind: int, samples: int) -> np.ndarray:
        """Makes the next samples; see `AgentVoice.step`.

        Args:
          active: see `AgentVoice.step`.
          kind: makes no difference.
          samples: see `AgentVoice.step`.
        """
        if not active:
            return np.zeros(samples, np.float32)
        first = self.state.position
        self.state = SpeechState(first + samples)
        return self._speech.take(np.arange(first, first + samples), mode="wrap")

    def remaining(self) -> None:
        """Returns None: it is endless."""

    def can_begin(self, kind: int) -> bool:
        """Returns true: it always can."""
        return True


class SoundPerception:
    """Takes the other for speaking while any sound comes from them; see `PerceptionLike`.

    A person hears a piano or a beep as well as speech, and at once. Sound is what `measure_ipus` takes for it: 5 ms of
    at least -50 dB of full scale.
    """

    lag = 0.0

    def __init__(self):
        self.state = None

    def step(self, user: np.ndarray, agent: np.ndarray) -> UserFrame:
        """Perceives a hop.

        Args:
          user: [320] float32 at 16 kHz, of the other.
          agent: makes no difference: it is not heard.
        """
        rms = float(np.sqrt(np.mean(np.square(user.reshape(-1, _FRAME), dtype=np.float64), axis=1).max()))
        level_db = 20 * np.log10(max(rms, 10 ** (_LOWEST_DB / 20)))
        return UserFrame(float(rms >= FRAME_RMS), float(level_db), _LOWEST_DB, 0.0, False)


def make_person(timing: TimingPreset, speech: np.ndarray, seed: int, dialogue: int) -> Engine:
    """Makes a simulated person, who hears every sound and speaks with recorded speech.

    Args:
      timing: of the person.
      speech: [T] float32 at 16 kHz.
      seed: of people.
      dialogue: its number within the seed.
    """
    perception = SoundPerception()
    delay = seat_delay(perception)
    player = FloorPlayer(timing, delay=delay, seed=seed, dialogue=dialogue, seat=1, learn=False)
    return Engine(player, SpeechVoice(speech), perception)
