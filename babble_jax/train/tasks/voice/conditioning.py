"""Makes the features of a batch from the activity and the sound of its recordings.

Axes: N top frames, C features, K intervals.
"""

from pathlib import Path

import numpy as np

from babble_jax.audio.pcm import from_int16
from babble_jax.audio.units import UnitSequence, frame_index
from babble_jax.dataset.source import Recordings
from babble_jax.dataset.tbptt import LocalFeatures
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.train.config import TrainConfig
from babble_jax.voice.conditioning.unit_models import (
    UnitModels,
    dedup,
    fit_unit_models,
    load_unit_models,
    save_unit_models,
)


def load_or_fit_units(config: TrainConfig, recordings: Recordings, workdir: Path) -> UnitModels | None:
    """Loads the unit models of the run, or takes those of the voice that it starts from, or fits new ones.

    Args:
      config: config of the run.
      recordings: recordings of the training split.
      workdir: folder of the run; `units.safetensors` in it is read, or else written.

    Returns:
      The unit models; None for a voice without units.

    Raises:
      BabbleError: the file belongs to another voice, or the data set does not say where its recordings speak.
    """
    if not config.voice.units:
        return None
    path = workdir / "units.safetensors"
    if path.is_file():
        return load_unit_models(path, config.voice.units, len(config.voice.speakers))
    models = None if config.init_from is None else load_voice(Path(config.init_from)).unit_models
    if models is None:
        models = fit_unit_models(
            config.voice.units,
            recordings.lengths,
            recordings.speakers,
            _require_activity(config, recordings),
            lambda i: from_int16(recordings.read(i)),
            recordings.sample_rate,
        )
    save_unit_models(models, path)
    return models


def batch_conditioning(
    config: TrainConfig, recordings: Recordings, unit_models: UnitModels | None
) -> LocalFeatures | None:
    """Makes the functions that compute the features of recordings; None for a voice without features.

    Args:
      config: config of the run.
      recordings: recordings that batches are made of.
      unit_models: codebook and unit language models, for a voice with units.

    Raises:
      BabbleError: the data set does not say where its recordings speak.
    """
    voice = config.voice
    if not voice.local:
        return None
    active, frame = _require_activity(config, recordings), voice.sample_model.frame

    def of_recording(i: int) -> np.ndarray:
        middles = voice.frame_middles(0, -(-int(recordings.lengths[i]) // frame))
        units = None
        if unit_models is not None:
            units = conditioned_units(unit_models, recordings, i, active[i]).take(frame_index(middles))
        return voice.features(active[i], middles, units)

    def of_silence(i: int) -> np.ndarray:
        units = None
        if unit_models is not None:
            unit_lm = unit_models.unit_lms[int(recordings.speakers[i])]
            units = UnitSequence.from_frames(unit_lm.silence(1))
        return voice.features(np.zeros((0, 2)), np.zeros(1), units)[0]

    return LocalFeatures(frame, voice.sample_model.local, of_recording, of_silence)


def conditioned_units(
    unit_models: UnitModels, recordings: Recordings, i: int, active: np.ndarray
) -> UnitSequence:
    """Encodes a recording to the units, pitch and level that a voice is conditioned on.

    Args:
      unit_models: codebook and unit language models.
      recordings: the recordings.
      i: number of the recording.
      active: [K, 2] seconds in which it speaks.

    Returns:
      Frames of 10 ms.
    """
    audio, speaker = from_int16(recordings.read(i)), int(recordings.speakers[i])
    units = unit_models.codebook.encode_recording(audio, recordings.sample_rate, speaker)
    return dedup(units, active, unit_models.unit_lms[speaker].silence_unit)


def _require_activity(config: TrainConfig, recordings: Recordings) -> tuple[np.ndarray, ...]:
    """Returns the intervals of speech of each recording, [K, 2] seconds, or raises BabbleError."""
    if recordings.active is None:
        raise BabbleError(
            f"{config.dataset}: does not say where its recordings speak; make the data set from sound files with "
            "`babble dataset`, or train a voice that is not conditioned on when to speak."
        )
    return recordings.active
