"""New speakers of a voice before any training: rows of those that it has, units and their language models.

Axes: S speakers, R recordings.
"""

import dataclasses
from collections.abc import Mapping, Sequence
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


def select_speakers(params: Params, config: VoiceConfig, speakers: Sequence[int]) -> Params:
    """Selects the rows of speakers from each table that is indexed by speaker; everything else stays.

    Args:
      params: of a voice.
      config: of the voice.
      speakers: index of the row of each speaker to be; one may stand several times.

    Returns:
      Parameters of the same model for so many speakers; of a voice without speakers, its own.

    Raises:
      BabbleError: the model differs between numbers of speakers in more than the rows of tables.
    """
    count, rows = len(config.speakers), np.array(speakers)
    if not count:
        return params

    def shapes(number: int) -> Params:
        names = tuple(map(str, range(number)))
        own = dataclasses.replace(config, speakers=names, bandwidth=())
        return jax.eval_shape(own.sample_model.init, jax.random.key(0))

    def _select(path: Any, x: Any, own: Any, more: Any) -> Any:
        if x.shape == own.shape == more.shape:
            return x
        if (
            x.shape == own.shape
            and own.shape[1:] == more.shape[1:]
            and (len(x), more.shape[0]) == (count, count + 1)
        ):
            return x[rows]
        name = jax.tree_util.keystr(path, simple=True, separator="/")
        raise BabbleError(
            f"The voice has no rows of speakers that a new one could take ({name} is {x.shape}); adapt another voice."
        )

    return jax.tree_util.tree_map_with_path(_select, params, shapes(count), shapes(count + 1))


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
        own, new = (fit_new_unit_lm(codebook, one) for one in (train, held_out))
    names = voice.config.speakers or (voice.name,)
    candidates = []
    for speaker in range(len(names)):
        models = None
        if codebook is not None and own is not None and voice.unit_models is not None:
            silence_unit = voice.unit_models.unit_lms[speaker].silence_unit
            models = UnitModels(codebook, (dataclasses.replace(own, silence_unit=silence_unit),))
        params = select_speakers(voice.params, voice.config, [speaker])
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


def make_new_speakers(voice: PretrainedVoice, task: VoiceTask, rows: Mapping[str, str]) -> PretrainedVoice:
    """Makes the voice that a training of new speakers starts from.

    The units are those of the voice. Their normalization and the median pitch of each new speaker are fitted on its own
    recordings of the training split, and so is its unit language model; silence has the unit that it has for the
    speaker whose row is taken.

    Args:
      voice: the voice.
      task: whose data set holds the new speakers, and whose voice is theirs.
      rows: by new speaker, the speaker of the voice whose row it takes.

    Returns:
      The voice of the new speakers; its card says what voice it was made from.

    Raises:
      BabbleError: a new speaker has no row, the voice lacks a speaker, its model takes no other speakers, or there is
        no speech of a speaker.
    """
    names = task.voice.speakers
    if absent := sorted(set(names) - rows.keys()):
        raise BabbleError(
            f"{task.config.dataset}: has the speaker {absent[0]}, for whom no speaker of the voice {voice.name} is "
            "named; name the one whose row it takes."
        )
    numbers = [voice.index_of(rows[name]) or 0 for name in names]
    card = {
        "temperature": voice.temperature,
        "adapted_from": {**describe_base(voice), "speakers": {name: rows[name] for name in names}},
    }
    return PretrainedVoice(
        task.voice,
        select_speakers(voice.params, voice.config, numbers),
        voice.name,
        None if voice.unit_models is None else _fit_units(voice.unit_models, task, numbers),
        card,
    )


def _fit_units(unit_models: UnitModels, task: VoiceTask, numbers: list[int]) -> UnitModels:
    """Fits the units of new speakers to the centroids of a voice.

    Args:
      unit_models: of the voice.
      task: whose data set holds the new speakers.
      numbers: [S] index of the speaker of the voice whose row each takes.
    """
    train = task.recordings("train")
    codebooks, unit_lms = [], []
    for speaker, number in enumerate(numbers):
        own = train.select(np.flatnonzero(train.speakers == speaker).tolist())
        codebook = fit_new_codebook(unit_models, own)
        silence_unit = unit_models.unit_lms[number].silence_unit
        unit_lms.append(dataclasses.replace(fit_new_unit_lm(codebook, own), silence_unit=silence_unit))
        codebooks.append(codebook)
    of_speakers = (
        np.concatenate([getattr(one, name) for one in codebooks])
        for name in ("mean", "deviation", "median_f0")
    )
    return UnitModels(Codebook(unit_models.codebook.centroids, *of_speakers), tuple(unit_lms))


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


def fit_new_unit_lm(codebook: Codebook, recordings: Recordings) -> UnitLM:
    """Fits the unit language model of a new speaker.

    Args:
      codebook: of the speaker alone, as `fit_new_codebook` fits it.
      recordings: of the speaker alone.

    Raises:
      BabbleError: there is no speech in them.
    """
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


def describe_base(voice: PretrainedVoice) -> dict[str, Any]:
    """Says for a card what voice was adapted: its name, source, licence and updates."""
    facts = {name: voice.card[name] for name in ("source", "licence", "steps") if name in voice.card}
    return {"voice": voice.name, **facts}
