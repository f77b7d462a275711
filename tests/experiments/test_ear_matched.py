"""An ear through other microphones: the filter, what is counted, and what the page says of it."""

import dataclasses
import json

import numpy as np
import pytest

from babble_jax.ear.matching import SPECTRUM_KEY
from babble_jax.pretrained.ear import save_ear
from experiments.ear.ear_matched import EXPERIMENT
from experiments.pipelines import ear_matched
from experiments.report.catalogue import Entry
from experiments.report.ear_matched import section_on_matching
from experiments.report.results import Result
from tests.dataset.labelled.folders import festival
from tests.small_ear import make_ear


def test_a_tilt_is_by_the_mel_bands():
    ear = make_ear(bands=80)
    rate = ear.config.sample_rate
    time = np.arange(rate) / rate
    for hertz, decibels in ((50.0, -10.0), (rate / 2 - 50, 10.0)):
        tone = np.sin(2 * np.pi * hertz * time).astype(np.float32)
        louder = ear_matched.tilt_spectrum(tone, ear, 20.0)
        assert 20 * np.log10(louder.std() / tone.std()) == pytest.approx(decibels, abs=0.7)
    assert ear_matched.tilt_spectrum(tone, ear, 0.0) is tone


def test_what_is_matched_is_counted_and_shown(tmp_path, monkeypatch):
    ear = make_ear(("pau", "a", "n"))
    ear.card[SPECTRUM_KEY] = np.linspace(-60, 0, ear.config.bands).tolist()
    save_ear(ear, tmp_path / "ear")
    noise = np.random.default_rng(0).normal(0, 0.1, 4 * ear.config.sample_rate).astype(np.float32)
    monkeypatch.setattr(ear_matched.EarMatchedExperiment, "_sounds", lambda self, ear: {"noise": [noise]})
    folder = festival(tmp_path / "voice", count=24, seconds=3.0)
    experiment = dataclasses.replace(
        EXPERIMENT, ear=str(tmp_path / "ear"), tilts=(0.0, 10.0), folder=str(folder)
    )
    values = json.loads(json.dumps(experiment.run(tmp_path, tmp_path / "result"), allow_nan=False))
    assert [row["tilt"] for row in values["rows"]] == [0, 10]
    assert values["rows"][0]["matched"] == 1
    assert values["rows"][0]["errors"].keys() == values["sounds"]["noise"].keys() == {"off", "auto"}
    entry = Entry("ears", "an ear", "make it")
    text = "\n\n".join(section_on_matching(Result("ear_matched", values | {"commit": "0" * 40}, entry)))
    assert "| white noise | " in text
    assert "None" not in text
    assert section_on_matching(None) == []
