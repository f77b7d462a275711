"""`babble compare --against`: one speaker beside people, from the command line to what is printed and written."""

import json
from pathlib import Path

import pytest
from PIL import Image

from babble_jax.cli import main
from babble_jax.timing.preset import load_timing
from tests.timing.evaluation.speaker.test_comparison import PEOPLE
from tests.timing.evaluation.speaker.test_events import ROWS


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("calls")
    for number in range(2):
        rows = [f"call{number},{('agent', 'caller')[s]},{a},{b}" for s, a, b in ROWS]
        (folder / f"call{number}.csv").write_text("\n".join(["conversation,speaker,start,end", *rows]))
    rows = [f"talk,{('ann', 'ben')[s]},{a},{b}" for s, a, b in ROWS]
    (folder / "other.csv").write_text("\n".join(["conversation,speaker,start,end", *rows]))
    return folder


@pytest.fixture(autouse=True)
def draws(monkeypatch) -> list[tuple[int, float]]:
    """Takes 50 dialogues by hand in the place of those of a preset; lists how many were to be drawn, and how long."""
    sizes = []

    def draw(self, seed, count, seconds):
        sizes.append((count, seconds))
        return PEOPLE

    monkeypatch.setattr("babble_jax.timing.preset.TimingPreset.draw_dialogues", draw)
    return sizes


def run(*arguments: object) -> None:
    main([str(argument) for argument in arguments])


def refusal(capsys, *arguments: object) -> str:
    with pytest.raises(SystemExit) as stop:
        run("compare", *arguments)
    assert stop.value.code == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("babble: ")]
    return line


def test_one_speaker(folder, tmp_path, capsys, draws):
    calls = [folder / "call0.csv", folder / "call1.csv"]
    run("compare", *calls, "--against", "switchboard", "--speaker", "agent", "--plot", tmp_path / "agent.png")
    assert draws == [(61, 37 * 16.0)]
    out = capsys.readouterr().out
    assert out.startswith("agent: 2 conversations, 0.01 h\npeople: ")
    assert ", of switchboard\n" in out
    assert "caller's timing" not in out
    with Image.open(tmp_path / "agent.png") as picture:
        assert picture.size == (1300, 750)


def test_json_has_every_speaker_that_all_conversations_share(folder, capsys):
    run("compare", folder / "call0.csv", folder / "call1.csv", "--against", "switchboard", "--json")
    values = json.loads(capsys.readouterr().out)
    assert values["against"] == {"name": "switchboard", "from_preset": True, "fto_level": "ipu"}
    assert [one["speaker"] for one in values["speakers"]] == ["agent", "caller"]
    agent, caller = (one["rows"] for one in values["speakers"])
    assert list(agent[0]) == [
        "name", "by", "unit", "n", "value", "low", "high", "people", "people_low", "people_high", "percentile",
        "low_percentile", "high_percentile", "verdict",
    ]  # fmt: skip
    assert (agent[1]["name"], agent[1]["value"]) == ("fto", pytest.approx(0.15))
    by = {(row["name"], row["by"]): row["value"] for row in agent}
    swapped = {(row["name"], row["by"]): row["value"] for row in caller}
    assert by["overlap_share", "others"] == pytest.approx(swapped["overlap_share", "speaker"])


def test_people_may_be_of_a_file_and_the_speaker_of_a_preset(folder, tmp_path, capsys):
    load_timing("switchboard").save(tmp_path / "own.json")
    of_file, of_name = [], []
    for against, rows in ((tmp_path / "own.json", of_file), ("switchboard", of_name)):
        run("compare", folder / "call0.csv", "--against", against, "--speaker", "agent", "--json")
        rows += json.loads(capsys.readouterr().out)["speakers"]
    assert of_file == of_name
    line = refusal(capsys, "maptask-eye-contact", "--against", folder / "call0.csv", "--speaker", "A")
    assert "The longest dialogue of people lasts 16 s, the speaker's median conversation 60 s; " in line


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("call0.csv --against switchboard --speaker Agent", "'Agent'; the speakers are agent, caller."),
        ("call0.csv --against switchboard --plot new.png", "by --speaker: the speakers are agent, caller."),
        ("call0.csv other.csv --against switchboard", "No speaker is in all conversations; name one by --speaker: the"),
        ("call0.csv --against switchbord", "preset 'switchbord', perhaps you meant switchboard; the presets are "),
        ("call0.csv --against switchboard --speaker agent --plot new.jpg", "only .png is written here"),
        ("nowhere.csv --against switchboard", "There is no file, folder or preset 'nowhere.csv'"),
        ("--against switchboard", "Name the conversations that are compared"),
        ("call0.csv", "Two sets of conversations are compared, not 1; "),
        ("call0.csv call1.csv other.csv", "Two sets of conversations are compared, not 3; "),
        ("call0.csv call1.csv --speaker agent", "say --against whom, too."),
        ("call0.csv call1.csv --fto-level turn", "say --against whom, too."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_one_sentence(folder, capsys, monkeypatch, line, message):
    monkeypatch.chdir(folder)
    assert message in refusal(capsys, *line.split())
    assert sorted(path.suffix for path in folder.iterdir()) == [".csv"] * 3
