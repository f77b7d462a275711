"""Names of files and people with line ends, tabs, escape sequences, marks of direction and bytes that are no text.

They are shown escaped, and what is written with them reads back.
"""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.reading import read
from babble_jax.conversation.writing import write_all
from babble_jax.plotting import create_figure, plain_label, save_png
from babble_jax.printable import escape_unprintable
from tests.command import babble, done, refused
from tests.conversation import annotations

NAMES = (
    "two\nlines",
    "a\ttab",
    "\x1b[31mred",
    "\u202ereversed",
    "\udce9t\udce9",
    "$x_{$",
    "[/] [bold]",
    "a b",
)


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        try:
            (tmp_path / name.replace("/", "")).mkdir()
        except OSError:
            pytest.skip("this file system has no such names")
    return tmp_path


def shown(text: str) -> None:
    """Asserts that text can be shown line by line."""
    for line in text.splitlines():
        assert all(one.isprintable() for one in line), repr(line)


@pytest.mark.parametrize("name", NAMES)
def test_messages_show_names_escaped(capsys, place, name):
    name = name.replace("/", "")
    folder = place / name
    sentence = refused(capsys, f"events '{folder}'")
    shown(sentence)
    (folder / "talk.rttm").write_text(annotations.rttm())
    (folder / f"{name}.txt").write_text("no annotation")
    outcome = done(capsys, f"events '{folder}'")
    shown(outcome.out)
    shown(outcome.err)
    (skipped,) = (line for line in outcome.err.splitlines() if "skipped: " in line)
    assert f"{escape_unprintable(name)}.txt: " in skipped
    values = json.loads(done(capsys, f"events --json '{folder}'").out)
    assert len(values["skipped"]) == 1
    shutil.copy(folder / "talk.rttm", folder / f"{name}.rttm")
    shown(done(capsys, f"compare '{folder}/{name}.rttm' '{folder}'").out)
    shown(refused(capsys, f"judge '{folder}/{name}.wav'"))
    shown(refused(capsys, f"speak --voice '{folder}'"))
    shown(refused(capsys, f"fit '{folder}' --out '{folder}'"))


def conversation(id: str, speakers: tuple[str, ...]) -> Conversation:
    onset = np.arange(6) * 1.0
    return Conversation(
        id, "made", speakers, (np.arange(6) % len(speakers)).astype(np.int32), onset, onset + 0.8,
        np.zeros(6, np.uint8), "ipu", None, id, np.array([[0.0, 8.0]]),
    )  # fmt: skip


@pytest.mark.parametrize("name", [*NAMES, 'quo"ted, <x>&', ""])
def test_annotation_with_any_names_reads_back(tmp_path, name):
    write_all(tmp_path / "dialogue.wav", conversation(name or "c", (name or "one", "two words", "two_words")))
    for suffix in ("TextGrid", "eaf", "rttm", "csv"):
        reading = read(tmp_path / f"dialogue.{suffix}")
        (again,) = reading.conversations
        assert reading.skipped == ()
        assert len(again.speakers) == 3
        assert sorted(again.onset.tolist()) == pytest.approx(list(range(6)))
    rows = list(csv.reader((tmp_path / "dialogue.csv").read_text().splitlines()))
    assert {len(row) for row in rows} == {4}
    assert {len(line.split()) for line in (tmp_path / "dialogue.rttm").read_text().splitlines()} == {10}


def test_pictures_hold_any_names(tmp_path):
    for i, name in enumerate(NAMES):
        figure = create_figure(2, 1)
        axes = figure.subplots()
        axes.set_title(plain_label(name))
        axes.set_yticks([0], [plain_label(name)])
        save_png(figure, tmp_path / f"{i}.png", dpi=20)
        assert (tmp_path / f"{i}.png").stat().st_size > 0


def test_empty_arguments_are_refused(capsys, place):
    for line in (
        "events ''", "events talk.rttm --format ''", "speak --voice ''", "speak --out ''", "speak --out=", "judge ''",
        "dataset '' --out new", "dataset . --out ''", "converse --out ''", "simulate --hours 1 --out ''",
        "compare '' ''", "stimuli '' --out new", "train '' --workdir new --steps 1", "export '' --out new",
        "fit talk.rttm --out ''", "demo --out ''",
    ):  # fmt: skip
        assert "is empty; give it a value, or leave it out" in refused(capsys, line)
    assert not (place / "new").exists()


def test_outputs_are_named_by_what_they_are(capsys, place):
    soundfile.write(place / "a.wav", np.zeros(16000), 16000)
    (place / "talk.rttm").write_text(annotations.rttm())
    for line, remedy in (
        ("speak --out a.mp3", "only .wav is written here; call the file a.wav, say"),
        ("speak --out new", "call the file new.wav, say"),
        ("judge a.wav --plot a.pdf", "only .png is written here; call the file a.png, say"),
        ("fit talk.rttm --plot a.svg", "call the file a.png, say"),
        ("fit talk.rttm --out a.toml", "only .json is written here; call the file a.json, say"),
    ):
        before = sorted(place.iterdir())
        assert remedy in refused(capsys, line)
        assert sorted(place.iterdir()) == before


def test_folders_of_the_system_are_refused_at_once(capsys, place):
    if not Path("/proc/self/mountinfo").exists():
        pytest.skip("no file systems of the kernel")
    for line in ("events /proc", "judge a.wav --reference /proc", "dataset /proc --out new"):
        outcome = babble(capsys, line)
        assert outcome.code == 2
        assert "/proc: is a folder of the system" in outcome.err or "a.wav" in outcome.err
