"""Computes what a hop of the microphone says about speech: the detector's log-odds, the level, and the noise below it.

Axes: H = 320 samples, a hop of 20 ms at 16 kHz; D = 19 features.

Two copies of the detector run, one half a block behind the other, so that the newest log-odds end at most 12 ms before
the hop does. The noise follows the level where the detector hears no speech, the level of speech where it does: a quiet
user and a loud fan differ in both, and the filter is given their difference.
"""

from typing import NamedTuple

import numpy as np

from babble_jax.audio import silero

RATE = silero.RATE
HOP = 320
"""Samples of a hop."""
HOP_SECONDS = HOP / RATE
LOWEST_DB = -90.0
"""dB of full scale: lower levels count as this one."""
_QUIETEST_NOISE_DB = -75.0  # digital silence is no quieter a room than this one
_NOISE_RISE, _NOISE_FALL, _SPEECH_RATE = 0.05, 0.2, 0.03  # shares of a hop's difference that are followed
_MOST_LOGIT = 6.0
_HISTORY = 4  # hops
FEATURES = 4 * _HISTORY + 3
"""D."""


class Evidence(NamedTuple):
    """Describes a hop.

    Attributes:
      features: [D] float64, what the filter takes.
      probability: of speech, from the detector alone.
      level_db: of the hop, dB of full scale, at least -90.
      noise_db: of the noise.
      speech_db: of the user while they speak.
    """

    features: np.ndarray
    probability: float
    level_db: float
    noise_db: float
    speech_db: float


class EvidenceState(NamedTuple):
    """All that changes: a value, which nothing changes in place.

    Attributes:
      detectors: states of the two detectors.
      rests: samples that each has not taken yet.
      probabilities: of the last block of each.
      logits: [4] of the last hops, newest first.
      ratios: [4] level over noise of the last hops in 10 dB, newest first.
      noise_db: level of the noise; infinite before the first hop.
      speech_db: level of speech.
    """

    detectors: tuple[silero.SileroState, ...]
    rests: tuple[np.ndarray, ...]
    probabilities: tuple[float, ...]
    logits: np.ndarray
    ratios: np.ndarray
    noise_db: float
    speech_db: float


def initial_state() -> EvidenceState:
    """Makes the state before the first hop."""
    start = silero.initial_state()
    return EvidenceState(
        detectors=(start, start),
        rests=(np.zeros(0, np.float32), np.zeros(silero.BLOCK // 2, np.float32)),
        probabilities=(0.01, 0.01),
        logits=np.full(_HISTORY, -4.0),
        ratios=np.zeros(_HISTORY),
        noise_db=np.inf,
        speech_db=-30.0,
    )


def level_db(audio: np.ndarray) -> float:
    """Measures the level of sound in dB of full scale, at least -90: [T] samples."""
    power = float(np.mean(np.square(audio, dtype=np.float64)))
    return float(10 * np.log10(max(power, 10 ** (LOWEST_DB / 10))))


def step(state: EvidenceState, user: np.ndarray, echo: float = 0.0) -> tuple[EvidenceState, Evidence]:
    """Takes a hop.

    Args:
      state: after the hop before.
      user: [H] float32 at 16 kHz, finite, at most 1 in size.
      echo: probability that the hop is the agent's own voice: its evidence counts for so much less, and neither level
        follows it.
    """
    detectors, rests, probabilities = [], [], []
    for detector, rest, probability in zip(state.detectors, state.rests, state.probabilities, strict=True):
        rest = np.concatenate([rest, user])
        if len(rest) >= silero.BLOCK:
            detector, probability = silero.step(detector, rest[: silero.BLOCK])
            rest = rest[silero.BLOCK :]
        detectors.append(detector)
        rests.append(rest)
        probabilities.append(probability)
    # The detector with fewer samples left over is the one whose block ended later.
    newest = 0 if len(rests[0]) <= len(rests[1]) else 1
    p = min(max(probabilities[newest] * (1 - echo), 1e-6), 1 - 1e-6)
    logit = float(np.clip(np.log(p / (1 - p)), -_MOST_LOGIT, _MOST_LOGIT))
    level = level_db(user)
    noise, speech = state.noise_db, state.speech_db
    if noise == np.inf:
        noise = min(level, -50.0)
    follow = (_NOISE_RISE if level > noise else _NOISE_FALL) * (1 - p) * (1 - echo)
    noise = max(noise + follow * (level - noise), _QUIETEST_NOISE_DB)
    speech += _SPEECH_RATE * p * (1 - echo) * (level - speech)
    logits = np.concatenate([[logit], state.logits[:-1]])
    ratios = np.concatenate([[np.clip((level - noise) * (1 - echo) / 10, -1.0, 4.0)], state.ratios[:-1]])
    features = np.concatenate(
        [
            [1.0, len(rests[newest]) / HOP, np.clip((speech - noise) / 10, 0.0, 4.0)],
            logits / 3,
            np.maximum(logits, 0.0) / 3,
            ratios,
            np.maximum(ratios - 1.0, 0.0),
        ]
    )
    after = EvidenceState(
        tuple(detectors), tuple(rests), tuple(probabilities), logits, ratios, float(noise), float(speech)
    )
    return after, Evidence(features, probabilities[newest], level, float(noise), float(speech))
