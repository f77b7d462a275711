"""A unbroken training of tiny models from a folder of recordings: what it shows, writes, and that it goes on."""

import dataclasses

import jax
import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.pretrained.synthesizer import load_synthesizer
from babble_jax.track.jsonl import read_metrics
from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.tacotron.config import TacotronTrainConfig
from babble_jax.train.tasks.tacotron.training import train_tacotron
from tests.dataset.labelled.folders import festival, write_tone, xlabel
from tests.tacotron import tiny

LOG = LogConfig(every=1, evaluate_every=2, evaluate_recordings=0, save_every=1)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    return festival(tmp_path_factory.mktemp("speech") / "voice", count=8)


def config(recordings, kind="tacotron2", **options):
    values = {"batch_size": 4, "by_prosody": True, "seed": 3} | options
    mel = dataclasses.replace(tiny.config().mel, sample_rate=16000, fourier=512, window=400, hop=160)
    return TacotronTrainConfig(recordings=str(recordings), model=tiny.MODELS[kind], mel=mel, **values)


@pytest.mark.slow
@pytest.mark.parametrize("kind", tiny.MODELS)
def test_a_training_writes_the_model_pictures_and_sound_and_goes_on_as_if_unbroken(
    kind, recordings, tmp_path
):
    unbroken, parts = tmp_path / "one", tmp_path / "two"
    report = train_tacotron(config(recordings, kind), unbroken, 2, LOG)
    assert report.step == 2
    assert {"loss", "error_db", "stop", "attention_focus", "attention_on_phones"} <= report.metrics.keys()
    assert 0 < report.metrics["attention_on_phones"] < 1
    media = sorted(path.name.split("-", 1)[1] for path in (unbroken / "media").iterdir())
    assert media == ["attention.png", "copy.wav", "mel.png", "spoken.wav"]
    train_tacotron(config(recordings, kind), parts, 1, LOG)
    train_tacotron(config(recordings, kind), parts, 2, LOG)
    one, two = (load_synthesizer(folder) for folder in (unbroken, parts))
    jax.tree.map(np.testing.assert_array_equal, one.params, two.params)
    assert one.card["steps"] == 2
    assert one.config.inputs.symbols == ("pau", "a", "n")
    losses = [line["train/loss"] for line in read_metrics(unbroken / "metrics.jsonl") if "train/loss" in line]
    assert len(losses) == 2
    assert np.all(np.isfinite(losses))
    started = train_tacotron(config(recordings, kind, init_from=str(unbroken)), tmp_path / "three", 1, LOG)
    assert started.step == 1


@pytest.mark.slow
def test_folders_name_speakers_and_languages(tmp_path):
    for number, voice in enumerate(("ru/ann", "ru/bob", "en/cy")):
        write_tone(tmp_path / "all" / voice / "one.wav", pitch=200 + 30 * number)
        (tmp_path / "all" / voice / "one.lab").write_text(xlabel(), "utf-8")
    task_config = config(tmp_path / "all", by_language=True, by_speaker=True, by_prosody=False)
    report = train_tacotron(task_config, tmp_path / "run", 1, LOG)
    inputs = load_synthesizer(report.synthesizer).config.inputs
    assert inputs.languages == ("en", "ru")
    assert inputs.speakers == ("ann", "bob", "cy")


def test_what_cannot_be_trained_on_is_said(recordings, tmp_path):
    with pytest.raises(BabbleError, match="no folder of a speaker"):
        train_tacotron(config(recordings, by_speaker=True), tmp_path / "a", 1, LOG)
    with pytest.raises(BabbleError, match="no recordings are named"):
        train_tacotron(TacotronTrainConfig(), tmp_path / "b", 1, LOG)
    texts = tmp_path / "texts"
    write_tone(texts / "one.wav")
    (texts / "one.txt").write_text("ana", "utf-8")
    with pytest.raises(BabbleError, match="have no times"):
        train_tacotron(config(texts), tmp_path / "c", 1, LOG)
