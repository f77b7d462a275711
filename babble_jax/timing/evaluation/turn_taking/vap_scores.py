"""Scores the floor's hazards on the events of voice activity projection, each seat in turn the agent's.

Axes: N events, F frames of a silence.
"""

import dataclasses
from typing import Any

import numpy as np

from babble_jax.timing.evaluation.turn_taking.floor_seat import FloorSeat
from babble_jax.timing.evaluation.turn_taking.frames import FramedCalls
from babble_jax.timing.evaluation.turn_taking.race import next_speaker
from babble_jax.timing.evaluation.turn_taking.scores import best_threshold, score_predictions
from babble_jax.timing.evaluation.turn_taking.traces import Trace, moments_of, take_snapshots
from babble_jax.timing.evaluation.turn_taking.vap_events import (
    ONSET,
    PREDICTION,
    Moments,
    Silences,
    find_backchannels,
    find_onsets,
    find_silences,
)
from babble_jax.timing.floor.state import FRAME

EARLY = (5, 25)
"""Frames of the silence over which shifts and holds are scored: 0.05 to 0.25 s."""
LONGEST = 150
"""Frames of the silence that count at most where all of it is scored."""
STEP = 10
"""Frames between the moments at which a shift is predicted before the silence."""


@dataclasses.dataclass(frozen=True, eq=False)
class VapTrial:
    """Holds all events of some calls, and the moments at which the views are needed.

    Attributes:
      silences: shifts and holds.
      sample: [M] the silences before which a shift is predicted: all shifts and as many holds.
      onsets: of short and long IPUs.
      backchannels: stretches before backchannels and negatives.
      moments: window, seat and frame of each view.
    """

    silences: Silences
    sample: np.ndarray
    onsets: Moments
    backchannels: Moments
    moments: tuple[np.ndarray, np.ndarray, np.ndarray]


def find_vap_events(calls: FramedCalls, model: FloorSeat) -> VapTrial:
    """Finds the events of calls and the views from which they are predicted.

    Args:
      calls: in frames.
      model: of the seat, whose delay says when it sees an event.
    """
    silences = find_silences(calls)
    rng = np.random.default_rng(0)
    shifts, holds = np.flatnonzero(silences.shift), np.flatnonzero(~silences.shift)
    sample = np.concatenate([shifts, rng.choice(holds, min(len(holds), len(shifts)), replace=False)])
    late = model.delay_frames
    windows, seats, frames = [], [], []
    for listener in (True, False):  # views of the silences by the listener, then by who has stopped
        windows.append(silences.window)
        seats.append(np.where(listener, 1 - silences.previous, silences.previous))
        frames.append(silences.begin + (late if listener else 0))
    for back in range(round(PREDICTION / FRAME), 0, -STEP):
        windows.append(silences.window[sample])
        seats.append(1 - silences.previous[sample])
        frames.append(silences.begin[sample] - back)
    moments = np.concatenate(windows), np.concatenate(seats), np.concatenate(frames)
    return VapTrial(silences, sample, find_onsets(calls), find_backchannels(calls), moments)


@dataclasses.dataclass(eq=False)
class VapScores:
    """Collects the scores of a trial, trace by trace.

    Attributes:
      trial: the events.
      model: of the seat.
      early: [2, N] mean probability of a shift in the first moments of each silence, by listener and speaker.
      full: [2, N] over all of the silence.
      before: [M, P] probability of a shift at some moments before each silence of the sample.
      onset: [N] probability that an onset of the other is that of a backchannel.
      backchannel: [N] mean hazard of a backchannel.
    """

    trial: VapTrial
    model: FloorSeat

    def __post_init__(self):
        n = len(self.trial.silences)
        self.early, self.full = np.full((2, n), np.nan), np.full((2, n), np.nan)
        self.before = np.full((round(PREDICTION / FRAME) // STEP, len(self.trial.sample)), np.nan)
        self.onset = np.full(len(self.trial.onsets), np.nan)
        self.backchannel = np.full(len(self.trial.backchannels), np.nan)

    def add(self, trace: Trace) -> None:
        """Scores the events of a trace."""
        self._add_silences(trace)
        place = {int(row): i for i, row in enumerate(trace.rows)}
        late = self.model.delay_frames
        for moments, length, target in (
            (self.trial.onsets, round(ONSET / FRAME), self.onset),
            (self.trial.backchannels, round(PREDICTION / FRAME), self.backchannel),
        ):
            for i in np.flatnonzero(np.isin(moments.window, trace.rows)):
                w, s, begin = place[int(moments.window[i])], moments.speaker[i], moments.begin[i]
                if moments is self.trial.onsets:
                    end = min(begin + length, trace.backchannel.shape[2])
                    seen = trace.backchannel[w, 1 - s, begin + late + 1 : end + late + 1]
                    target[i] = seen.mean() if len(seen) else np.nan
                else:
                    target[i] = trace.hazard[w, s, begin : begin + length, 1].mean()

    def _add_silences(self, trace: Trace) -> None:
        which = moments_of(trace.rows, self.trial.moments[0])
        if not len(which) or trace.snapshots is None or trace.snapshot_people is None:
            return
        n, late, silences = len(self.trial.silences), self.model.delay_frames, self.trial.silences
        ahead, at_once = np.flatnonzero(which < 2 * n), np.flatnonzero(which >= 2 * n)
        if len(ahead):
            people = trace.snapshot_people[ahead]
            own = next_speaker(take_snapshots(trace.snapshots, ahead), people, self.model, LONGEST)
            for column, number in enumerate(which[ahead]):
                role, event = divmod(int(number), n)
                shift = own[:, column] if role == 0 else 1 - own[:, column]
                if role == 0:  # what is seen lags
                    shift = np.concatenate([np.full(late, shift[0]), shift])[:LONGEST]
                length = int(silences.end[event] - silences.begin[event])
                self.early[role, event] = shift[EARLY[0] : EARLY[1]].mean()
                self.full[role, event] = shift[:length].mean()
        if len(at_once):
            people = trace.snapshot_people[at_once]
            own = next_speaker(take_snapshots(trace.snapshots, at_once), people, self.model)[0]
            moment, event = np.divmod(which[at_once] - 2 * n, len(self.trial.sample))
            self.before[moment, event] = own

    def summary(self, calls: FramedCalls, validation: np.ndarray) -> dict[str, dict[str, Any]]:
        """Scores all events: AUC and balanced accuracy with their intervals over calls.

        The threshold of shifts and holds is 0.5; the others' are the best on the validation calls.

        Args:
          calls: in frames.
          validation: [C] bool, calls on which thresholds are chosen; they are left out of the other scores.
        """
        silences = self.trial.silences
        call = calls.call[silences.window]
        result: dict[str, dict[str, Any]] = {}
        for name, score in (("shift_hold", self.early), ("shift_hold_whole_silence", self.full)):
            result[name] = score_predictions(score.mean(axis=0), silences.shift, call, 0.5)
        for role, name in enumerate(("listener", "speaker")):
            result[f"shift_hold_{name}"] = score_predictions(self.early[role], silences.shift, call, 0.5)
        parts = {
            "shift_prediction": (
                self.before.mean(axis=0),
                silences.shift[self.trial.sample],
                call[self.trial.sample],
            ),
            "short_long": (self.onset, self.trial.onsets.positive, calls.call[self.trial.onsets.window]),
            "backchannel_prediction": (
                self.backchannel,
                self.trial.backchannels.positive,
                calls.call[self.trial.backchannels.window],
            ),
        }
        for name, (score, positive, of_call) in parts.items():
            finite = np.isfinite(score)
            score, positive, of_call = score[finite], positive[finite], of_call[finite]
            held_back = validation[of_call]
            threshold = best_threshold(score[held_back], positive[held_back])
            result[name] = score_predictions(
                score[~held_back], positive[~held_back], of_call[~held_back], threshold
            )
        return result
