"""Gaussian effects of people and pairs on the log-hazards, correlated within a dialogue.

Axes: C discrete states, P speakers of all dialogues, D dialogues, S speakers of one, K groups of hazards, R rows of
an exposure.

Each speaker has one effect per group of hazards. Within a speaker the effects have the covariance `own`; those of
two speakers of one dialogue the cross-covariance `shared`. Given the hazards, the counts of a speaker's events in
a group are Poisson with the mean `expected * exp(effect)`, whose posterior is close to normal: the covariances
are fitted by EM with the normal distribution that is nearest to it in KL divergence. (The mode, as Laplace's method
has it, lies to the side of the mean, and the simulated calls would be slower than the real ones by some percent.)

References: Breslow & Clayton, J. Am. Stat. Assoc. 88 (1993); Ormerod & Wand, J. Comput. Graph. Stat. 21 (2012).
"""

import dataclasses
import functools

import numpy as np

from babble_jax.timing.floor.exposure import Exposure
from babble_jax.timing.floor.hazards import state_parts
from babble_jax.timing.floor.state import BACKCHANNEL, EDGES, NUM_STATES, STATE_SHAPE

GROUPS = (
    "resume_early",
    "resume_late",
    "take_first",
    "take_at_once",
    "take_soon",
    "take_early",
    "take_late",
    "return_first",
    "return_at_once",
    "return_soon",
    "return_late",
    "interrupt_early",
    "interrupt_late",
    "backchannel_first",
    "backchannel_at_once",
    "backchannel_soon",
    "backchannel_late",
    "backchannel_in_speech",
    "end_turn_early",
    "end_turn_late",
    "end_turn_last",
    "end_backchannel",
    "yield_early",
    "yield_late",
    "withdraw_early",
    "withdraw_late",
)
"""Groups of hazards that share an effect.

In mutual silence: to go on (resume), to take the floor, or to speak again after a backchannel of the other (return).
While another one speaks: to begin a turn (interrupt). To begin a backchannel in silence (first to late) or in speech;
to end a turn's IPU while alone; to end a backchannel; in overlap, to stop while having the floor (yield) or while not
having it (withdraw). First, at once, soon, early, late and last say how long the silence, the other's speech, the own
IPU or the overlap has lasted; see `hazard_groups` for the limits. They are fine at the beginning of a silence, because
people differ in how fast they are: with one effect on all backchannels in silence and two on the first half second of
taking the floor, the median gap of simulated Switchboard calls varied by a fifth too little."""


def hazard_groups(states: np.ndarray) -> np.ndarray:
    """Returns the group of each of the two hazards of states [C], see `hazards.HazardNetwork`; [C, 2] int32."""
    on, other_on, kind, other_kind, floor, *_, own, others = state_parts(states)
    both = np.minimum(EDGES[own], EDGES[others])  # how long the silence, the solo or the overlap has lasted
    silent = (on == 0) & (other_on == 0)
    after_turn = silent & (floor == 0) & (other_kind != BACKCHANNEL)
    after_backchannel = silent & (floor == 0) & (other_kind == BACKCHANNEL)
    starts = (on == 0) & (other_on == 1)
    short = (on == 1) & (kind == BACKCHANNEL)
    alone = (on == 1) & (other_on == 0) & ~short
    overlap = (on == 1) & (other_on == 1) & ~short
    names = {
        "resume_early": silent & (floor == 1) & (both < 50),
        "resume_late": silent & (floor == 1) & (both >= 50),
        "take_first": after_turn & (both < 10),
        "take_at_once": after_turn & (both >= 10) & (both < 20),
        "take_soon": after_turn & (both >= 20) & (both < 35),
        "take_early": after_turn & (both >= 35) & (both < 60),
        "take_late": after_turn & (both >= 60),
        "return_first": after_backchannel & (both < 10),
        "return_at_once": after_backchannel & (both >= 10) & (both < 20),
        "return_soon": after_backchannel & (both >= 20) & (both < 40),
        "return_late": after_backchannel & (both >= 40),
        "interrupt_early": starts & (EDGES[others] < 80),
        "interrupt_late": starts & (EDGES[others] >= 80),
        "end_backchannel": short,
        "end_turn_early": alone & (EDGES[own] < 100),
        "end_turn_late": alone & (EDGES[own] >= 100) & (EDGES[own] < 300),
        "end_turn_last": alone & (EDGES[own] >= 300),
        "yield_early": overlap & (floor == 1) & (both < 25),
        "yield_late": overlap & (floor == 1) & (both >= 25),
        "withdraw_early": overlap & (floor == 0) & (both < 50),
        "withdraw_late": overlap & (floor == 0) & (both >= 50),
    }
    backchannels = {
        "backchannel_first": (other_on == 0) & (both < 10),
        "backchannel_at_once": (other_on == 0) & (both >= 10) & (both < 20),
        "backchannel_soon": (other_on == 0) & (both >= 20) & (both < 40),
        "backchannel_late": (other_on == 0) & (both >= 40),
        "backchannel_in_speech": other_on == 1,
    }
    return np.stack([_numbers(names), _numbers(backchannels)], axis=1)


@functools.cache
def all_hazard_groups() -> np.ndarray:
    """Returns `hazard_groups` of all states, [NUM_STATES, 2] int8.

    Groups depend neither on how the floor came to be held nor on how it was taken.
    """
    shape = (*STATE_SHAPE, 2)
    few = np.arange(NUM_STATES).reshape(STATE_SHAPE)[:, :, :, :, :, :1, :1, :1]
    numbers = hazard_groups(few.ravel()).reshape(*few.shape, 2).astype(np.int8)
    return np.broadcast_to(numbers, shape).reshape(NUM_STATES, 2)


def _numbers(names: dict[str, np.ndarray]) -> np.ndarray:
    """Returns the number of the group whose condition [C] holds, [C] int32."""
    return np.select(list(names.values()), [GROUPS.index(name) for name in names], 0).astype(np.int32)


@dataclasses.dataclass(frozen=True, eq=False)
class EffectCounts:
    """Holds the counts from which the speakers' effects are inferred.

    Attributes:
      events: [P, K] counts of events.
      expected: [P, K] events expected under the mean hazards.
      dialogue: [P] int32, the number of each speaker's dialogue.
    """

    events: np.ndarray
    expected: np.ndarray
    dialogue: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class EffectPosterior:
    """Holds the posterior of the speakers' effects.

    Attributes:
      mean: [P, K].
      variance: [P, K].
      log_marginal: [D] nats by which the effects, integrated out, change the log-likelihood of a dialogue (a lower
        bound of it).
    """

    mean: np.ndarray
    variance: np.ndarray
    log_marginal: np.ndarray


def count_by_group(rows: Exposure, log_hazard: np.ndarray) -> EffectCounts:
    """Sums events and expected events per speaker and group, given the log-hazards [R, 2] of the rows' states."""
    people, k = len(rows.dialogue), len(GROUPS)
    group = hazard_groups(rows.state)
    at = rows.person[:, None] * k + group  # [R, 2]
    events = rows.hazard_events
    half = rows.frames - events.sum(axis=1) / 2  # see hazards.fit_network
    expected = half[:, None] * np.exp(log_hazard, dtype=np.float64)
    return EffectCounts(
        events=np.bincount(at.ravel(), events.ravel(), people * k).reshape(people, k),
        expected=np.bincount(at.ravel(), expected.ravel(), people * k).reshape(people, k),
        dialogue=rows.dialogue,
    )


def joint_covariance(own: np.ndarray, shared: np.ndarray, speakers: int) -> np.ndarray:
    """Returns the covariance of the effects of all speakers of one dialogue, [S K, S K], positive definite.

    For more speakers than two the cross-covariance may be more negative than so many can share; eigenvalues below
    zero are raised.

    Args:
      own: [K, K] covariance of a speaker's effects.
      shared: [K, K] cross-covariance of two speakers' effects.
      speakers: S.
    """
    k = len(own)
    mean, rest = own + (speakers - 1) * shared, own - shared  # along the dialogue's mean, and across it
    mean, rest = _positive(mean), _positive(rest)
    ones = np.full((speakers, speakers), 1 / speakers)
    return np.kron(ones, mean) + np.kron(np.eye(speakers) - ones, rest).reshape(speakers * k, speakers * k)


def assume_effects(effects: np.ndarray, own: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Returns the effects [..., K] by which the mean hazards of a partner are those expected, given one's own.

    They are the conditional mean and half the conditional variance: the logarithm of the mean of the factors.

    Args:
      effects: [..., K] one's own.
      own: [K, K] covariance of a speaker's effects.
      shared: [K, K] cross-covariance of two speakers' effects.
    """
    joint, k = joint_covariance(own, shared, 2), len(own)
    gain = np.linalg.solve(joint[:k, :k], joint[:k, k:]).T
    variance = np.diagonal(joint[k:, k:] - gain @ joint[:k, k:])
    return np.asarray(effects, np.float64) @ gain.T + variance / 2


def _positive(matrix: np.ndarray, lower_bound: float = 1e-5) -> np.ndarray:
    value, vector = np.linalg.eigh((matrix + matrix.T) / 2)
    return (vector * np.maximum(value, lower_bound)) @ vector.T


def infer_effects(
    counts: EffectCounts, own: np.ndarray, shared: np.ndarray, initial_mean: np.ndarray | None = None
) -> tuple[EffectPosterior, np.ndarray, np.ndarray]:
    """Returns the effects' posterior, and the covariances `own` and `shared` that EM takes next.

    Args:
      counts: of the speakers.
      own: [K, K] covariance of a speaker's effects.
      shared: [K, K] cross-covariance of two speakers' effects.
      initial_mean: [P, K] where the search for the means begins; 0 where absent.
    """
    people, k = counts.events.shape
    dialogues = int(counts.dialogue.max()) + 1
    mean, variance = np.zeros((people, k)), np.zeros((people, k))
    log_marginal = np.zeros(dialogues)
    sums, number = [np.zeros((k, k)), np.zeros((k, k))], [0, 0]
    size = np.bincount(counts.dialogue, minlength=dialogues)
    for speakers in np.unique(size[size > 0]):
        which = np.flatnonzero(size[counts.dialogue] == speakers)  # the speakers of a dialogue lie together
        shape = (-1, speakers * k)
        e, m = counts.events[which].reshape(shape), counts.expected[which].reshape(shape)
        covariance = joint_covariance(own, shared, int(speakers))
        precision = np.linalg.inv(covariance)
        eye = np.eye(speakers * k)
        b = np.zeros_like(e) if initial_mean is None else initial_mean[which].reshape(shape)
        spread = np.zeros((len(b), 1, 1)) * eye
        for _ in range(50):
            rate = m * np.exp(b + np.diagonal(spread, axis1=1, axis2=2) / 2)
            spread = np.linalg.inv(precision + rate[:, :, None] * eye)
            step = np.einsum("dij,dj->di", spread, e - rate - b @ precision)
            b = b + np.clip(step, -1, 1)
            if np.max(np.abs(step)) < 1e-3:
                break
        rate = m * np.exp(b + np.diagonal(spread, axis1=1, axis2=2) / 2)
        dialogue = counts.dialogue[which][::speakers]
        log_marginal[dialogue] = (
            np.sum(e * b - rate + m, axis=1)
            - np.einsum("di,ij,dj->d", b, precision, b) / 2
            - np.einsum("ij,dij->d", precision, spread) / 2
            - np.linalg.slogdet(covariance)[1] / 2
            + np.linalg.slogdet(spread)[1] / 2
            + speakers * k / 2
        )
        second = (spread + b[:, :, None] * b[:, None]).sum(axis=0).reshape(speakers, k, speakers, k)
        for s in range(speakers):
            for other in range(speakers):
                sums[s != other] += second[s, :, other]
                number[s != other] += len(b)
        mean[which] = b.reshape(-1, k)
        variance[which] = np.diagonal(spread, axis1=1, axis2=2).reshape(-1, k)
    new_own = sums[0] / number[0]
    new_shared = sums[1] / max(number[1], 1)
    return (
        EffectPosterior(mean, variance, log_marginal),
        (new_own + new_own.T) / 2,
        (new_shared + new_shared.T) / 2,
    )


def fit_covariances(
    counts: EffectCounts,
    own: np.ndarray,
    shared: np.ndarray,
    initial_mean: np.ndarray | None = None,
    steps: int = 6,
) -> tuple[EffectPosterior, np.ndarray, np.ndarray]:
    """Fits the covariances by EM; returns the posterior under them, and both.

    Args:
      counts: of the speakers.
      own: [K, K] covariance of a speaker's effects, to begin from.
      shared: [K, K] cross-covariance of two speakers' effects, to begin from.
      initial_mean: see `infer_effects`.
      steps: of EM.
    """
    for _ in range(steps):
        posterior, own, shared = infer_effects(counts, own, shared, initial_mean)
        initial_mean = posterior.mean
    return infer_effects(counts, own, shared, initial_mean)[0], own, shared
