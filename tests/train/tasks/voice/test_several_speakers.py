"""A training of new speakers begins as the speakers of another voice: same bits before any update, others after one."""

import dataclasses

import jax
import numpy as np
import pytest
import soundfile

from babble_jax.audio.units import Codebook
from babble_jax.dataset.recordings import build_from_folders
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import load_voice, save_voice
from babble_jax.train.config import LogConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.tasks.voice.adaptation.speaker import (
    fit_new_codebook,
    make_new_speakers,
    select_speakers,
)
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.trainer import train
from babble_jax.voice.conditioning.unit_models import UnitModels
from tests.small_run import small
from tests.voice.unit_voice import RATE, K, build_unit_voice

SPEAKERS = ("cleo", "dora", "eve")
ROWS = {"cleo": "ben", "dora": "ann", "eve": "ben"}


@pytest.fixture(scope="module")
def base():
    """A tiny voice of ann and ben."""
    card = {"source": "two books", "licence": "CC BY 4.0", "steps": 7}
    return dataclasses.replace(build_unit_voice(), name="pair", card=card)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Three recordings of each new speaker, who differ in pitch and in timbre."""
    folder, time = tmp_path_factory.mktemp("sounds"), np.arange(2 * RATE) / RATE
    for number, name in enumerate(SPEAKERS):
        (folder / name).mkdir()
        for i in range(3):
            f0 = 110 + 45 * number + 6 * i
            tone = sum(np.sin(2 * np.pi * f0 * k * time) / k ** (1 + number / 2) for k in (1, 2, 3))
            sound = 0.1 * tone * (np.sin(2 * np.pi * 0.7 * time) > -0.6)
            soundfile.write(folder / name / f"{i}.wav", sound, RATE, "FLOAT")
    return build_from_folders([folder / name for name in SPEAKERS], folder / "data", RATE, pad=0.1).path


@pytest.fixture(scope="module")
def task(base, dataset):
    return small(dataset, SPEAKERS, by_activity=True, units=K, model=base.config.model)


def bits_of(task, voice, recordings):
    evaluate = task.evaluator(
        device_mesh("jit", 2, jax.local_devices()[:1]), recordings, 2, voice.unit_models
    )
    return evaluate(voice.params).bits


def test_each_has_the_row_that_is_named_and_units_of_its_own(base, task):
    new = make_new_speakers(base, task, ROWS)
    assert new.unit_models is not None
    assert base.unit_models is not None
    assert new.config == task.voice
    jax.tree.map(
        np.testing.assert_array_equal, new.params, select_speakers(base.params, base.config, [1, 0, 1])
    )
    train_split = task.recordings("train")
    np.testing.assert_array_equal(new.unit_models.codebook.centroids, base.unit_models.codebook.centroids)
    for number, name in enumerate(SPEAKERS):
        own = train_split.select(np.flatnonzero(train_split.speakers == number).tolist())
        alone = fit_new_codebook(base.unit_models, own)
        for field in ("mean", "deviation", "median_f0"):
            np.testing.assert_array_equal(
                getattr(new.unit_models.codebook, field)[number], getattr(alone, field)[0]
            )
        row = base.config.speakers.index(ROWS[name])
        assert new.unit_models.unit_lms[number].silence_unit == base.unit_models.unit_lms[row].silence_unit
    first, second, third = new.unit_models.codebook.median_f0
    assert first < second < third
    assert new.card["adapted_from"] == {
        "voice": "pair",
        "source": "two books",
        "licence": "CC BY 4.0",
        "steps": 7,
        "speakers": ROWS,
    }


def test_a_speaker_without_a_row_is_refused(base, task):
    with pytest.raises(
        BabbleError, match=r"has the speaker eve, for whom no speaker of the voice pair is named"
    ):
        make_new_speakers(base, task, {"cleo": "ben", "dora": "ann"})
    with pytest.raises(BabbleError, match=r"voice pair has the speakers: ann, ben; not finn"):
        make_new_speakers(base, task, ROWS | {"eve": "finn"})


def test_bits_are_those_of_the_speaker_of_the_row_until_the_first_update(base, task, tmp_path):
    new = make_new_speakers(base, task, ROWS)
    assert new.unit_models is not None
    recordings = task.recordings("train")
    codebook, old = new.unit_models.codebook, small("unused", base.config.speakers, **fields(task))
    bits = {}
    for number, name in enumerate(SPEAKERS):
        own = np.flatnonzero(recordings.speakers == number).tolist()
        bits[name] = bits_of(task, new, recordings.select(own))
        # The voice of ann and ben, told that its speaker of the row has the cepstra and the pitch of the new one.
        row = base.config.speakers.index(ROWS[name])
        arrays = (np.repeat(getattr(codebook, x)[[number]], 2, 0) for x in ("mean", "deviation", "median_f0"))
        models = UnitModels(Codebook(codebook.centroids, *arrays), base.unit_models.unit_lms)
        renamed = dataclasses.replace(
            recordings,
            speakers=np.full(len(recordings), row, np.int32),
            speaker_names=base.config.speakers,
            fingerprint="",
            folder=None,
        )
        before = dataclasses.replace(base, unit_models=models)
        assert bits[name] == pytest.approx(bits_of(old, before, renamed.select(own)), rel=1e-6)
    assert len(set(bits.values())) == 3

    save_voice(new, tmp_path / "start")
    config = dataclasses.replace(task.config, init_from=str(tmp_path / "start"))
    going = VoiceTask(config, task.properties)
    log = LogConfig(evaluate_every=0, audio_seconds=0)
    after = load_voice(train(going, tmp_path / "run", 1, log).export)
    for number, name in enumerate(SPEAKERS):
        own = np.flatnonzero(recordings.speakers == number).tolist()
        assert bits_of(going, after, recordings.select(own)) != pytest.approx(bits[name], rel=1e-4)
    assert after.unit_models is not None
    for x, y in zip(after.unit_models.unit_lms, new.unit_models.unit_lms, strict=True):
        np.testing.assert_array_equal(x.units, y.units)


def fields(task):
    """The options of the voice of a task."""
    return {name: getattr(task.config, name) for name in ("by_activity", "units", "model")}
