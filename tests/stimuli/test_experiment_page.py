"""Pages of an experiment: what is written, that a browser can read it, and what is refused."""

import base64
import dataclasses
import io
import json
import re
from pathlib import Path

import pytest
import soundfile

from babble_jax.errors import BabbleError
from babble_jax.stimuli import experiment_page
from babble_jax.stimuli.experiment_page import check_question, write_jspsych, write_page
from tests.stimuli.experiment_folder import QUESTION, write_stimuli

SOURCES = Path(experiment_page.__file__).parent / "page"


@pytest.fixture
def folder(tmp_path):
    write_page(tmp_path, write_stimuli(tmp_path), QUESTION, seed=3)
    return tmp_path


def read_values(folder):
    text = (folder / "page" / "trials.js").read_text("utf-8")
    return json.loads(text.removeprefix('"use strict";\nBabble.experiment = ').removesuffix(";\n"))


def test_the_page_holds_every_list_and_every_sound_to_the_sample(folder):
    values = read_values(folder)
    assert [one["name"] for one in values["lists"]] == ["list1.csv", "list2.csv"]
    assert [row[1] for row in values["lists"][0]["rows"]] == [
        *("item001-0ms.wav", "item002-200ms.wav", "item003-0ms.wav", "catch001.wav")
    ]
    assert values["lists"][0]["rows"][0][4] == 'a "b", c'
    assert values["keys"][1] == {"key": "space", "label": "just right"}
    assert (values["seed"], values["practice"], values["break_every"], values["order"]) == (3, 1, 2, "random")
    assert len(values["sounds"]) == 7
    for name, script in values["sounds"].items():
        match = re.fullmatch(r'Babble\.receive\("(.+)", "(.+)"\);\n', (folder / script).read_text("utf-8"))
        assert match
        assert match[1] == name
        packed, rate = soundfile.read(io.BytesIO(base64.b64decode(match[2])), dtype="int16")
        original, original_rate = soundfile.read(folder / name, dtype="int16")
        assert rate == original_rate
        assert (packed == original).all()
    # The tones have an amplitude of 0.1, an RMS of -23 dB.
    assert values["level_db"] == pytest.approx(-23, abs=0.2)
    assert values["channels"] == 2


def test_all_that_a_page_names_is_there_and_nothing_is_elsewhere(folder):
    write_jspsych(folder, ["list1.csv", "list2.csv"], QUESTION, seed=3)
    for page in ("index.html", "jspsych.html"):
        names = re.findall(r'(?:src|href)="([^"]+)"', (folder / page).read_text("utf-8"))
        own = [name for name in names if not name.startswith(("jspsych/", "data:"))]
        assert own
        assert [name for name in own if not (folder / name).is_file()] == []
    assert "sounds" in read_values(folder)  # the second page leaves the lists of the first
    for source in SOURCES.iterdir():
        assert "http" not in source.read_text("utf-8"), source.name
    texts = (SOURCES / "texts.js").read_text("utf-8")
    texts_used = {
        name for one in SOURCES.iterdir() for name in re.findall(r'say\("(\w+)"', one.read_text("utf-8"))
    }
    texts_used |= set(re.findall(r'data-text="(\w+)"', (SOURCES / "index.html").read_text("utf-8")))
    assert [name for name in texts_used if f"  {name}: " not in texts] == []


def test_text_of_a_specification_cannot_end_its_script(tmp_path):
    question = dataclasses.replace(QUESTION, text="</script><b>\u2028?")
    write_jspsych(tmp_path, write_stimuli(tmp_path), question)
    text = (tmp_path / "page" / "trials.js").read_text("utf-8")
    assert "<" not in text
    assert "\u2028" not in text
    assert read_values(tmp_path)["text"] == "</script><b>\u2028?"


def test_another_question_is_another_experiment(tmp_path):
    tables = write_stimuli(tmp_path)
    digests = set()
    for question in (QUESTION, dataclasses.replace(QUESTION, text="Other?"), QUESTION):
        write_page(tmp_path, tables, question)
        digests.add(read_values(tmp_path)["id"])
    assert len(digests) == 2


def test_files_of_other_types_and_folders_of_lists(tmp_path):
    write_stimuli(tmp_path / "list1", lists=1)
    time = soundfile.read(tmp_path / "list1" / "catch001.wav")[0]
    soundfile.write(tmp_path / "list1" / "item001-0ms.ogg", time, 16_000)
    table = tmp_path / "list1" / "list1.csv"
    table.write_text(table.read_text().replace("item001-0ms.wav", "item001-0ms.ogg"))
    write_page(tmp_path, ["list1/list1.csv"], QUESTION)
    values = read_values(tmp_path)
    assert values["lists"][0]["base"] == "list1/"
    script = (tmp_path / values["sounds"]["list1/item001-0ms.ogg"]).read_text()
    packed = base64.b64decode(script.split('"')[3])
    assert packed == (tmp_path / "list1" / "item001-0ms.ogg").read_bytes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("item,gap\n1,2\n", "line 1: has no column file"),
        ("", "line 1: has no column file"),
        ("file\n", "has no trials"),
        ("file,gap\nitem001-0ms.wav\n", "row 2: has 1 fields, not 2"),
        ("file\nnone.wav\n", "names none.wav, which is not there"),
    ],
)
def test_a_broken_table_is_one_sentence(tmp_path, text, message):
    write_stimuli(tmp_path)
    (tmp_path / "list1.csv").write_text(text)
    with pytest.raises(BabbleError, match=message):
        write_page(tmp_path, ["list1.csv"], QUESTION)


def test_a_question_is_checked_before_the_work():
    path = Path("gaps.toml")
    assert check_question(QUESTION, path, 1) is QUESTION
    with pytest.raises(BabbleError, match=r"gaps.toml: has no question.*\[question\]"):
        check_question(None, path, 4)
    with pytest.raises(BabbleError, match="1 practice trials, but a list has 0"):
        check_question(QUESTION, path, 0)
