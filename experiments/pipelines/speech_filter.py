"""Fits the filter of speech on labelled channels, so that its answers are calibrated.

Axes: C channels, N hops, B pieces, S states (speech above silence, A ages each), D features, L lags.
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import optax

from babble_jax.agent.hearing.speech_filter import SpeechFilter

AGES = 10
PIECE = 750  # hops that are filtered at a time
WARM_UP = 25  # hops of a piece before its answers count
_STEPS = 300
_RATE = 0.05
_RIDGE = 1e-4


def count_hazards(speech: list[np.ndarray], ages: int) -> np.ndarray:
    """Counts how often a state ends at each age.

    Args:
      speech: of each channel [N] bool.
      ages: A; the last one holds all higher ones.

    Returns:
      [S] probabilities.
    """
    counts = np.full((2 * ages, 2), 0.5)
    for on in speech:
        age, state = ages - 1, int(not on[0])
        for now, after in itertools.pairwise(on):
            counts[state * ages + age, int(now != after)] += 1
            age = 0 if now != after else min(age + 1, ages - 1)
            state = int(not after)
    return counts[:, 1] / counts.sum(axis=1)


def fit_filter(features: list[np.ndarray], speech: list[np.ndarray], ages: int = AGES) -> SpeechFilter:
    """Fits the evidence of each state by the log-score of the answers at all lags, Adam on all pieces at once.

    Args:
      features: of each channel [N, D].
      speech: of each channel [N] bool.
      ages: A.
    """
    hazards = count_hazards(speech, ages)
    x = np.concatenate([f[: len(f) // PIECE * PIECE].reshape(-1, PIECE, f.shape[1]) for f in features])
    y = np.concatenate([s[: len(s) // PIECE * PIECE].reshape(-1, PIECE) for s in speech])
    x, y = jnp.asarray(x.swapaxes(0, 1), jnp.float32), jnp.asarray(y.T, bool)
    moves = np.zeros((2 * ages, 2 * ages), np.float32)
    for i in range(2 * ages):
        own, other = (0, ages) if i < ages else (ages, 0)
        moves[i, other] = hazards[i]
        moves[i, own + min(i - own + 1, ages - 1)] = 1 - hazards[i]
    start = np.full(2 * ages, 1e-6, np.float32)
    start[[ages - 1, -1]] = 0.5
    # On which states an answer about lag k rests: speech of that age or more, silence that is younger.
    age = np.arange(ages)
    on_states = np.stack([np.concatenate([age >= k, age < k]) for k in range(ages)]).astype(np.float32)

    def step(belief, evidence):
        after = (belief @ moves) * evidence + 1e-30
        after = after / jnp.sum(after, axis=1, keepdims=True)
        return after, after

    def loss(weights):
        score = jnp.einsum("nbd,sd->nbs", x, weights)
        evidence = jnp.exp(score - jax.lax.stop_gradient(jnp.max(score, axis=2, keepdims=True)))
        _, beliefs = jax.lax.scan(step, jnp.broadcast_to(jnp.asarray(start), score.shape[1:]), evidence)
        answers = jnp.clip(beliefs[WARM_UP:] @ on_states.T, 1e-6, 1 - 1e-6)
        truth = jnp.stack([y[WARM_UP - k : len(y) - k] for k in range(ages)], axis=2)
        score = jnp.where(truth, jnp.log(answers), jnp.log1p(-answers))
        return -jnp.mean(score) + _RIDGE * jnp.sum(weights**2)

    begin = np.zeros((2 * ages, x.shape[2]), np.float32)
    begin[:ages, 3], begin[ages:, 3] = 0.5, -0.5  # the newest log-odds of the detector
    weights, optimizer = jnp.asarray(begin), optax.adam(optax.cosine_decay_schedule(_RATE, _STEPS))
    state = optimizer.init(weights)

    @jax.jit
    def update(weights, state):
        value, gradient = jax.value_and_grad(loss)(weights)
        changes, state = optimizer.update(gradient, state)
        return optax.apply_updates(weights, changes), state, value

    for i in range(_STEPS):
        weights, state, value = update(weights, state)
        if i % 50 == 0 or i == _STEPS - 1:
            print(f"step {i}: {float(value):.5f} nats", flush=True)
    return SpeechFilter(np.round(np.asarray(weights, np.float64), 4), np.round(hazards, 6))


def filter_channel(speech_filter: SpeechFilter, features: np.ndarray) -> np.ndarray:
    """Filters a channel as it runs live: features [N, D]; answers [N, L] for each lag of 0 to A - 1 hops."""
    belief, answers = speech_filter.initial_belief(), np.zeros((len(features), speech_filter.ages))
    for i, row in enumerate(features):
        belief = speech_filter.step(belief, row)
        answers[i] = [speech_filter.probability(belief, lag) for lag in range(speech_filter.ages)]
    return answers
