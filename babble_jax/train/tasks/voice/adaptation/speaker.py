"""A new speaker of a voice before any training: the row of the nearest one, units and their language model.

Axes: S speakers, R recordings.
"""

import dataclasses
from typing import Any

import jax
import numpy as np

from babble_jax.audio.units import Codebook, fit_speaker
from babble_jax.dataset.features import count_frames, open_features
from babble_jax.dataset.source import Recordings
from babble_jax.errors import BabbleError
from babble_jax.numerics import fixed_numerics
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.train.devices import device_mesh
from babble_jax.train.tasks.voice.evaluation import subsample
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.voice.conditioning.unit_lm import UnitLM
from babble_jax.voice.conditioning.unit_lm_adaptation import AdaptedUnitLM, adapt_unit_lm
from babble_jax.voice.conditioning.unit_models import UnitModels, fit_unit_lm
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.contract import Params


@dataclasses.dataclass(frozen=True, eq=False)
class NewSpeaker:
    """A new speaker of a voice.

    Attributes:
      voice: of the new speaker alone, with the parameters of the nearest one.
      bits: bits per sample of held-out recordings by the row of each speaker of the voice, the nearest first.
      unit_lm: how the unit language model was adapted; None for a voice without units.
    """

    voice: PretrainedVoice
    bits: dict[str, float]
    unit_lm: AdaptedUnitLM | None


def select_speaker(params: Params, config: VoiceConfig, speaker: int) -> Params:
    """Selects the row of one speaker from each table that is indexed by speaker; everything else stays.

    Args:
      params: of a voice.
      config: of the voice.
      speaker: index.

    Returns:
      Parameters of the same model for one speaker.

    Raises:
      BabbleError: the model differs between numbers of speakers in more than the rows of tables.
    """
    if len(config.speakers) < 2:
        return params
    one = dataclasses.replace(config, speakers=config.speakers[:1], bandwidth=config.bandwidth[:1])
    expected = jax.eval_shape(one.sample_model.init, jax.random.key(0))

    def _select(path: Any, x: Any, shape: Any) -> Any:
        if x.shape == shape.shape:
            return x
        if x.shape[1:] == shape.shape[1:] and (len(x), shape.shape[0]) == (len(config.speakers), 1):
            return x[speaker : speaker + 1]
        name = jax.tree_util.keystr(path, simple=True, separator="/")
        raise BabbleError(
            f"The voice has no rows of speakers that a new one could take ({name} is {x.shape}); adapt another voice."
        )

    return jax.tree_util.tree_map_with_path(_select, params, expected)


def make_new_speaker(voice: PretrainedVoice, task: VoiceTask, recordings: int) -> NewSpeaker:
    """Makes a new speaker of a voice from the recordings of a task: the nearest row, units, their language model.

    Args:
      voice: the voice.
      task: whose data set holds the new speaker alone, and whose voice is that of the new speaker.
      recordings: held-out ones that are measured, at most.

    Raises:
      BabbleError: the voice cannot take a new speaker, or there is no speech in the recordings.
    """
    train, held_out = task.recordings("train"), task.recordings("validation")
    codebook, own, new = None, None, None
    if voice.unit_models is not None:
        codebook = fit_new_codebook(voice.unit_models, train)
        own, new = (_fit_unit_lm(codebook, one) for one in (train, held_out))
    names = voice.config.speakers or (voice.name,)
    candidates = []
    for speaker in range(len(names)):
        models = None
        if codebook is not None and own is not None and voice.unit_models is not None:
            silence_unit = voice.unit_models.unit_lms[speaker].silence_unit
            models = UnitModels(codebook, (dataclasses.replace(own, silence_unit=silence_unit),))
        params = select_speaker(voice.params, voice.config, speaker)
        candidates.append((params, models))
    bits = _measure_bits(task, subsample(held_out, recordings), candidates)
    nearest = int(np.argmin(bits))
    params, models = candidates[nearest]
    adapted = None
    if models is not None and own is not None and new is not None and voice.unit_models is not None:
        adapted = adapt_unit_lm(own, voice.unit_models.unit_lms[nearest], new, models.count)
        models = UnitModels(models.codebook, (adapted.unit_lm,))
    card = {"temperature": voice.temperature}
    start = PretrainedVoice(task.voice, params, voice.name, models, card)
    order = np.argsort(bits, kind="stable").tolist()
    return NewSpeaker(start, {names[i]: bits[i] for i in order}, adapted)


def fit_new_codebook(unit_models: UnitModels, recordings: Recordings) -> Codebook:
    """Fits the normalization and the median pitch of a new speaker to the centroids of a voice.

    Args:
      unit_models: of the voice, which gives its centroids alone.
      recordings: of the new speaker.
    """
    active = _activity(recordings)
    return fit_speaker(
        unit_models.codebook.centroids, active, count_frames(recordings), open_features(recordings)
    )


def _fit_unit_lm(codebook: Codebook, recordings: Recordings) -> UnitLM:
    """Fits the unit language model of the recordings of one speaker."""
    features, frames = open_features(recordings), count_frames(recordings).tolist()
    return fit_unit_lm(
        (codebook.encode_features(features, i, count) for i, count in enumerate(frames)),
        _activity(recordings),
        (recordings.lengths / recordings.sample_rate).tolist(),
    )


def _activity(recordings: Recordings) -> tuple[np.ndarray, ...]:
    """Returns when each recording speaks, which a data set of sound files says."""
    assert recordings.active is not None
    return recordings.active


@fixed_numerics(any_precision=True)
def _measure_bits(
    task: VoiceTask, recordings: Recordings, candidates: list[tuple[Params, UnitModels | None]]
) -> list[float]:
    """Measures bits per sample of recordings with the parameters and the units of each candidate.

    Candidates with the same unit of silence share what is compiled.
    """
    devices = jax.device_count()
    batch_size = -(-min(task.config.batch_size, len(recordings)) // devices) * devices
    mesh = device_mesh(task.config.parallel, batch_size)
    evaluators: dict[int, Any] = {}
    bits = []
    for params, models in candidates:
        unit = -1 if models is None else models.unit_lms[0].silence_unit
        if unit not in evaluators:
            evaluators[unit] = task.evaluator(mesh, recordings, batch_size, models)
        bits.append(evaluators[unit](params).bits)
    return bits
