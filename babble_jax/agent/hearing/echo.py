"""Recognises the agent's own voice in the microphone, by its envelope and its level.

With loudspeakers the microphone hears the agent, some tens to hundreds of milliseconds after it spoke, and a detector
of speech hears a person. Here the levels of the microphone in a few bands are correlated with those of the agent at all
delays. Where one delay stands out, the delay and the coupling of each band are known, and so is the level that an echo
would have: a hop that is no louder than that is taken for one. Nothing is subtracted from the sound: a user who is
softer than the echo is not heard while the agent speaks, and `note` says so. With headphones nothing correlates, and
nothing is discounted.

Axes: H samples of a hop of 20 ms at 16 kHz, K delays of a hop each, B bands.
"""

import functools
import itertools
from typing import NamedTuple

import numpy as np

from babble_jax.agent.hearing.speech_evidence import HOP, RATE

DELAYS = 26
"""K: up to half a second."""
_EDGES = (200.0, 500.0, 900.0, 1500.0, 2400.0, 3600.0, 6000.0)  # Hz
BANDS = len(_EDGES) - 1
_LOWEST_DB = -80.0
_DECAY = 0.998  # of the statistics: ten seconds
_MIN_ACTIVE = 50.0  # hops of the agent's voice before anything is concluded
_ACTIVE_DB = -60.0  # of a band of the agent
_CORRELATION, _CORRELATION_SCALE = 0.55, 0.04
_HOLD = 0.9995  # share of the confidence that is left after a hop without new evidence: half of it after 28 s
_QUANTILE, _GAIN_STEP = 0.5, 0.4  # of the coupling, and dB that it moves in a hop
_TAIL = 0.5  # share of an echo's power that is left after a hop
_LOUDEST_BANDS = 3  # in which a user who speaks at the same time stands out
_MARGIN_DB, _MARGIN_SCALE = 8.0, 1.5  # above the expected echo, from which the user is more likely
_SOFTER_DB = 6.0


class EchoState(NamedTuple):
    """All that changes: a value, which nothing changes in place.

    Attributes:
      agent: [K, B] dB of the agent's last hops, newest first.
      echo_power: [B] power of the agent's voice as a room leaves it, at the best delay, without the coupling.
      noise: [B] dB of the microphone where the agent is silent.
      active: hops of the agent's voice so far, decaying.
      weight: of the sums.
      mic_sums: [2, B] of the microphone's dB and its square.
      agent_sums: [2, K, B] of the agent's, delayed.
      products: [K, B] of both.
      coupling: [B] dB from the agent's voice to its echo.
      delay: best delay, hops.
      confidence: probability that the microphone hears the agent.
      echo_db: level of the echo while the agent speaks.
    """

    agent: np.ndarray
    echo_power: np.ndarray
    noise: np.ndarray
    active: float
    weight: float
    mic_sums: np.ndarray
    agent_sums: np.ndarray
    products: np.ndarray
    coupling: np.ndarray
    delay: int
    confidence: float
    echo_db: float


def initial_state() -> EchoState:
    """Makes the state before the first hop."""
    return EchoState(
        agent=np.full((DELAYS, BANDS), _LOWEST_DB),
        echo_power=np.zeros(BANDS),
        noise=np.full(BANDS, -60.0),
        active=0.0,
        weight=0.0,
        mic_sums=np.zeros((2, BANDS)),
        agent_sums=np.zeros((2, DELAYS, BANDS)),
        products=np.zeros((DELAYS, BANDS)),
        coupling=np.full(BANDS, -20.0),
        delay=0,
        confidence=0.0,
        echo_db=_LOWEST_DB,
    )


def band_levels(audio: np.ndarray) -> np.ndarray:
    """Measures the level of a hop in each band: [H] samples, [B] dB of full scale, at least -80."""
    window, bands = _transform()
    power = bands @ np.square(np.abs(np.fft.rfft(audio * window)))
    return 10 * np.log10(np.maximum(power, 10 ** (_LOWEST_DB / 10)))


@functools.cache
def _transform() -> tuple[np.ndarray, np.ndarray]:
    window = np.hanning(HOP)
    frequency = np.fft.rfftfreq(HOP, 1 / RATE)
    bands = [(frequency >= a) & (frequency < b) for a, b in itertools.pairwise(_EDGES)]
    return window, np.array(bands, np.float64) * 2 / (HOP * np.sum(window**2))


def step(state: EchoState, user: np.ndarray, agent: np.ndarray) -> tuple[EchoState, float]:
    """Takes a hop of both.

    Args:
      state: after the hop before.
      user: [H] the microphone, finite.
      agent: [H] what the agent played, finite.

    Returns:
      The state, and the probability that the hop is the agent's voice.
    """
    if state.active < 0.5 and not np.any(agent):
        return state, 0.0  # the agent has not spoken
    mic = band_levels(user)
    history = np.concatenate([band_levels(agent)[None], state.agent[:-1]])
    speaking = bool(np.max(history[0]) > _ACTIVE_DB)
    active = _DECAY * state.active + speaking
    state = state._replace(agent=history, active=active)
    if np.max(history) > _ACTIVE_DB:  # where the agent has been silent for long, only the user varies
        state = state._replace(
            weight=_DECAY * state.weight + 1,
            mic_sums=_DECAY * state.mic_sums + np.stack([mic, mic**2]),
            agent_sums=_DECAY * state.agent_sums + np.stack([history, history**2]),
            products=_DECAY * state.products + mic * history,
        )
    if active < _MIN_ACTIVE:
        return state, 0.0
    correlation = _correlate(state)
    delay = int(np.argmax(correlation))
    confidence = 1 / (1 + np.exp(-(correlation[delay] - _CORRELATION) / _CORRELATION_SCALE))
    confidence = max(float(confidence), _HOLD * state.confidence)
    source = history[delay]
    echo_power = _TAIL * state.echo_power + 10 ** (source / 10) * (source > _ACTIVE_DB)
    expected = 10 * np.log10(np.maximum(echo_power, 1e-12)) + state.coupling
    sounding = source > _ACTIVE_DB
    # Stochastic approximation of a quantile; the user's voice is louder in some hops, which moves a median little.
    move = _GAIN_STEP * np.where(mic > expected, _QUANTILE, _QUANTILE - 1) * sounding
    coupling = np.clip(state.coupling + move * (confidence > 0.5), -60.0, 20.0)
    quiet = not np.any(history[: delay + 4] > _ACTIVE_DB)
    follow = np.where(mic < state.noise, 0.2, 0.02) if quiet else 0.0
    noise = state.noise + follow * (mic - state.noise)
    background = 10 * np.log10(10 ** (expected / 10) + 10 ** (noise / 10))
    audible = expected > noise  # bands in which an echo would be above the noise
    state = state._replace(
        echo_power=echo_power, noise=noise, coupling=coupling, delay=delay, confidence=confidence
    )
    if not np.any(audible) or confidence < 0.01:
        return state, 0.0
    if np.any(sounding):
        loudness = 10 * np.log10(np.sum(10 ** (expected / 10)))
        state = state._replace(echo_db=float(state.echo_db + 0.05 * (loudness - state.echo_db)))
    excess = float(np.mean(np.sort((mic - background)[audible])[-_LOUDEST_BANDS:]))
    return state, confidence / (1 + float(np.exp((excess - _MARGIN_DB) / _MARGIN_SCALE)))


def _correlate(state: EchoState) -> np.ndarray:
    """Correlates the levels at each delay, [K], the mean over the bands."""
    mic_mean, mic_square = state.mic_sums / state.weight
    agent_mean, agent_square = state.agent_sums / state.weight
    covariance = state.products / state.weight - mic_mean * agent_mean
    variance = np.maximum(mic_square - mic_mean**2, 1.0) * np.maximum(agent_square - agent_mean**2, 1.0)
    return np.mean(covariance / np.sqrt(variance), axis=1)


def note(state: EchoState, speech_db: float) -> str | None:
    """Says in a sentence what the echo does to what can be heard; None where there is none.

    Args:
      state: after the last hop.
      speech_db: level of the user while they speak, dB of full scale.
    """
    if state.confidence < 0.5:
        return None
    below = speech_db - state.echo_db
    if below < _SOFTER_DB:
        return (
            "The microphone hears the agent as loud as you: while the agent speaks, you cannot be heard. "
            "Use headphones, or turn the loudspeaker down."
        )
    return (
        f"The microphone hears the agent, about {5 * round(below / 5)} dB softer than you: what sounds like the agent "
        "is discounted, and you are heard less surely while it speaks."
    )
