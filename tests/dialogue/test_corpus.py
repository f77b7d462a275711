"""Hours of simulated timing on disk. Axes: N IPUs."""

import dataclasses
import json

import numpy as np
import pytest

from babble_jax.cli import main
from babble_jax.conversation.reading import read
from babble_jax.dialogue.corpus import KIND, default_format, simulate
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions
from babble_jax.timing.floor.effects import GROUPS
from babble_jax.timing.floor.hazards import CROSSED, FEATURES
from babble_jax.timing.floor.simulator import FloorSimulator, Layer, SimulatorCard
from babble_jax.timing.preset import load_timing

K = len(GROUPS)
FLOOR = FloorSimulator(
    SimulatorCard("made", 1, 1.0, 2),
    Definitions(),
    [Layer(np.zeros((FEATURES, 2)).tolist(), [-4.5, -7.0])],
    np.zeros((CROSSED, 2)).tolist(),
    [0.0] * K,
    (0.1 * np.eye(K)).tolist(),
    np.zeros((K, K)).tolist(),
)
PRESET = dataclasses.replace(load_timing("switchboard"), name="made", floor=FLOOR)
EACH = {"timing": PRESET, "seed": 3, "minutes": 0.5}


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    out = tmp_path_factory.mktemp("hours") / "out"
    return out, simulate(1.5 / 60, out, **EACH)


def test_the_manifest_tells_all(three):
    out, values = three
    assert json.loads((out / "manifest.json").read_text("utf-8")) == values
    assert values["kind"] == KIND
    assert values["dialogues"] == len(contents(out)) == 3
    assert values["hours"] == pytest.approx(1.5 / 60)


@pytest.mark.parametrize("format", ["rttm", "textgrid", "csv"])
def test_what_is_written_is_what_was_drawn(format, tmp_path):
    simulate(1 / 60, tmp_path / "out", format=format, **EACH)
    reading = read(tmp_path / "out", {"csv": "table"}.get(format, format))
    assert reading.skipped == read(tmp_path / "out").skipped == ()
    by_id = {c.id: c for c in reading.conversations}
    dialogues = FLOOR.draw(3, range(2), 30.0)
    assert set(by_id) == {c.id for c in dialogues}
    for one in dialogues:
        other = by_id[one.id]
        names = np.array(one.speakers)[one.speaker]
        order = np.lexsort((names, one.onset))
        theirs = np.array(other.speakers)[other.speaker]
        again = np.lexsort((theirs, other.onset))
        assert names[order].tolist() == theirs[again].tolist()
        np.testing.assert_allclose(other.onset[again], one.onset[order], atol=1e-6)
        np.testing.assert_allclose(other.end[again], one.end[order], atol=1.1e-6)


def test_records_hold_the_dialogues(tmp_path):
    simulate(1 / 60, tmp_path / "out", format="array_record", **EACH)
    rows = read(tmp_path / "out").conversations
    for row, one in zip(rows, FLOOR.draw(3, range(2), 30.0), strict=True):
        assert (row.id, row.speakers, row.unit, row.group) == (one.id, one.speakers, one.unit, one.group)
        for name in ("onset", "end", "speaker", "mark", "windows"):
            np.testing.assert_array_equal(getattr(row, name), getattr(one, name))


def test_the_same_seed_the_same_bytes_and_more_hours_add_to_them(three, tmp_path):
    simulate(2 / 60, tmp_path / "out", **EACH)
    before, after = contents(three[0]), contents(tmp_path / "out")
    assert len(after) == 4
    assert before.items() <= after.items()


def test_few_hours_are_files_and_many_are_parts():
    assert (default_format(1000), default_format(1001)) == ("rttm", "array_record")


def test_as_many_speakers_as_are_asked_for(tmp_path):
    simulate(0.5 / 60, tmp_path / "out", speakers=4, **EACH)
    assert len(read(tmp_path / "out").conversations[0].speakers) == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hours": 0.0}, "^hours is 0"),
        ({"hours": 1.0, "minutes": float("nan")}, "^minutes is nan"),
        ({"hours": 1.0, "speakers": 1}, "1 speakers cannot be drawn"),
        ({"hours": 1.0, "format": "wav"}, "no format 'wav'"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(options, message, tmp_path):
    with pytest.raises(BabbleError, match=message):
        simulate(out=tmp_path / "out", timing=PRESET, **options)
    assert list(tmp_path.iterdir()) == []


def test_the_command(tmp_path, capsys):
    PRESET.save(tmp_path / "made.json")
    arguments = ["simulate", "--timing", str(tmp_path / "made.json"), "--hours", "0.01", "--minutes", "0.3"]
    main([*arguments, "--out", str(tmp_path / "out"), "--format", "csv"])
    assert "2 dialogues, 0.01 h, 2 speakers" in capsys.readouterr().out
    with pytest.raises(SystemExit):  # it is there already
        main([*arguments, "--out", str(tmp_path / "out"), "--format", "csv"])
    assert (
        "holds earlier babble_jax simulated timing; choose a new folder, or overwrite it"
        in capsys.readouterr().err
    )
