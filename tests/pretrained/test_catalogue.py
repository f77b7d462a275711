"""Voices described by their cards, those that ship and others."""

import json
import math
import shutil
from pathlib import Path

import pytest

from babble_jax.errors import BabbleError
from babble_jax.input_files import read_json
from babble_jax.presets import registry
from babble_jax.pretrained.catalogue import describe_voice, list_voices
from babble_jax.pretrained.catalogue_text import voices_text
from babble_jax.pretrained.tacotron_voice import save_tacotron_voice
from tests.pretrained.phone_voice import build_phone_voice

NAME = "ben o'hara"


def edit(path: Path, change) -> None:
    """Rewrites a description by `change(values)`, which changes its values in place."""
    values = json.loads(path.read_text("utf-8"))
    change(values)
    path.write_text(json.dumps(values), "utf-8")


@pytest.fixture
def copy(tmp_path) -> Path:
    """A training run whose voice is a copy of the one that ships."""
    shutil.copytree(registry.path("voices", "babblers"), tmp_path / "run" / "voice")
    return tmp_path / "run"


@pytest.fixture(scope="module")
def phones(tmp_path_factory) -> Path:
    """The folder of a tiny voice that speaks phones."""
    folder = tmp_path_factory.mktemp("phones") / "my phones"
    save_tacotron_voice(build_phone_voice(), folder)
    return folder


def test_every_voice_that_ships_is_listed_with_its_card():
    rows = list_voices()
    assert [row["name"] for row in rows] == registry.names("voices")
    json.dumps(rows, allow_nan=False)
    text = voices_text(rows)
    for row in rows:
        folder = registry.path("voices", row["name"])
        card = read_json(folder / "voice.json")["card"]
        assert (row["ships"], row["source"], row["licence"]) == (True, card["source"], card["licence"])
        assert row["bytes"] == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        assert row["kind"]
        assert row["language"] or "speech" not in row["kind"]
        assert Path(row["notice"]).name == "NOTICE"
        assert f"{row['name']}: {', '.join(row['kind'])}" in text
        for speaker in row["speakers"]:
            assert speaker["kind"]
            assert speaker["speak"] in text


def test_the_row_of_babblers():
    row = describe_voice(registry.path("voices", "babblers"), "babblers")
    assert (row["kind"], row["language"], row["sample_rate"]) == (["speech"], ["ru"], 16_000)
    assert (row["model"], row["vocoder"], row["conditioning"]) == ("samplernn", None, ["activity", "units"])
    assert row["figures"] == {"validation_bits": None, "steps": 89_380, "training_samples": 1_026_129_920}
    woman, man = row["speakers"]
    assert (woman["name"], woman["kind"], woman["language"]) == ("woman", "speech", "ru")
    assert woman["figures"] == pytest.approx(
        {"test_bits": 3.4856, "bandwidth_hz": 8000, "active_dbfs": -17.127}, 1e-4
    )
    assert man["speak"] == "babble speak --voice babblers --speaker man"


def test_a_voice_of_a_run_whose_speakers_differ(copy):
    def change(values):
        values["voice"]["speakers"] = ["ann", NAME]
        values["card"] = {
            "kind": {"ann": "speech", NAME: "8-bit"},
            "language": {"ann": "de"},
            "validation_bits": 2.5,
            "temperature": 0.9,
            "source": 7,
            "consent": "ann,\nto share it",
        }

    edit(copy / "voice" / "voice.json", change)
    (copy / "voice" / "NOTICE").write_text("mine")
    row = list_voices(["babblers", copy])[-1]
    assert len(list_voices(["babblers", copy])) == len(registry.names("voices")) + 1
    assert (row["name"], row["ships"], row["kind"], row["language"]) == (
        "run",
        False,
        ["speech", "8-bit"],
        ["de"],
    )
    assert (row["licence"], row["source"], row["notice"]) == (None, None, str(copy / "voice" / "NOTICE"))
    assert row["figures"] == {"validation_bits": 2.5, "steps": None, "training_samples": None}
    ann, ben = row["speakers"]
    assert (ann["language"], ben["kind"], ben["language"]) == ("de", "8-bit", None)
    assert ben["figures"] == {"test_bits": None, "bandwidth_hz": 6875.0, "active_dbfs": None}
    text = voices_text([row])
    assert text.startswith(
        "run: speech, 8-bit, language de, 16 kHz, 4.0 MB\n  speaker ann: speech, sound up to"
    )
    assert f"""--voice {copy} --speaker 'ben o'"'"'hara'\n""" in text
    assert "2.500 bits per sample of validation recordings" in text
    assert "\n  consent: ann,\\nto share it\n" in text
    assert "licence" not in text


def test_a_voice_of_one_without_a_name_and_without_a_card(copy):
    def change(values):
        values["card"] = {}
        values["voice"] |= {"speakers": [], "bandwidth": [], "local": [], "units": 0}
        del values["sha256"]

    edit(copy / "voice" / "voice.json", change)
    row = describe_voice(copy)
    assert row["kind"] is row["language"] is row["licence"] is row["notice"] is None
    (speaker,) = row["speakers"]
    assert {*speaker["figures"].values()} == {None}
    assert voices_text([row]).splitlines() == [
        "run: 16 kHz, 3.7 MB",
        "  no speaker by name",
        f"    babble speak --voice {copy}",
        "  model: SampleRNN",
    ]


def test_a_voice_that_speaks_phones_and_its_vocoder(phones):
    row = describe_voice(phones)
    assert (row["kind"], row["language"], row["conditioning"]) == (["speech"], ["und"], ["phones"])
    assert (row["model"], row["vocoder"], row["sample_rate"]) == ("tacotron2", "samplernn", 4000)
    assert [speaker["speak"] for speaker in row["speakers"]] == [
        f"babble speak --voice '{phones}' --speaker {name}" for name in ("ann", "ben")
    ]
    assert row["figures"]["synthesizer_steps"] == 3
    assert row["bytes"] == sum(path.stat().st_size for path in phones.rglob("*") if path.is_file())
    assert "model: Tacotron 2, conditioned on phones; vocoder SampleRNN" in voices_text([row])
    vocoder = describe_voice(phones / "vocoder")
    assert vocoder["conditioning"] == ["mel"]
    assert vocoder["speakers"][0]["speak"].endswith("--copy RECORDING")


def test_of_several_languages_each_is_named(phones, tmp_path):
    shutil.copytree(phones, tmp_path / "two")
    edit(tmp_path / "two" / "voice.json", lambda v: v["phonotactics"].update(ru="ru"))
    row = describe_voice(tmp_path / "two")
    assert row["language"] == ["und", "ru"]
    assert row["speakers"][0]["speak"].endswith("--speaker ann --language und")
    assert row["speakers"][0]["language"] is None


DAMAGES = {
    "no folder": (shutil.rmtree, "", "there is no voice here; name a folder that"),
    "no weights": (lambda f: (f / "weights.safetensors").unlink(), "weights.safetensors", "put it back"),
    "no JSON": (lambda f: (f / "voice.json").write_text("{"), "voice.json, line 1", "is no JSON"),
    "a list": (lambda f: (f / "voice.json").write_text("[]"), "voice.json", "not the description of a voice"),
    "an ear": (lambda f: (f / "voice.json").write_text('{"ear": 1}'), "voice.json", "not the description"),
    "no card": (
        lambda f: edit(f / "voice.json", lambda v: v.pop("card")),
        "voice.json",
        "not the description",
    ),
    "a card of levels of nobody": (
        lambda f: edit(f / "voice.json", lambda v: v["card"].update(active_levels=[1])),
        "voice.json",
        "not the description",
    ),
    "speakers by number": (
        lambda f: edit(f / "voice.json", lambda v: v["voice"].update(speakers=[1, 2])),
        "voice.json",
        "not the description",
    ),
    "a rate in words": (
        lambda f: edit(f / "voice.json", lambda v: v["voice"].update(sample_rate="high")),
        "voice.json",
        "not the description",
    ),
    "phones without parts": (
        lambda f: edit(f / "voice.json", lambda v: v.update(kind="tacotron", phonotactics={"ru": "ru"})),
        "synthesizer/synthesizer.json",
        "there is no such file",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_no_voice_is_one_sentence(copy, damage):
    act, file, message = DAMAGES[damage]
    folder = copy / "voice"
    act(folder)
    with pytest.raises(BabbleError) as error:
        describe_voice(folder)
    sentence = str(error.value)
    assert sentence.startswith(f"{folder / file}: ")
    assert message in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")


def test_figures_of_any_name_and_an_empty_name(copy):
    card = {"minutes": 12, "error_db": 1.23456, "fine": True, "speed": {"woman": 2.0}}
    edit(copy / "voice" / "voice.json", lambda v: v.update(card=card))
    text = voices_text([describe_voice(copy)])
    assert text.endswith("training: minutes 12, error db 1.235")
    assert "speed 2\n" in text
    with pytest.raises(BabbleError, match="name of the folder is empty"):
        describe_voice("")
    assert math.isclose(describe_voice(copy)["speakers"][0]["figures"]["speed"], 2.0)
