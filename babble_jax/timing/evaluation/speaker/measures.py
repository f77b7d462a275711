"""Measures of one speaker's timing: medians, shares and rates of the events of one or several conversations.

Axes: B bootstrap draws, C conversations, V values of one kind. Times are seconds, float64.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from babble_jax.timing.evaluation.speaker.events import Actor, SpeakerEvents

MeasureUnit = Literal["s", "share", "1/min", "s/min"]


@dataclasses.dataclass(frozen=True)
class Measure:
    """One measure, pooled over conversations: a statistic of values, or a ratio of two totals.

    Attributes:
      name: of the measure.
      title: as text and pictures show it.
      by: the actor that brings the events about; "both" for what has none.
      unit: of the value: seconds, a share, events per minute, or seconds per minute.
      values: takes the values of one conversation, [V]; None for a ratio.
      statistic: of the pooled values.
      ratio: takes numerator and denominator from one conversation; None for a statistic of values.
      events: counts the events behind a ratio in one conversation; None where it is of seconds.
    """

    name: str
    title: str
    by: Actor | Literal["both"]
    unit: MeasureUnit
    values: Callable[[SpeakerEvents], np.ndarray] | None = None
    statistic: Callable[[np.ndarray], float] | None = None
    ratio: Callable[[SpeakerEvents], tuple[float, float]] | None = None
    events: Callable[[SpeakerEvents], int] | None = None

    def count(self, events: Sequence[SpeakerEvents]) -> int | None:
        """Counts the events of all conversations, [C]; None where the measure is of seconds."""
        if self.values is not None:
            return sum(len(self.values(one)) for one in events)
        return None if self.events is None else sum(self.events(one) for one in events)

    def evaluate(self, events: Sequence[SpeakerEvents], most: int | None = None) -> float | None:
        """Computes the measure of all conversations together.

        Args:
          events: [C] of one speaker each.
          most: number of values that a statistic is of at most, the first ones; None for all.

        Returns:
          The value; None where there is no event to measure.
        """
        if self.values is not None and self.statistic is not None:
            pooled = np.concatenate([np.zeros(0), *(self.values(one) for one in events)])[:most]
            return self.statistic(pooled) if len(pooled) else None
        assert self.ratio is not None
        numerator, denominator = np.sum([self.ratio(one) for one in events], axis=0)
        return float(numerator / denominator) if denominator else None

    def resample(self, events: Sequence[SpeakerEvents], picks: np.ndarray) -> np.ndarray:
        """Computes the measure of conversations that are drawn with replacement, [B], those without an event left out.

        Args:
          events: [C] of one speaker each.
          picks: [B, C] indices of conversations.
        """
        if self.values is not None and self.statistic is not None:
            parts = [self.values(one) for one in events]
            pooled = (np.concatenate([parts[i] for i in pick]) for pick in picks)
            return np.array([self.statistic(values) for values in pooled if len(values)])
        assert self.ratio is not None
        totals = np.array([self.ratio(one) for one in events], np.float64)[picks].sum(axis=1)
        totals = totals[totals[:, 1] > 0]
        return totals[:, 0] / totals[:, 1]


def _median(values: np.ndarray) -> float:
    return float(np.median(values))


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values))


def _share_between(low: float, high: float) -> Callable[[np.ndarray], float]:
    return lambda values: float(np.mean((values > low) & (values < high)))


def _measures_by(actor: Actor) -> list[Measure]:
    """Lists the measures of what one actor does to the other."""

    def of_values(name: str, title: str, unit: MeasureUnit, field: str, statistic: Callable) -> Measure:
        return Measure(name, title, actor, unit, lambda one: getattr(one.actors[actor], field), statistic)

    def per_minute(name: str, title: str, events: Callable[[SpeakerEvents], int]) -> Measure:
        return Measure(
            name, title, actor, "1/min", ratio=lambda one: (events(one), one.seconds / 60), events=events
        )

    return [
        per_minute("answers_per_minute", "answers", lambda one: len(one.actors[actor].fto)),
        of_values("fto", "FTO, median", "s", "fto", _median),
        of_values("fto_below_zero", "FTO below 0", "share", "fto", _share_between(-np.inf, 0.0)),
        of_values("fto_below_200ms", "FTO below 200 ms", "share", "fto", _share_between(-np.inf, 0.2)),
        of_values("fto_above_1s", "FTO above 1 s", "share", "fto", _share_between(1.0, np.inf)),
        of_values("cut_in_share", "pauses of the other cut into", "share", "cut_in", _mean),
        per_minute("cut_ins_per_minute", "cut-ins", lambda one: int(one.actors[actor].cut_in.sum())),
        per_minute("overlaps_between_per_minute", "overlaps between", lambda one: one.actors[actor].overlaps_between),
        per_minute("overlaps_within_per_minute", "overlaps within", lambda one: one.actors[actor].overlaps_within),
        Measure(
            "overlap_share", "own speech in overlap", actor, "share",
            ratio=lambda one: (one.overlap, one.actors[actor].speech),
        ),
        per_minute("backchannels_per_minute", "backchannels", lambda one: one.actors[actor].backchannels),
        per_minute("pauses_per_minute", "own pauses", lambda one: len(one.actors[actor].pause)),
        of_values("pause", "own pauses, median", "s", "pause", _median),
    ]  # fmt: skip


def _talk_share(one: SpeakerEvents) -> tuple[float, float]:
    own, other = one.actors["speaker"].talk, one.actors["others"].talk
    return own, own + other


MEASURES: tuple[Measure, ...] = (
    *_measures_by("speaker"),
    *_measures_by("others"),
    Measure("talk_share", "share of the talk", "both", "share", ratio=_talk_share),
    Measure(
        "overlap_seconds_per_minute", "overlap", "both", "s/min",
        ratio=lambda one: (one.overlap, one.seconds / 60),
    ),
)  # fmt: skip
"""All measures, in the order of text and pictures."""
