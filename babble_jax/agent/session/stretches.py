"""Cuts a session into stretches in which the agent waits or speaks, and measures what happened in each.

Axes: N frames, M stretches, P picks of stretches. Times are seconds.
"""

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np

from babble_jax.agent.session.ipu_tracker import AGENT, USER
from babble_jax.agent.session.read import Session
from babble_jax.errors import BabbleError
from babble_jax.timing.evaluation.speaker.events import cut_ins
from babble_jax.timing.events import Definitions, Kind, floor_transfers, ipus, transitions
from babble_jax.timing.floor.state import BACKCHANNEL, FRAME, Limits

Compute = Callable[[np.ndarray, np.ndarray], float | None]
"""Computes a measure of stretches, [P] their numbers, with weights, [P]; None where there is no event."""


@dataclasses.dataclass(frozen=True, eq=False)
class Stretches:
    """The stretches of a session, from one begin or end of the agent's to the next.

    Attributes:
      of_frame: [N] number of the stretch of a frame; M for frames after the last begin or end.
      overdue: [N] bool, frames in which a backchannel ended because a longer one would be none.
      waits: [M] bool, whether the agent waited; otherwise it spoke.
      seconds: [M] length.
      backchannel: [M] bool, whether a backchannel ended the waiting.
      fto: [M] floor-transfer offset of the turn that ended the waiting; NaN where there is none.
      cut_ins: [M] number of the user's pauses that the agent cut into, 0 or 1.
      pauses: [M] number of the user's pauses in the waiting, those cut into among them.
    """

    of_frame: np.ndarray
    overdue: np.ndarray
    waits: np.ndarray
    seconds: np.ndarray
    backchannel: np.ndarray
    fto: np.ndarray
    cut_ins: np.ndarray
    pauses: np.ndarray

    def weigh(self, log_ratio: np.ndarray, memory: int = 1) -> np.ndarray:
        """Multiplies the ratios of the frames of each stretch and of those before it, [M].

        Args:
          log_ratio: [N] logarithms.
          memory: number of stretches, the own one included.
        """
        sums = np.bincount(self.of_frame, log_ratio, len(self.waits) + 1)[: len(self.waits)]
        lagged = [np.append(np.zeros(back), sums)[: len(sums)] for back in range(memory)]
        return np.exp(np.minimum(np.sum(lagged, axis=0), 500.0))

    def measures(self) -> Iterator[tuple[str, str, Compute]]:
        """Yields name, unit and computation of each measure."""

        def of_ftos(statistic: Callable[[np.ndarray, np.ndarray], float]) -> Compute:
            def compute(pick: np.ndarray, weight: np.ndarray) -> float | None:
                own = np.isfinite(self.fto[pick]) & (weight > 0)
                return statistic(self.fto[pick][own], weight[own]) if own.any() else None

            return compute

        def share_between(low: float, high: float) -> Compute:
            return of_ftos(lambda fto, weight: float(weight[(fto > low) & (fto < high)].sum() / weight.sum()))

        def per_minute(event: np.ndarray) -> Compute:
            def compute(pick: np.ndarray, weight: np.ndarray) -> float | None:
                own, waiting = self.waits[pick], self._mean_cycle(pick, weight)
                return None if waiting is None else 60 * _mean(event[pick][own], weight[own]) / waiting

            return compute

        yield "fto", "s", of_ftos(_median)
        yield "fto_below_zero", "share", share_between(-np.inf, 0.0)
        yield "fto_below_200ms", "share", share_between(-np.inf, 0.2)
        yield "fto_above_1s", "share", share_between(1.0, np.inf)
        yield "cut_in_share", "share", self._cut_in_share
        yield "ipus_per_minute", "1/min", per_minute(np.ones(len(self.waits)))
        yield "backchannels_per_minute", "1/min", per_minute(self.backchannel.astype(float))
        yield "ipu", "s", self._median_ipu
        yield "talk_share", "share", self._talk_share

    def _cut_in_share(self, pick: np.ndarray, weight: np.ndarray) -> float | None:
        total = float((weight * self.pauses[pick]).sum())
        return float((weight * self.cut_ins[pick]).sum()) / total if total else None

    def _median_ipu(self, pick: np.ndarray, weight: np.ndarray) -> float | None:
        own = ~self.waits[pick] & (weight > 0)
        return _median(self.seconds[pick][own], weight[own]) if own.any() else None

    def _mean_cycle(self, pick: np.ndarray, weight: np.ndarray) -> float | None:
        """Returns the mean seconds of waiting and speaking together."""
        own = self.waits[pick]
        if not weight[own].sum() or not weight[~own].sum():
            return None
        seconds = self.seconds[pick]
        return _mean(seconds[own], weight[own]) + _mean(seconds[~own], weight[~own])

    def _talk_share(self, pick: np.ndarray, weight: np.ndarray) -> float | None:
        cycle, own = self._mean_cycle(pick, weight), ~self.waits[pick]
        return None if cycle is None else _mean(self.seconds[pick][own], weight[own]) / cycle


def _mean(values: np.ndarray, weight: np.ndarray) -> float:
    return float((values * weight).sum() / weight.sum())


def _median(values: np.ndarray, weight: np.ndarray) -> float:
    """Returns the weighted median: of equal weights the usual one."""
    order = np.argsort(values, kind="stable")
    values, total = values[order], np.cumsum(weight[order])
    half = total[-1] / 2
    low = int(np.searchsorted(total, half * (1 - 1e-12)))
    high = int(np.searchsorted(total, half * (1 + 1e-12)))
    return float((values[low] + values[min(high, len(values) - 1)]) / 2)


def find_stretches(session: Session, definitions: Definitions | None = None) -> Stretches:
    """Cuts a session into stretches.

    Args:
      session: with its decisions.
      definitions: of the events; the standard ones by default.

    Raises:
      BabbleError: nothing was decided in it.
    """
    definitions = definitions or Definitions()
    columns = session.decisions
    frame, event, on = (columns[name].astype(np.int64) for name in ("frame", "event", "on"))
    rows = np.flatnonzero(event > 0)
    if len(rows) < 2:
        raise BabbleError(f"{session.folder}: the agent decided nothing in it; record a longer session.")
    if not (np.diff(on[rows]) != 0).all() or not np.array_equal(
        np.flatnonzero(np.diff(on)) + 1, rows[rows > 0]
    ):
        raise BabbleError(f"{session.folder}: its decisions contradict each other; decisions.csv is damaged.")
    of_frame = np.searchsorted(rows, np.arange(len(frame)))
    start, stop = np.append(frame[0], frame[rows[:-1]]), frame[rows]
    time = columns["time"][rows]
    waits = on[rows] == 1
    since = frame - np.append(frame[0] - 1, frame[rows])[of_frame]
    limits = Limits.of(definitions)
    was_on = on.astype(bool) ^ (event > 0)
    kind = columns["kind"]
    previous_kind = np.append(kind[0], kind[:-1])
    overdue = was_on & (previous_kind == BACKCHANNEL) & (since >= limits.longest_backchannel)
    fto, cut, pauses = _measure_events(session, definitions, time)
    return Stretches(
        of_frame=of_frame,
        overdue=overdue,
        waits=waits,
        seconds=(stop - start) * FRAME,
        backchannel=waits & (columns["event"][rows] == 2),
        fto=np.where(waits, fto, np.nan),
        cut_ins=np.where(waits, cut, 0),
        pauses=np.where(waits, pauses, 0),
    )


def _measure_events(
    session: Session, definitions: Definitions, time: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Measures the events of each stretch, [M] each: FTO of the turn that ends it, cut-ins, and the user's pauses.

    Args:
      session: the session.
      definitions: of the events.
      time: [M] seconds at which the stretches end.
    """
    units = ipus(session.conversation, definitions)
    transfers = floor_transfers(units, "ipu", definitions)
    changes = transitions(units)
    count, reach = len(time), np.maximum.accumulate(time)

    def stretch_of(seconds: np.ndarray) -> np.ndarray:
        return np.searchsorted(reach, seconds - FRAME / 2)

    fto, cut, pauses = np.full(count + 1, np.nan), np.zeros(count + 1), np.zeros(count + 1)
    own = transfers.defined & (units.speaker == AGENT)
    fto[stretch_of(units.onset[own])] = transfers.fto[own]
    pairs = cut_ins(units, definitions)
    pairs = pairs[units.speaker[pairs[:, 1]] == AGENT]
    at = stretch_of(units.onset[pairs[:, 1]])
    cut[at] = 1
    held = (changes.kind == Kind.PAUSE) & (changes.before == USER)
    np.add.at(pauses, stretch_of(changes.end[held]), 1)
    np.add.at(pauses, at, 1)
    return fto[:count], cut[:count], pauses[:count]
