"""Says what other settings would have done in a recorded session, by importance weights.

A session records, for each frame, the hazards and what was decided. Under other settings the player has other hazards
in the same frames; the ratio of both probabilities of what happened, over the frames of a stretch of the session and
of the nine before it, is the weight of the stretch. A stretch lasts from one begin or end of the agent's to the next:
in it the agent either waits or speaks. All that is measured is an average over stretches, so that it can be computed
anew with the weights: how long the agent would have waited, whom it would have cut off, how often it would have spoken.
That is right where the dialogue forgets within ten stretches, and the user would have done in each state what they did.
Settings that are near those of the session are answered well, and others are refused: the effective number of
stretches, (sum of weights)^2 / sum of squared weights, says how much of the session the answer rests on.

Axes: N frames, M stretches, B bootstrap draws. Times are seconds.

References: Kong, A note on importance sampling using standardized weights (1992), for the effective number; Precup et
al., Eligibility traces for off-policy policy evaluation, ICML 2000, for weights per stretch.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from babble_jax.agent.session.read import Session
from babble_jax.agent.session.stretches import Stretches, find_stretches
from babble_jax.errors import BabbleError
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.floor.player import FloorPlayer
from babble_jax.timing.floor.state import FRAME
from babble_jax.timing.preset import TimingPreset

MEMORY = 10
"""Stretches whose ratios make the weight of the last of them."""
MIN_EFFECTIVE = 50.0
"""Fewest effective stretches of which an answer is given."""
MOST_SHARE = 0.15
"""Largest share of all weight that one stretch may have."""
DRAWS = 1000
"""Bootstrap draws of stretches."""

_RANGE = (0.025, 0.975)
_MOST_DELAY = 1.0  # seconds
_CHECKED = 3000  # frames whose hazards are computed again under the settings of the session


@dataclasses.dataclass(frozen=True)
class RescoredMeasure:
    """One measure of the agent, as it was and under the other settings.

    Attributes:
      name: of the measure.
      unit: "s", "share" or "1/min".
      recorded: its value in the session; None where there is no event.
      value: under the other settings.
      low: lower end of its bootstrap interval of 95 % over stretches.
      high: upper end.
    """

    name: str
    unit: str
    recorded: float | None
    value: float | None
    low: float | None
    high: float | None


@dataclasses.dataclass(frozen=True, eq=False)
class Rescoring:
    """A session under other settings.

    Attributes:
      knobs: the other settings.
      stretches: number of stretches in which the agent waited or spoke.
      effective: their effective number.
      rows: the measures.
      weights: [M] of all stretches; all are 1 where nothing differs.
    """

    knobs: Knobs
    stretches: int
    effective: float
    rows: tuple[RescoredMeasure, ...]
    weights: np.ndarray

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values, as `babble session rescore --json` prints them."""
        rows = [dataclasses.asdict(row) for row in self.rows]
        knobs = dataclasses.asdict(self.knobs)
        return {"knobs": knobs, "stretches": self.stretches, "effective": self.effective, "rows": rows}


def rescore(
    session: Session,
    timing: TimingPreset,
    knobs: Knobs,
    same_timing: bool = True,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Rescoring:
    """Computes what other knobs would have done.

    Args:
      session: that was recorded, with its decisions.
      timing: the preset of the session, or another one.
      knobs: the other knobs.
      same_timing: whether it is that of the session, whose decisions are then checked.
      progress: takes the number of frames done, and of all.

    Raises:
      BabbleError: the session lacks what is needed, or the knobs are too far from those of the session.
    """
    recorded = _recorded_knobs(session)
    if recorded.shift > 0 or recorded.perturb is not None or knobs.shift > 0 or knobs.perturb is not None:
        raise BabbleError(
            f"{session.folder}: a shift that puts turns off moves them for certain, and what is certain has no weight; "
            "rescore patience, firmness and backchannels of a session without shift or perturb."
        )
    stretches = find_stretches(session)
    if same_timing:
        _check_decisions(session, timing, recorded)
    if len(stretches.waits) < MIN_EFFECTIVE:
        raise BabbleError(
            f"{session.folder}: is too short for any settings: the agent waited or spoke {len(stretches.waits)} times, "
            f"and {MIN_EFFECTIVE:.0f} are the least; record a conversation of several minutes."
        )
    hazards = _replay(session, timing, knobs, progress)
    weights = stretches.weigh(_log_ratio(session, hazards, stretches.overdue), MEMORY)
    effective, count = _effective(weights), len(weights)
    share = weights.max(initial=0.0) / max(weights.sum(), 1e-300)
    if effective < MIN_EFFECTIVE or share > MOST_SHARE:
        few = f"its {count} stretches are worth {effective:.1f}, where {MIN_EFFECTIVE:.0f} are needed"
        one = f"{share:.0%} of the weight lies on one of its {count} stretches"
        raise BabbleError(
            f"{session.folder}: says too little about these settings ({few if effective < MIN_EFFECTIVE else one}); "
            "ask for settings nearer to those of the session, or record a longer one."
        )
    return Rescoring(knobs, count, effective, _measure(stretches, weights), weights)


def recorded_settings(session: Session) -> tuple[str, Knobs]:
    """Returns the name of the timing preset of a session, and its knobs.

    Raises:
      BabbleError: its config has none.
    """
    preset = session.config.get("timing")
    if not isinstance(preset, str) or not preset:
        raise BabbleError(f"{session.folder}: its session.json names no timing preset; name it by --against.")
    return preset, _recorded_knobs(session)


def _recorded_knobs(session: Session) -> Knobs:
    values = session.config.get("knobs", {})
    names = {field.name for field in dataclasses.fields(Knobs)}
    if not isinstance(values, dict) or not set(values) <= names:
        raise BabbleError(f"{session.folder}: its session.json holds no knobs; the file is damaged.")
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    if any(isinstance(value, bool) for value in values.values()):
        raise BabbleError(f"{session.folder}: its session.json holds no knobs; the file is damaged.")
    return Knobs(**values)


def _replay(
    session: Session,
    timing: TimingPreset,
    knobs: Knobs,
    progress: Callable[[int, int], None],
    count: int | None = None,
) -> np.ndarray:
    """Returns the log-hazards [N, 2] of a player with other knobs that did what the session's player did.

    Args:
      session: that was recorded.
      timing: of the player.
      knobs: of the player.
      progress: takes the number of frames done, and of all.
      count: of the first frames, alone.
    """
    player, columns = _make_player(session, timing, knobs), session.decisions
    rows = np.stack([columns["other_on"], columns["turn_over"], columns["event"]], axis=1).tolist()
    hazards = np.zeros((len(rows), 2))
    for number, (other_on, turn_over, event) in enumerate(rows[:count]):
        hazards[number] = player.step(other_on, turn_over, int(event)).log_hazard
        if number % 10_000 == 0:
            progress(number, len(rows))
    return hazards[:count]


def _make_player(session: Session, timing: TimingPreset, knobs: Knobs) -> FloorPlayer:
    """Makes the player of a session, with other knobs.

    Args:
      session: that was recorded.
      timing: of the player.
      knobs: of the player.
    """
    config = session.config
    if config.get("control", "none") != "none":
        raise BabbleError(
            f"{session.folder}: its agent was a control, which has no hazards; it cannot be rescored."
        )
    delay, seed = config.get("delay"), config.get("seed")
    if isinstance(delay, bool) or not isinstance(delay, int | float) or not 0 <= delay <= _MOST_DELAY:
        raise BabbleError(
            f"{session.folder}: its session.json has no delay of the player; it cannot be rescored."
        )
    if type(seed) is not int or not 0 <= seed < 2**64:
        raise BabbleError(
            f"{session.folder}: its session.json has no seed of the player; it cannot be rescored."
        )
    return FloorPlayer(timing, delay=delay, seed=seed, knobs=knobs)


def _check_decisions(session: Session, timing: TimingPreset, knobs: Knobs) -> None:
    """Raises `BabbleError` where the first hazards of a session are not those of its settings."""
    count = min(_frames_before_change(session), _CHECKED)
    again = _replay(session, timing, knobs, lambda done, total: None, count)
    if not np.allclose(again, _log_hazards(session)[:count], atol=1e-6, equal_nan=True):
        raise BabbleError(
            f"{session.folder}: its decisions are not those of the player of this version with the preset "
            f"{timing.name}; rescore it with the version that recorded it."
        )


def _frames_before_change(session: Session) -> int:
    """Counts the frames before the knobs were changed for the first time."""
    samples = [event.get("sample", 0) for event in session.events if event["event"] == "knobs"]
    first = min(samples, default=session.samples) / session.sample_rate
    return int(np.searchsorted(session.decisions["frame"] * FRAME, first))


def _log_hazards(session: Session) -> np.ndarray:
    """Returns the log-hazards of the session, [N, 2]."""
    columns = session.decisions
    return np.stack([columns["log_hazard_turn"], columns["log_hazard_backchannel"]], axis=1)


def _log_ratio(session: Session, hazards: np.ndarray, overdue: np.ndarray) -> np.ndarray:
    """Returns the logarithm of the ratio of the probabilities of what happened, [N]; exactly 0 where nothing differs.

    Args:
      session: that was recorded.
      hazards: [N, 2] log-hazards under the other settings.
      overdue: [N] bool, frames in which an IPU ended for certain.
    """
    columns = session.decisions
    event, on = columns["event"].astype(int), columns["on"] > 0
    was_on = on ^ (event > 0)
    risk = (columns["at_risk"] > 0) & ~overdue

    def log_prob(log_hazard: np.ndarray) -> np.ndarray:
        total = np.logaddexp(log_hazard[:, 0], log_hazard[:, 1])
        some = np.log(-np.expm1(-np.exp(total)))
        which = np.where(event == 2, log_hazard[:, 1], log_hazard[:, 0]) - total
        return np.where(event == 0, -np.exp(total), some + np.where(was_on, 0.0, which))

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = log_prob(hazards) - log_prob(_log_hazards(session))
    return np.where(risk, np.nan_to_num(ratio, nan=0.0, posinf=50.0, neginf=-np.inf), 0.0)


def _effective(weights: np.ndarray) -> float:
    """Returns the effective number of weights [M]."""
    squares = float(np.square(weights).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def _measure(stretches: Stretches, weights: np.ndarray) -> tuple[RescoredMeasure, ...]:
    """Computes all measures, without and with weights, with intervals.

    Args:
      stretches: of the session.
      weights: [M].
    """
    count = len(weights)
    begin = np.random.default_rng(0).integers(0, count, (DRAWS, -(-count // MEMORY), 1))
    picks = ((begin + np.arange(MEMORY)) % count).reshape(DRAWS, -1)[:, :count]  # neighbours share weights
    rows = []
    for name, unit, compute in stretches.measures():
        everything = np.arange(count)
        recorded, value = compute(everything, np.ones(count)), compute(everything, weights)
        spread = [one for pick in picks if (one := compute(pick, weights[pick])) is not None]
        low, high = np.quantile(spread, _RANGE).tolist() if value is not None and spread else (None, None)
        rows.append(RescoredMeasure(name, unit, recorded, value, low, high))
    return tuple(rows)
