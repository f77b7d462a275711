"""Tiny trainings from a folder of recordings: what they show and write; killed at any moment they resume to the bit."""

import jax
import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.pretrained.synthesizer import load_synthesizer
from babble_jax.track.jsonl import read_metrics
from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.labelled.training import train_labelled
from babble_jax.train.tasks.tacotron.config import TacotronTrainConfig
from babble_jax.train.tasks.tacotron.task import TacotronTask
from tests.dataset.labelled.folders import festival, write_tone, xlabel
from tests.tacotron import tiny
from tests.train.tasks.killed_training import check_killed_training

LOG = LogConfig(every=1, evaluate_every=2, evaluate_recordings=0, save_every=1)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    return festival(tmp_path_factory.mktemp("speech") / "voice", count=8)


@pytest.mark.slow
@pytest.mark.parametrize("kind", tiny.MODELS)
def test_a_training_writes_the_model_pictures_and_sound_and_goes_on_as_if_unbroken(
    kind, recordings, tmp_path
):
    unbroken, parts = tmp_path / "one", tmp_path / "two"
    report = train_labelled(TacotronTask, tiny.train_config(recordings, kind), unbroken, 2, LOG)
    assert report.step == 2
    assert {"loss", "error_db", "stop", "attention_focus", "attention_on_phones"} <= report.metrics.keys()
    assert 0 < report.metrics["attention_on_phones"] < 1
    media = sorted(path.name.split("-", 1)[1] for path in (unbroken / "media").iterdir())
    assert media == ["attention.png", "copy.wav", "mel.png", "spoken.wav"]
    train_labelled(TacotronTask, tiny.train_config(recordings, kind), parts, 1, LOG)
    train_labelled(TacotronTask, tiny.train_config(recordings, kind), parts, 2, LOG)
    one, two = (load_synthesizer(folder) for folder in (unbroken, parts))
    jax.tree.map(np.testing.assert_array_equal, one.params, two.params)
    assert one.card["steps"] == 2
    assert one.config.inputs.symbols == ("pau", "a", "n")
    losses = [line["train/loss"] for line in read_metrics(unbroken / "metrics.jsonl") if "train/loss" in line]
    assert len(losses) == 2
    assert np.all(np.isfinite(losses))
    started = train_labelled(
        TacotronTask, tiny.train_config(recordings, kind, init_from=str(unbroken)), tmp_path / "three", 1, LOG
    )
    assert started.step == 1


@pytest.mark.slow
def test_a_training_that_is_killed_is_the_unbroken_one_to_the_bit(recordings, tmp_path):
    check_killed_training(recordings, tmp_path, "tacotron", ((5, False), (14, True)), "synthesizer")


@pytest.mark.slow
def test_folders_name_speakers_and_languages(tmp_path):
    for number, voice in enumerate(("ru/ann", "ru/bob", "en/cy")):
        write_tone(tmp_path / "all" / voice / "one.wav", pitch=200 + 30 * number)
        (tmp_path / "all" / voice / "one.lab").write_text(xlabel(), "utf-8")
    task_config = tiny.train_config(tmp_path / "all", by_language=True, by_speaker=True, by_prosody=False)
    report = train_labelled(TacotronTask, task_config, tmp_path / "run", 1, LOG)
    inputs = load_synthesizer(report.export).config.inputs
    assert inputs.languages == ("en", "ru")
    assert inputs.speakers == ("ann", "bob", "cy")


def test_what_cannot_be_trained_on_is_said(recordings, tmp_path):
    with pytest.raises(BabbleError, match="no folder of a speaker"):
        train_labelled(TacotronTask, tiny.train_config(recordings, by_speaker=True), tmp_path / "a", 1, LOG)
    with pytest.raises(BabbleError, match="no recordings are named"):
        train_labelled(TacotronTask, TacotronTrainConfig(), tmp_path / "b", 1, LOG)
    texts = tmp_path / "texts"
    write_tone(texts / "one.wav")
    (texts / "one.txt").write_text("ana", "utf-8")
    with pytest.raises(BabbleError, match="have no times"):
        train_labelled(TacotronTask, tiny.train_config(texts), tmp_path / "c", 1, LOG)
