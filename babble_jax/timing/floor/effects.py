"""How people and pairs of people differ: Gaussian effects on the log-hazards, correlated within a dialogue.

Axes: C cells, P speakers of all dialogues, D dialogues, S speakers of one, K groups of hazards, R rows of
an exposure.

Each speaker has one effect per group of hazards. Within a speaker the effects have the covariance `own`; those of
two speakers of one dialogue the cross-covariance `shared`. Given the hazards, the counts of a speaker's events in
a group are Poisson with the mean `expected * exp(effect)`, whose posterior is close to normal: the covariances
are fitted by EM with the normal law that is nearest to it in KL divergence. (The mode, as Laplace's method has it,
lies to the side of the mean, and the simulated calls would be slower than the real ones by some percent.)

References: Breslow & Clayton, J. Am. Stat. Assoc. 88 (1993); Ormerod & Wand, J. Comput. Graph. Stat. 21 (2012).
"""

import dataclasses
import functools

import numpy as np

from babble_jax.timing.floor.exposure import Exposure
from babble_jax.timing.floor.hazards import coordinates
from babble_jax.timing.floor.state import BACKCHANNEL, CELLS, EDGES, SHAPE

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
"""Of hazards that share an effect. In mutual silence, to go on (resume), to take the floor, or to speak again after a
backchannel of the other (return); while another one speaks, to begin a turn (interrupt); to begin a backchannel in
silence (first to late) or in speech; to end a turn's IPU while alone; to end a backchannel; in overlap, to stop as
who has the floor (yield) or as who has not (withdraw). First, at once, soon, early, late and last: how long the
silence, the other's speech, the own IPU or the overlap has lasted; see `groups` for the limits. They are fine at the
beginning of a silence, because people differ in how fast they are: with one effect on all backchannels in silence and
two on the first half second of taking the floor, calls on Switchboard differed by a fifth too little in their median
gap."""


def groups(cells: np.ndarray) -> np.ndarray:
    """[C, 2] int32: the group of each of the two hazards of a cell, see `hazards.network`."""
    on, other_on, kind, other_kind, floor, *_, own, others = coordinates(cells)
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
def every_group() -> np.ndarray:
    """[CELLS, 2] int8: `groups` of all cells; it reads neither how the floor came to be held nor how it was taken."""
    shape = (*SHAPE, 2)
    few = np.arange(CELLS).reshape(SHAPE)[:, :, :, :, :, :1, :1, :1]
    found = groups(few.ravel()).reshape(*few.shape, 2).astype(np.int8)
    return np.broadcast_to(found, shape).reshape(CELLS, 2)


def _numbers(names: dict[str, np.ndarray]) -> np.ndarray:
    """[C] int32: the group whose condition [C] holds."""
    return np.select(list(names.values()), [GROUPS.index(name) for name in names], 0).astype(np.int32)


@dataclasses.dataclass(frozen=True, eq=False)
class Counts:
    """What the speakers' effects are told from.

    Attributes:
      events: [P, K] that took place.
      expected: [P, K] by the hazards of nobody in particular.
      dialogue: [P] int32.
    """

    events: np.ndarray
    expected: np.ndarray
    dialogue: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Posterior:
    """Of the speakers' effects.

    Attributes:
      mean: [P, K].
      variance: [P, K].
      log_marginal: [D] nats by which the effects, integrated out, change the log-likelihood of a dialogue; a lower
        bound.
    """

    mean: np.ndarray
    variance: np.ndarray
    log_marginal: np.ndarray


def counts(rows: Exposure, log_hazard: np.ndarray) -> Counts:
    """Sums per speaker and group, given the log-hazards [R, 2] of the rows' cells."""
    people, k = len(rows.dialogue), len(GROUPS)
    group = groups(rows.cell)
    at = rows.person[:, None] * k + group  # [R, 2]
    events = rows.happened
    half = rows.frames - events.sum(axis=1) / 2  # see hazards.fit_network
    expected = half[:, None] * np.exp(log_hazard, dtype=np.float64)
    return Counts(
        events=np.bincount(at.ravel(), events.ravel(), people * k).reshape(people, k),
        expected=np.bincount(at.ravel(), expected.ravel(), people * k).reshape(people, k),
        dialogue=rows.dialogue,
    )


def joint(own: np.ndarray, shared: np.ndarray, speakers: int) -> np.ndarray:
    """[S K, S K] covariance of the effects of the speakers of one dialogue, positive definite.

    For more speakers than two the cross-covariance may be more negative than so many can share; what is beyond
    is cut off.
    """
    k = len(own)
    mean, rest = own + (speakers - 1) * shared, own - shared  # along the dialogue's mean, and across it
    mean, rest = _positive(mean), _positive(rest)
    ones = np.full((speakers, speakers), 1 / speakers)
    return np.kron(ones, mean) + np.kron(np.eye(speakers) - ones, rest).reshape(speakers * k, speakers * k)


def _positive(matrix: np.ndarray, least: float = 1e-5) -> np.ndarray:
    value, vector = np.linalg.eigh((matrix + matrix.T) / 2)
    return (vector * np.maximum(value, least)) @ vector.T


def posterior(
    found: Counts, own: np.ndarray, shared: np.ndarray, near: np.ndarray | None = None
) -> tuple[Posterior, np.ndarray, np.ndarray]:
    """The effects' posterior, and the covariances [K, K] that EM takes next.

    `near`, [P, K]: where the search for the means begins; at 0 where absent.
    """
    people, k = found.events.shape
    dialogues = int(found.dialogue.max()) + 1
    mean, variance = np.zeros((people, k)), np.zeros((people, k))
    log_marginal = np.zeros(dialogues)
    sums, number = [np.zeros((k, k)), np.zeros((k, k))], [0, 0]
    size = np.bincount(found.dialogue, minlength=dialogues)
    for speakers in np.unique(size[size > 0]):
        which = np.flatnonzero(size[found.dialogue] == speakers)  # the speakers of a dialogue lie together
        shape = (-1, speakers * k)
        e, m = found.events[which].reshape(shape), found.expected[which].reshape(shape)
        covariance = joint(own, shared, int(speakers))
        precision = np.linalg.inv(covariance)
        eye = np.eye(speakers * k)
        b = np.zeros_like(e) if near is None else near[which].reshape(shape)
        spread = np.zeros((len(b), 1, 1)) * eye
        for _ in range(50):
            rate = m * np.exp(b + np.diagonal(spread, axis1=1, axis2=2) / 2)
            spread = np.linalg.inv(precision + rate[:, :, None] * eye)
            step = np.einsum("dij,dj->di", spread, e - rate - b @ precision)
            b = b + np.clip(step, -1, 1)
            if np.max(np.abs(step)) < 1e-3:
                break
        rate = m * np.exp(b + np.diagonal(spread, axis1=1, axis2=2) / 2)
        of = found.dialogue[which][::speakers]
        log_marginal[of] = (
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
    return Posterior(mean, variance, log_marginal), (new_own + new_own.T) / 2, (new_shared + new_shared.T) / 2


def fit_covariances(
    found: Counts, own: np.ndarray, shared: np.ndarray, known: Posterior | None = None, steps: int = 6
) -> tuple[Posterior, np.ndarray, np.ndarray]:
    """EM from `own`, `shared` [K, K]; the posterior under what it ends at, and that.

    `known`: an earlier posterior, from whose means the search begins.
    """
    near = known and known.mean
    for _ in range(steps):
        known, own, shared = posterior(found, own, shared, near)
        near = known.mean
    return posterior(found, own, shared, near)[0], own, shared
