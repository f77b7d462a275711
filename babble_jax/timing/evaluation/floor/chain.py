"""A chain of the IPUs of two speakers, a baseline: durations and offsets drawn jointly, under what is possible.

Axes: N IPUs, H hosts (IPUs that had the floor), Q quantiles, B bins. Times are seconds, float64.

The sweep of `transfers` sees a dialogue as a chain of IPUs that have the floor, one after the other, and of
IPUs contained in them. The model draws the chain step by step. After each IPU, either its speaker holds the
floor (a pause, then another IPU) or the other one takes it, at an offset from the fitted distribution *truncated*
to what is possible: the new IPU starts after the one it follows, at least `merge` after its speaker's own last
one, and ends after the one it follows, or the sweep would see a contained IPU instead. The offsets'
parameters are fitted by the likelihood of the same truncated distributions, so that no draw is rejected and the
simulated offsets are distributed as the real ones. Contained IPUs then fall into each host at a constant
rate, where there is room for them.
"""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np

from babble_jax import config
from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.errors import BabbleError
from babble_jax.numerics import fixed_numerics
from babble_jax.timing.distributions.families import JOHNSON_SU
from babble_jax.timing.distributions.family import from_json, to_json
from babble_jax.timing.distributions.maximum_likelihood import maximum_likelihood
from babble_jax.timing.events import Definitions, Ipus, Reason, floor_transfers, ipus

QUANTILES = 0.5 - 0.5 * np.cos(np.pi * np.arange(49) / 48)
"""[Q] probabilities at which a distribution of durations is tabulated, dense at both ends, where durations are
spread."""

BINS = 8
"""Bins of equal share, by duration, in which the probability of a hold is counted."""

FEWEST = 50
"""Events of each kind that a fit needs."""

_BIN_CENTRES = (np.arange(BINS) + 0.5) / BINS

Step = Literal["hold", "shift", "shift_from_brief"]
"""How an IPU came to the floor. A brief turn is a single IPU no longer than a backchannel: after one, the
floor tends to return to who had it, and for longer."""


@dataclasses.dataclass(frozen=True)
class FloorChain:
    """Models a dialogue's IPUs as a chain; distributions of durations are lists of seconds at `QUANTILES`.

    Attributes:
      corpus: names of the corpora.
      conversations: how many it was fitted on.
      definitions: of the events.
      fto: Johnson-SU parameters of the offsets before truncation.
      pause: own silence within a turn.
      duration: of IPUs that have the floor, by how they came to it.
      contained: durations of contained IPUs that start, before those that do not fit their host are left out.
      contained_per_second: rate at which they start.
      hold: [B] probability that the speaker of an IPU goes on after it, by how it came to the floor and by
        the rank of its duration.
    """

    corpus: str
    conversations: int
    definitions: Definitions
    fto: dict[str, float]
    pause: list[float]
    duration: dict[Step, list[float]]
    hold: dict[Step, list[float]]
    contained: list[float]
    contained_per_second: float

    def __post_init__(self):
        from_json(JOHNSON_SU, self.fto)
        steps = set(get_args(Step))
        if set(self.duration) != steps or set(self.hold) != steps:
            raise ValueError(f"duration and hold must each have the keys {', '.join(get_args(Step))}")
        tables = {"pause": self.pause, "contained": self.contained, **self.duration}
        for name, table in tables.items():
            if len(table) != len(QUANTILES) or np.any(np.diff(table) < 0) or not table[0] > 0:
                raise ValueError(f"{name} must be {len(QUANTILES)} positive seconds in rising order")
        for name, table in self.hold.items():
            if len(table) != BINS or not all(0 <= p <= 1 for p in table):
                raise ValueError(f"hold after {name} must be {BINS} probabilities")
        if not 0 < self.contained_per_second < np.inf:
            raise ValueError("contained_per_second must be above 0 and finite")
        if self.pause[0] < self.definitions.merge:
            raise ValueError(f"pause holds silences below the merge of {self.definitions.merge} s")

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; exact."""
        return config.to_json(self)

    @classmethod
    def from_json(cls, values: dict[str, Any], source: str = "floor chain") -> "FloorChain":
        """Makes the chain from the values of `to_json`; `source` names it in errors.

        Raises:
          BabbleError: not a chain, or one that makes no sense.
        """
        return config.from_json(cls, values, source)

    def sample(self, seed: int, seconds: float) -> Conversation:
        """Draws a dialogue of "A" and "B" in IPUs, the same for the same seed.

        It starts after one pause and stops before the first IPU that would not end within `seconds`; the
        offsets drawn are those that `events.floor_transfers` measures.
        """
        onset, end, speaker, _ = self.draw(seed, seconds)
        return Conversation(
            id=f"floor-{seed}",
            corpus=f"simulated from {self.corpus}",
            speakers=("A", "B"),
            speaker=speaker,
            onset=onset,
            end=end,
            mark=np.full(len(onset), Mark.SPEECH, np.uint8),
            unit="ipu",
            language=None,
            group=f"floor-{seed}",
            windows=np.array([[0.0, seconds]]),
        )

    def draw(self, seed: int, seconds: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Draws the IPUs of a dialogue, in the order of the sweep.

        Returns:
          onset and end ([N] seconds), speaker ([N] int32) and floor-transfer offset ([N] seconds, NaN for IPUs that
          have none).

        Raises:
          BabbleError: `seconds` is not above 0.
        """
        if not 0 < seconds < np.inf:
            raise BabbleError(f"A dialogue of {seconds} seconds cannot be drawn; ask for more than 0.")
        rng = np.random.default_rng(seed)
        merge = self.definitions.merge
        rows: list[tuple[float, float, int, float]] = []
        step, rank, who, fto = "shift", rng.random(), 0, np.nan
        start = self._at(self.pause, rng.random())
        end = start + self._at(self.duration[step], rank)
        other_end = -np.inf  # where the last IPU of the other one ends, of those that began before this host
        while end <= seconds:
            rows.append((start, end, who, fto))
            holds = rng.random() < np.interp(rank, _BIN_CENTRES, self.hold[step])
            step = "hold" if holds else self._shift(step, end - start)
            rank = rng.random()
            length = self._at(self.duration[step], rank)
            if holds:
                fto, room = np.nan, end
                next_start = end + self._at(self.pause, rng.random())
            else:
                lower = max(start - end, other_end + merge - end, -length)
                fto = self._truncated_offset(lower, rng.random())
                next_start = end + fto
                room = min(end, next_start - merge)
            inside = self._contained(rng, max(start, other_end + merge), room)
            rows += [(a, b, 1 - who, np.nan) for a, b in inside]
            if not holds:
                other_end, who = end, 1 - who
            elif inside:
                other_end = inside[-1][1]
            start, end = next_start, next_start + length
        onset, end, speaker, fto = np.array(rows, float).reshape(-1, 4).T
        return np.round(onset, 9), np.round(end, 9), speaker.astype(np.int32), fto

    def _shift(self, step: Step, length: float) -> Step:
        """Says how the next speaker comes to the floor after a host of this step and duration."""
        brief = step != "hold" and length <= self.definitions.backchannel_max
        return "shift_from_brief" if brief else "shift"

    def _contained(self, rng: np.random.Generator, first: float, room: float) -> list[tuple[float, float]]:
        """Draws start and end of the other's IPUs between `first` and `room`."""
        rows = []
        start = first + rng.exponential(1 / self.contained_per_second)
        while start < room:
            end = start + self._at(self.contained, rng.random())
            if end <= room:
                rows.append((start, end))
                start = end + self.definitions.merge
            start += rng.exponential(1 / self.contained_per_second)
        return rows

    @staticmethod
    def _at(table: list[float], rank: float) -> float:
        return float(np.interp(rank, QUANTILES, table))

    @functools.cached_property
    def _offset_table(self) -> tuple[np.ndarray, np.ndarray]:
        """Tabulates offsets and their cdf: inverting the table is a thousand times faster than a call into JAX."""
        value = np.sinh(np.linspace(-np.arcsinh(20), np.arcsinh(20), 20001))
        with fixed_numerics(x64=True):
            return value, np.asarray(JOHNSON_SU.cdf(from_json(JOHNSON_SU, self.fto), value))

    def _truncated_offset(self, lower: float, u: float) -> float:
        value, cdf = self._offset_table
        below = np.interp(lower, value, cdf)
        return max(lower, float(np.interp(below + u * (cdf[-1] - below), cdf, value)))


def fit_chain(conversations: Sequence[Conversation], definitions: Definitions | None = None) -> FloorChain:
    """Fits the chain to the conversations of two speakers; others are left out.

    Every part is fitted by maximum likelihood, given the form of the model: see the module's docstring.

    Raises:
      BabbleError: no conversation of two, or too few events of some kind to fit.
    """
    definitions = definitions or Definitions()
    dyads = [conversation for conversation in conversations if len(conversation.speakers) == 2]
    units = [ipus(conversation, definitions) for conversation in dyads]
    chains = [_chain(u.take(u.window == w), definitions) for u in units for w in np.unique(u.window)]
    if not chains:
        raise BabbleError("No conversation of two speakers to fit a chain on; give conversations of two.")
    chain = {name: np.concatenate([part[name] for part in chains]) for name in chains[0]}

    shift, hold = chain["reason"] == Reason.DEFINED, chain["reason"] == Reason.SAME_SPEAKER
    steps: dict[Step, np.ndarray] = {
        "hold": hold,
        "shift": shift & ~chain["from_brief"],
        "shift_from_brief": shift & chain["from_brief"],
    }
    few = min(len(chain["contained"]), *(rows.sum() for rows in steps.values()))
    if few < FEWEST:
        raise BabbleError(
            f"{len(dyads)} conversations of two hold only {few} pauses, floor transfers or contained IPUs, "
            "too few to fit a chain; give more conversations."
        )
    fto = maximum_likelihood(JOHNSON_SU, chain["value"][shift], lower_bound=chain["lower"][shift])
    contained, rate = _fit_contained(chain)
    return FloorChain(
        corpus=" + ".join(dict.fromkeys(conversation.corpus for conversation in dyads)),
        conversations=len(dyads),
        definitions=definitions,
        fto=to_json(fto),
        pause=_table(chain["value"][hold]),
        duration={step: _table(chain["duration"][rows]) for step, rows in steps.items()},
        hold={
            step: _hold_table(chain["holds"][rows], chain["duration"][rows]) for step, rows in steps.items()
        },
        contained=contained,
        contained_per_second=rate,
    )


def _chain(units: Ipus, definitions: Definitions) -> dict[str, np.ndarray]:
    """Returns one window's hosts, [H], in order, with all that the model conditions on; and the contained IPUs.

    Keys are `reason` and `duration` of the host; `value`, seconds from the end of the host before it to its start;
    `lower`, the least `value` that was possible for a new speaker; `holds`, whether its speaker goes on after
    it, NaN for the last. `free`: [F, 3] start and end of each stretch in which an IPU could have begun inside
    a host, and the end of the room for it. `contained`: durations.
    """
    reason = floor_transfers(units, "ipu", definitions).reason
    host = np.flatnonzero(reason != Reason.CONTAINED)
    inside = np.flatnonzero(reason == Reason.CONTAINED)
    onset, end, who = units.onset[host], units.end[host], units.speaker[host]

    # Where the last IPU of the host's partner ends, among those before the host in the sweep.
    ends = [np.maximum.accumulate(np.where(units.speaker == s, units.end, -np.inf)) for s in (0, 1)]
    partner_end = np.where(who == 0, ends[1][host], ends[0][host])

    value = np.append(np.nan, onset[1:] - end[:-1])
    length = end - onset
    possible = np.maximum(onset, partner_end + definitions.merge) - end
    lower = np.append(np.nan, np.maximum(possible[:-1], -length[1:]))
    same = who[1:] == who[:-1]

    lone = reason[host] != Reason.SAME_SPEAKER  # a whole turn so far
    from_brief = np.append(False, (lone & (length <= definitions.backchannel_max))[:-1])

    until = np.where(same, end[:-1], np.minimum(end[:-1], onset[1:] - definitions.merge))
    room = np.append(until, end[-1:])
    first = np.maximum(onset, partner_end + definitions.merge)
    owner = np.searchsorted(host, inside) - 1
    # A free stretch begins where the host has room and after each contained IPU; it ends with the room or the
    # next one.
    begin = np.append(first, units.end[inside] + definitions.merge)
    index = np.append(np.arange(len(host)), owner)
    order = np.lexsort((begin, index))
    begin, index = begin[order], index[order]
    finish = room[index]
    followed = np.append(index[1:] == index[:-1], False)
    finish[followed] = begin[1:][followed[:-1]] - definitions.merge
    # that is the end of the next contained IPU; it stopped being free at its start
    finish[followed] -= (units.end - units.onset)[inside]
    return {
        "reason": reason[host],
        "duration": length,
        "from_brief": from_brief,
        "value": value,
        "lower": lower,
        "holds": np.append(same.astype(float), np.nan),
        "free": np.stack([begin, finish, room[index]], axis=1),
        "contained": (units.end - units.onset)[inside],
    }


def _fit_contained(chain: dict[str, np.ndarray]) -> tuple[list[float], float]:
    """Fits the durations of contained IPUs, and their rate, where there is room for them.

    An IPU of duration c can begin at t only if t + c is within the room, so that short ones are
    over-represented: the rate of those of duration c is their number over the time T(c) in which one could
    have begun, which is the maximum-likelihood estimate of a marked Poisson process. Each one counted thus
    weighs 1 / T(c).
    """
    begin, finish, room = chain["free"].T
    durations = np.quantile(chain["contained"], QUANTILES)
    exposure = [np.sum(np.maximum(np.minimum(finish, room - c) - begin, 0)) for c in durations]
    duration = np.sort(chain["contained"])
    weight = 1 / np.interp(duration, durations, exposure)
    share = (np.cumsum(weight) - 0.5 * weight) / weight.sum()
    mean = float(np.average(duration, weights=weight))
    return _tabulated(np.interp(QUANTILES, share, duration), mean), float(weight.sum())


def _hold_table(holds: np.ndarray, duration: np.ndarray) -> list[float]:
    """Returns the share of hosts after which the speaker goes on, by the rank of their duration, [B]."""
    followed = np.isfinite(holds)
    ranked = holds[followed][np.argsort(duration[followed], kind="stable")]
    return [round(float(part.mean()), 4) for part in np.array_split(ranked, BINS)]


def _table(seconds: np.ndarray) -> list[float]:
    return _tabulated(np.quantile(seconds, QUANTILES), float(np.mean(seconds)))


def _tabulated(quantiles: np.ndarray, mean: float) -> list[float]:
    """Returns the quantiles in rising order, to a tenth of a millisecond, the last one moved so that the mean is right.

    Between the last two a table is linear and the distribution is not: an outlier as last quantile would add to the
    mean.
    """
    table = np.maximum.accumulate(quantiles)
    width = np.diff(QUANTILES)
    others = np.sum(width[:-1] * (table[:-2] + table[1:-1])) / 2
    table[-1] = max(table[-2], 2 * (mean - others) / width[-1] - table[-2])
    return np.round(table, 4).tolist()
