"""What a prediction may know of a conversation at a moment, as numbers.

Axes: N offsets of one conversation, F columns. Times are seconds, float64.

The *holder* is the speaker at whose end the floor was, the *taker* the one whose offset is predicted. Every
column is of what `heard` says of the two at one moment, and of earlier offsets; none is of the taker's coming
turn. Which moment, and how much of the taker was heard by it, is the mode's matter (`history`).
"""

import dataclasses

import numpy as np

from babble_jax.timing.prediction.speaker_history import SpeakerHistory

COVARIATES: dict[str, tuple[str, ...]] = {
    "ipu_duration": ("log_ipu",),
    "turn_duration": ("log_turn",),
    "pauses": ("log_holder_silence", "last_pause", "has_pause", "log_previous_spurt"),
    "taker_silence": ("log_taker_silence", "taker_speaking", "taker_never"),
    "taker_spurt": ("log_taker_spurt",),
    "type": ("brief",),
    "rate": ("log_segments", "log_rate"),
    "last_segment": ("log_last_segment",),
    "laughter": ("holder_laughs", "laughter_share", "taker_laughs"),
    "earlier_offsets": ("holder_offset", "taker_offset", "holder_offset_known", "taker_offset_known"),
    "time": ("log_time",),
    "floor_share": ("share", "log_spoken"),
}
"""Each covariate and its columns."""

COLUMNS = tuple(column for columns in COVARIATES.values() for column in columns)
"""The F columns in their order."""


@dataclasses.dataclass(frozen=True, eq=False)
class Earlier:
    """Earlier offsets at each of N moments: the last one that the holder made, and the last one of the taker.

    Attributes:
      holder: seconds; NaN where there is none.
      taker: the same.
      turn_start: when the holder took the floor, as far as it is known; NaN where it is not.
    """

    holder: np.ndarray
    taker: np.ndarray
    turn_start: np.ndarray


def covariates(
    moment: np.ndarray, start: np.ndarray, holder: SpeakerHistory, taker: SpeakerHistory, earlier: Earlier
) -> np.ndarray:
    """[N, F] float32 in the order of `COLUMNS`, each finite and of the order of 1.

    Args:
      moment: [N] seconds.
      start: [N] seconds, the beginning of the observed window.
      holder: heard by the moment.
      taker: heard by the moment, without the coming turn.
      earlier: known by the moment.
    """

    def log(seconds: np.ndarray, floor: float = 0.05) -> np.ndarray:
        return np.log(np.clip(seconds, floor, 60.0))

    ipu = np.where(np.isfinite(holder.start), moment - holder.start, 0)
    turn = np.where(np.isnan(earlier.turn_start), ipu, moment - earlier.turn_start)
    silence = np.where(np.isfinite(taker.end), moment - taker.end, moment - start)
    pause = np.where(np.isfinite(holder.before_end), holder.start - holder.before_end, 60.0)
    own = holder.start - taker.end  # above 0: the taker has been silent since before this spurt
    spoken = holder.spoken + taker.spoken
    columns = {
        "log_ipu": log(ipu),
        "log_turn": log(turn),
        "log_holder_silence": log(np.where(np.isfinite(holder.end), moment - holder.end, 60.0)),
        "last_pause": log(pause),
        "has_pause": pause < np.where(np.isfinite(own), own, np.inf),
        "log_previous_spurt": log(
            np.where(np.isfinite(holder.before_end), holder.before_end - holder.before_start, 0)
        ),
        "log_taker_silence": log(silence),
        "taker_speaking": taker.speaking,
        "taker_never": ~np.isfinite(taker.end),
        "log_taker_spurt": log(np.where(np.isfinite(taker.end), taker.end - taker.start, 0)),
        "brief": (ipu <= 1.0) & (pause >= 1.0),
        "log_segments": np.log1p(holder.segments),
        "log_rate": np.log1p(holder.segments / np.maximum(ipu, 0.1)),
        "log_last_segment": log(holder.last),
        "holder_laughs": holder.last_laughter,
        "laughter_share": holder.laughed / np.maximum(holder.segments, 1),
        "taker_laughs": taker.last_laughter & (silence < 2.0),
        "holder_offset": np.arcsinh(np.nan_to_num(earlier.holder) / 0.3),
        "taker_offset": np.arcsinh(np.nan_to_num(earlier.taker) / 0.3),
        "holder_offset_known": ~np.isnan(earlier.holder),
        "taker_offset_known": ~np.isnan(earlier.taker),
        "log_time": np.log1p(np.maximum(moment - start, 0) / 30),
        "share": taker.spoken / np.maximum(spoken, 1.0),
        "log_spoken": np.log1p(spoken / 10),
    }
    return np.stack([np.asarray(columns[name], np.float32) for name in COLUMNS], axis=-1)
