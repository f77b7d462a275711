"""Measures one conversation, or many pooled: durations of each event, statistics of floor-transfer offsets (FTOs).

Axes: N IPUs, V events of one kind, M FTOs. Times are seconds, float64.
"""

from typing import Any

import numpy as np

from babble_jax.timing.events.ipu import Definitions, Ipus, backchannels
from babble_jax.timing.events.runs import Kind, Transitions, transitions

EVENTS = ("ipu", *(kind.name.lower() for kind in Kind if kind != Kind.MIXED), "backchannel")
"""Events that have a rate and a duration; mixed transitions are in no rate."""
FTO_STATISTICS = ("n", "median", "mean", "sd", "below_zero", "below_200ms", "above_1s")
"""Statistics of FTOs: their number, moments in seconds, and shares."""
FEWEST_SPEAKERS = 2
"""People who are heard in a conversation; a recording of fewer is a monologue."""


def is_dialogue(units: Ipus) -> bool:
    """Tells whether at least two speakers have an IPU."""
    return len(np.unique(units.speaker)) >= FEWEST_SPEAKERS


def event_durations(
    units: Ipus, definitions: Definitions, between_solos: Transitions | None = None
) -> dict[str, np.ndarray]:
    """Computes the durations of each kind of event of one conversation, [V] seconds by the names of `EVENTS`.

    Args:
      units: IPUs of the conversation.
      definitions: of the events.
      between_solos: transitions of the conversation, where they were computed before.
    """
    between_solos = transitions(units) if between_solos is None else between_solos
    length = between_solos.end - between_solos.start
    kinds = {kind.name.lower(): length[between_solos.kind == kind] for kind in Kind if kind != Kind.MIXED}
    return {"ipu": units.duration, **kinds, "backchannel": units.duration[backchannels(units, definitions)]}


def summarize_fto(fto: np.ndarray) -> dict[str, Any]:
    """Computes `FTO_STATISTICS` of `fto`, [M] seconds; all but the number are None where there is none."""
    if not len(fto):
        return {"n": 0, **dict.fromkeys(FTO_STATISTICS[1:])}
    shares = [(fto < 0).mean(), (fto < 0.2).mean(), (fto > 1).mean()]
    statistics = [np.median(fto), fto.mean(), fto.std(), *shares]
    values = zip(FTO_STATISTICS[1:], statistics, strict=True)
    return {"n": len(fto), **{name: float(value) for name, value in values}}
