"""Measures in a delivered file where each turn is, by cross-correlation with the turn as it was rendered.

Axes: T samples, C channels, N IPUs, M floor transfers.
"""

import dataclasses

import numpy as np
import scipy.signal

from babble_jax.dialogue.render import Rendering
from babble_jax.timing.events import Definitions, floor_transfers, ipus

REACH_SECONDS = 0.05
"""Around the requested time in which a turn is looked for: longer than any codec delays."""


@dataclasses.dataclass(frozen=True, eq=False)
class TransferTimes:
    """Floor transfers of one stimulus, in the order of their onsets.

    Attributes:
      previous: [M] int64, row of the IPU before, in the order of the placement.
      incoming: [M] int64, row of the IPU that takes the floor.
      requested: [M] seconds, offset in the plan.
      measured: [M] seconds, offset in the file.
    """

    previous: np.ndarray
    incoming: np.ndarray
    requested: np.ndarray
    measured: np.ndarray

    @property
    def worst_error(self) -> float:
        """The largest difference between measured and requested offset, seconds; 0 where there is no transfer."""
        return float(np.max(np.abs(self.measured - self.requested), initial=0.0))


def locate_turns(audio: np.ndarray, rendering: Rendering) -> np.ndarray:
    """Measures the onset of each IPU.

    Args:
      audio: [T, C] of the file at the rate of the rendering: one channel for each speaker, or one for all.
      rendering: the stimulus.

    Returns:
      [N] float64 seconds, between samples, in the order of the placement.
    """
    placement = rendering.placement
    onsets = np.zeros(len(placement.first))
    for row, (first, speaker) in enumerate(zip(placement.first, placement.speaker, strict=True)):
        channel = audio[:, min(int(speaker), audio.shape[1] - 1)]
        onsets[row] = locate(channel, rendering.waveform(row), int(first), placement.rate)
    return onsets


def locate(channel: np.ndarray, waveform: np.ndarray, expected: int, rate: int) -> float:
    """Finds the onset of a waveform in a channel by the maximum of their cross-correlation.

    Args:
      channel: [T] float.
      waveform: [T'] float.
      expected: sample around which it is looked for.
      rate: Hz.

    Returns:
      seconds; between samples by a parabola through the three values around the maximum.
    """
    reach = round(REACH_SECONDS * rate)
    start = expected - reach
    end = expected + len(waveform) + reach
    part = np.pad(
        channel[max(start, 0) : min(end, len(channel))],
        (max(-start, 0), max(end - max(len(channel), start), 0) if start < len(channel) else end - start),
    )
    correlation = scipy.signal.correlate(
        part.astype(np.float64), waveform.astype(np.float64), "valid", method="fft"
    )
    peak = int(np.argmax(correlation))
    shift = 0.0
    if 0 < peak < len(correlation) - 1:
        before, at, after = correlation[peak - 1 : peak + 2].tolist()
        curvature = before - 2 * at + after
        shift = 0.5 * (before - after) / curvature if curvature < 0 else 0.0
    return (start + peak + shift) / rate


def measure_transfers(
    rendering: Rendering, onsets: np.ndarray, definitions: Definitions, turns: int | None
) -> TransferTimes:
    """Measures the offset of each floor transfer.

    Args:
      rendering: the stimulus.
      onsets: [N] seconds, see `locate_turns`.
      definitions: of the events.
      turns: number of turns of an exact design, where each turn follows the one before; None for the floor transfers of
        the definitions, at level ipu.
    """
    placement, request = rendering.placement, rendering.request
    row_of = np.zeros(len(placement.source), np.int64)  # by row of the request
    row_of[placement.source] = np.arange(len(placement.source))
    if turns is None:
        transfers = floor_transfers(ipus(request, definitions), "ipu", definitions)
        incoming = np.flatnonzero(transfers.defined)
        incoming = incoming[np.argsort(request.onset[incoming], kind="stable")]
        previous, incoming = row_of[transfers.previous[incoming]], row_of[incoming]
    else:
        by_number = np.argsort(placement.number, kind="stable")[:turns]
        previous, incoming = by_number[:-1], by_number[1:]
    ends = onsets + placement.samples / placement.rate
    sources = placement.source
    requested = request.onset[sources[incoming]] - request.end[sources[previous]]
    return TransferTimes(previous, incoming, requested, onsets[incoming] - ends[previous])
