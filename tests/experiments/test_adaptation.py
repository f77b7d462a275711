"""A voice is adapted and trained from scratch, judged before and after; what is done is not done again."""

import dataclasses
import json

import numpy as np
import pytest
import soundfile

from babble_jax.judge.judgement import MEASURES
from babble_jax.pretrained.pretrained import save_voice
from babble_jax.train.tasks.voice.adaptation import recordings
from experiments.pipelines import adaptation
from experiments.report.adaptation import section_of_adaptation
from experiments.report.catalogue import Entry
from experiments.report.results import Result
from experiments.report.voice_sections import MEASURES as TITLES
from experiments.voice.adapt_asterisk_fr import EXPERIMENT
from tests.voice.unit_voice import RATE, build_unit_voice


def prompt(number, seconds=3.0):
    """A tone with harmonics and pauses, of another pitch for each number."""
    time = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * (120 + 3 * number) * k * time) / k for k in (1, 2, 3))
    return 0.05 * tone * (np.sin(2 * np.pi * 0.7 * time) > -0.6)


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """The experiment with a voice and recordings of seconds."""

    def fetch_recipe(name, folder):
        (folder / name).mkdir(parents=True)
        for number in range(20):
            soundfile.write(folder / name / f"{number:02}.wav", prompt(number), RATE, "FLOAT")

    monkeypatch.setattr(adaptation, "fetch_recipe", fetch_recipe)
    monkeypatch.setattr(adaptation, "SAMPLES", 2)
    monkeypatch.setattr(adaptation, "_REFERENCE_SECONDS", 27.5)
    monkeypatch.setattr(recordings, "LEAST_SPEECH", 4.0)
    save_voice(build_unit_voice(), tmp_path / "pair")
    return dataclasses.replace(
        EXPERIMENT,
        voice=str(tmp_path / "pair"),
        references=("festvox-ru",),
        recorded=(0.2, 0.4),
        minutes=(0.01, 0.02),
        scratch=(0.4,),
        scratch_minutes=(0.01,),
    )


def test_the_reference_has_the_silence_that_a_voice_learns(tiny, tmp_path):
    reference = tiny._own_reference(tmp_path / "work")
    pieces = 9 * 3.4 // 10  # nine prompts, each with 0.2 s of silence at both ends
    assert reference.pieces == pieces
    assert len(list((tmp_path / "work" / "0.2" / "recordings").glob("*.wav"))) == 4  # 12 s
    used = {path.name for path in (tmp_path / "work" / "0.4" / "recordings").glob("*.wav")}
    assert len(used) == 8  # 24 s


@pytest.mark.slow
def test_a_voice_is_adapted_and_judged_before_and_after(tiny, tmp_path, monkeypatch):
    values = tiny.run(tmp_path / "work", tmp_path / "result")
    assert [(row["kind"], row["recorded_minutes"], row["minutes"]) for row in values["rows"]] == [
        *(("adapted", 0.2, minutes) for minutes in (0.0, 0.01, 0.02)),
        *(("adapted", 0.4, minutes) for minutes in (0.0, 0.01, 0.02)),
        ("from scratch", 0.4, 0.01),
    ]
    bits = [row["bits"] for row in values["rows"]]
    assert bits[0] >= bits[1] >= bits[2]
    assert values["rows"][0]["step"] == 0 < values["rows"][2]["step"]
    for row in values["rows"]:
        assert set(row["share_within"]) == set(MEASURES)
        assert 0 <= row["nearest_share"] <= 1
    monkeypatch.setattr(adaptation, "adapt_voice", None)
    monkeypatch.setattr(adaptation, "train", None)
    assert tiny.run(tmp_path / "work", tmp_path / "result") == values
    entry = Entry("voices", "A voice that is adapted", "python -m experiments.launch adapt_asterisk_fr")
    name = "adapt_asterisk_fr"
    stored = json.loads(json.dumps(values, allow_nan=False)) | {"commit": "0" * 40}
    titles = {name: title for name, (title, _) in TITLES.items()}
    page = "\n\n".join(section_of_adaptation({name: Result(name, stored, entry)}, titles))
    assert page.count("| adapted |") == 6
    assert page.count("| from scratch |") == 1
