"""Computes covariates of a prediction: a conversation's past at a moment, as numbers.

Axes: N FTOs of one conversation, F columns. Times are seconds, float64.

The *holder* is the speaker at whose end the floor was, the *taker* the one whose FTO is predicted. Every
column depends on the histories of the two at one moment (`speaker_history`) and on earlier FTOs; none depends on the
taker's coming turn. The mode decides the moment, and up to where the taker's speech counts (`history`).
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
    "earlier_offsets": ("holder_fto", "taker_fto", "has_holder_fto", "has_taker_fto"),
    "time": ("log_time",),
    "floor_share": ("share", "log_speech"),
}
"""Each covariate and its columns."""

COLUMNS = tuple(column for columns in COVARIATES.values() for column in columns)
"""The F columns in their order."""


@dataclasses.dataclass(frozen=True, eq=False)
class EarlierOffsets:
    """The last FTO of the holder and the last one of the taker before each of N moments.

    Attributes:
      holder: [N] seconds; NaN where there is none.
      taker: [N] seconds; NaN where there is none.
      turn_start: [N] when the holder took the floor, if that is certain by the moment; NaN where it is not.
    """

    holder: np.ndarray
    taker: np.ndarray
    turn_start: np.ndarray


def compute_covariates(
    moment: np.ndarray,
    start: np.ndarray,
    holder: SpeakerHistory,
    taker: SpeakerHistory,
    earlier: EarlierOffsets,
) -> np.ndarray:
    """Computes [N, F] float32 in the order of `COLUMNS`, each finite and of the order of 1.

    Args:
      moment: [N] seconds.
      start: [N] seconds, the beginning of the observed window.
      holder: at the moments.
      taker: at the moments, without the coming turn.
      earlier: FTOs that are certain by the moments.
    """

    def log(seconds: np.ndarray) -> np.ndarray:
        return np.log(np.clip(seconds, 0.05, 60.0))

    ipu = np.where(np.isfinite(holder.spurt_start), moment - holder.spurt_start, 0)
    turn = np.where(np.isnan(earlier.turn_start), ipu, moment - earlier.turn_start)
    silence = np.where(np.isfinite(taker.end), moment - taker.end, moment - start)
    pause = np.where(np.isfinite(holder.previous_end), holder.spurt_start - holder.previous_end, 60.0)
    own = holder.spurt_start - taker.end  # above 0: the taker has been silent since before this spurt
    speech = holder.speech + taker.speech
    columns = {
        "log_ipu": log(ipu),
        "log_turn": log(turn),
        "log_holder_silence": log(np.where(np.isfinite(holder.end), moment - holder.end, 60.0)),
        "last_pause": log(pause),
        "has_pause": pause < np.where(np.isfinite(own), own, np.inf),
        "log_previous_spurt": log(
            np.where(np.isfinite(holder.previous_end), holder.previous_end - holder.previous_start, 0)
        ),
        "log_taker_silence": log(silence),
        "taker_speaking": taker.speaking,
        "taker_never": ~np.isfinite(taker.end),
        "log_taker_spurt": log(np.where(np.isfinite(taker.end), taker.end - taker.spurt_start, 0)),
        "brief": (ipu <= 1.0) & (pause >= 1.0),
        "log_segments": np.log1p(holder.segments),
        "log_rate": np.log1p(holder.segments / np.maximum(ipu, 0.1)),
        "log_last_segment": log(holder.last_duration),
        "holder_laughs": holder.last_laughter,
        "laughter_share": holder.laughter_segments / np.maximum(holder.segments, 1),
        "taker_laughs": taker.last_laughter & (silence < 2.0),
        "holder_fto": np.arcsinh(np.nan_to_num(earlier.holder) / 0.3),
        "taker_fto": np.arcsinh(np.nan_to_num(earlier.taker) / 0.3),
        "has_holder_fto": ~np.isnan(earlier.holder),
        "has_taker_fto": ~np.isnan(earlier.taker),
        "log_time": np.log1p(np.maximum(moment - start, 0) / 30),
        "share": taker.speech / np.maximum(speech, 1.0),
        "log_speech": np.log1p(speech / 10),
    }
    return np.stack([np.asarray(columns[name], np.float32) for name in COLUMNS], axis=-1)
