"""Makes the features of a batch from the activity and the sound of its recordings.

Axes: N top frames, C features, K intervals.
"""

import contextlib
import sys
from pathlib import Path

import numpy as np

from babble_jax.audio.mel_spectrogram import LOWEST, MelConfig
from babble_jax.audio.units import UnitSequence, frame_index
from babble_jax.dataset.source import Recordings
from babble_jax.dataset.tbptt import LocalFeatures
from babble_jax.errors import BabbleError
from babble_jax.locks import wait_for_lock
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.first_pass import UNITS, fit_units, run_first_pass
from babble_jax.train.tasks.voice.predicted_mel import PredictedMel, open_predicted_mel
from babble_jax.train.tasks.voice.stored_units import open_units
from babble_jax.voice.conditioning.mel import SampledMel, upsample_mel
from babble_jax.voice.conditioning.unit_models import UnitModels, load_unit_models, save_unit_models
from babble_jax.voice.config import MEL, VoiceConfig


def load_or_fit_units(
    config: VoiceTrainConfig,
    voice: VoiceConfig,
    recordings: Recordings,
    workdir: Path,
    validation: Recordings | None = None,
) -> UnitModels | None:
    """Loads the unit models of the run, or takes those of the voice that it starts from, or fits new ones.

    Args:
      config: config of the run.
      voice: config of the voice that is trained.
      recordings: recordings of the training split.
      workdir: folder of the run; `UNITS` in it is read, or else written.
      validation: recordings of another split, whose units will be needed, too.

    Returns:
      The unit models; None for a voice without units.

    Raises:
      BabbleError: the file belongs to another voice, the data set does not say where its recordings speak, or it has
        several speakers that the voice does not tell apart.
    """
    if not voice.units:
        return None
    _require_activity(config, recordings)
    if int(recordings.speakers.max()) >= max(1, len(voice.speakers)):
        raise BabbleError(
            f"{config.dataset}: has several speakers, each with units of their own; train with --by-speaker."
        )
    with contextlib.ExitStack() as stack:
        if workdir.is_dir():  # of several processes of a run one fits, and the others wait for it
            lock = workdir / f".{UNITS}.lock"
            stack.enter_context(wait_for_lock(lock, lambda holder: _report_waiting(workdir / UNITS, holder)))
        return _load_or_fit_units(config, voice, recordings, workdir, validation)


def _report_waiting(path: Path, holder: str) -> None:
    print(f"{path}: waiting for {holder}.", file=sys.stderr, flush=True)


def _load_or_fit_units(
    config: VoiceTrainConfig,
    voice: VoiceConfig,
    recordings: Recordings,
    workdir: Path,
    validation: Recordings | None,
) -> UnitModels:
    """Does what `load_or_fit_units` says, with the same arguments, in one process at a time."""
    path, speakers = workdir / UNITS, len(voice.speakers)
    models = load_unit_models(path, voice.units, speakers) if path.is_file() else None
    if models is None and config.init_from is not None:
        models = load_voice(Path(config.init_from)).unit_models
        if models is not None:
            save_unit_models(models, path)
    splits = [recordings] if validation is None else [recordings, validation]
    run_first_pass(config.dataset, splits, voice.units, workdir)
    if models is None and path.is_file():
        models = load_unit_models(path, voice.units, speakers)
    return fit_units(voice.units, recordings, workdir) if models is None else models


def batch_conditioning(
    config: VoiceTrainConfig,
    voice: VoiceConfig,
    recordings: Recordings,
    unit_models: UnitModels | None,
    workdir: Path | None = None,
) -> LocalFeatures | None:
    """Makes the functions that compute the features of recordings; None for a voice without features.

    Args:
      config: config of the run.
      voice: config of the voice that is trained.
      recordings: recordings that batches are made of.
      unit_models: codebook and unit language models, for a voice with units.
      workdir: folder of the run, where the units of the recordings are stored if the data set's may not be written.

    Raises:
      BabbleError: the data set does not say where its recordings speak.
    """
    frame = voice.sample_model.frame
    if voice.mel is not None:
        predicted = None
        if config.synthesizer is not None and config.labelled is not None:
            predicted = open_predicted_mel(
                config.synthesizer, config.labelled, recordings, voice.mel, workdir
            )
        return _mel_features(voice, voice.mel, predicted)
    if not voice.local:
        return None
    active = _require_activity(config, recordings)

    units = None if unit_models is None else open_units(unit_models, recordings, workdir)

    def of_frames(i: int, samples: np.ndarray, index: np.ndarray) -> np.ndarray:
        middles = (index + 0.5) * (frame / voice.sample_rate)
        return voice.features(
            active[i], middles, None if units is None else units.take(i, frame_index(middles))
        )

    def of_silence(i: int) -> np.ndarray:
        silence = None
        if unit_models is not None:
            unit_lm = unit_models.unit_lms[int(recordings.speakers[i])]
            silence = UnitSequence.from_frames(unit_lm.silence(1))
        return voice.features(np.zeros((0, 2)), np.zeros(1), silence)[0]

    return LocalFeatures(frame, voice.sample_model.local, of_frames, of_silence)


def _mel_features(voice: VoiceConfig, mel: MelConfig, predicted: PredictedMel | None) -> LocalFeatures:
    """Makes the functions that compute the mel spectrogram of recordings from their samples, where they are read.

    Args:
      voice: config of the voice.
      mel: settings of the spectrogram.
      predicted: spectrograms that take the place of those of the samples; None for none.
    """
    frame = voice.sample_model.frame

    def of_frames(i: int, samples: np.ndarray, index: np.ndarray) -> np.ndarray:
        middles = (index + 0.5) * (frame / voice.sample_rate)
        if predicted is None:
            return voice.rows({MEL: upsample_mel(SampledMel(samples, mel), middles)})
        stored = predicted.frames(i)
        return voice.rows({MEL: upsample_mel(stored, middles - stored.onset)})

    def of_silence(i: int) -> np.ndarray:
        return voice.rows({MEL: np.full((1, mel.bands), LOWEST, np.float32)})[0]

    return LocalFeatures(frame, voice.sample_model.local, of_frames, of_silence)


def _require_activity(config: VoiceTrainConfig, recordings: Recordings) -> tuple[np.ndarray, ...]:
    """Returns the intervals of speech of each recording, [K, 2] seconds, or raises BabbleError."""
    if recordings.active is None:
        raise BabbleError(
            f"{config.dataset}: does not say where its recordings speak; make the data set from sound files with "
            "`babble dataset`, or train a voice that is not conditioned on when to speak."
        )
    return recordings.active
