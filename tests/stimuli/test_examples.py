"""Each example that `babble stimuli --example` prints is read as it is, and runs at a small size."""

import csv
import re
from pathlib import Path

import pandas
import pytest
import soundfile

from babble_jax.cli import main
from babble_jax.stimuli.examples import EXAMPLES
from babble_jax.stimuli.spec_reading import read_spec
from babble_jax.stimuli.stimulus_set import make_stimuli
from tests.dialogue.fake_babbler import FakeBabbler
from tests.stimuli.turn_recordings import write_turns

VOICES = (FakeBabbler("low", sample_rate=16_000), FakeBabbler("high", pitch=200.0, sample_rate=16_000))
SMALLER = {
    "turn_seconds = [1.0, 1.6]": "turn_seconds = [0.3, 0.4]",
    "seconds = 6.0 ": "seconds = 3.0 ",
    "transfers = 2": "transfers = 1",
    "sample_rate = 44100": "sample_rate = 16000",
    "step = 0.1\n": "step = 0.5\n",
}
COUNT = {"gap-detection": 19, "two-by-three": 37, "adaptive": 4, "own-recordings": 36}
COUNT_IN_FULL = {"two-by-three": 37, "adaptive": 16}


def print_example(name: str, folder: Path, capsys) -> Path:
    main(["stimuli", "--example", name])
    path = folder / f"{name}.toml"
    path.write_text(capsys.readouterr().out)
    return path


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) if name == "two-by-three" else name for name in EXAMPLES],
)
def test_examples_run(name, tmp_path, capsys):
    folders = [tmp_path / "recordings"] if name == "own-recordings" else []
    for folder in folders:
        write_turns(folder, tuple(f"{who}/turn-{k}.wav" for who in "AB" for k in range(1, 7)), 8000)
    path = print_example(name, tmp_path, capsys)
    read_spec(path)
    text = path.read_text()
    for old, new in SMALLER.items():
        text = text.replace(old, new)
    path.write_text(text)
    report = make_stimuli(path, tmp_path / "out", babblers=VOICES)
    table = list(csv.DictReader((report.folder / "stimuli.csv").read_text().splitlines()))
    assert len(table) == COUNT[name]
    assert max(float(row["worst_error_ms"]) for row in table) < 0.3


@pytest.mark.slow
def test_the_example_of_own_recordings_says_how_to_make_some(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = print_example("own-recordings", tmp_path, capsys)
    commands = re.findall(r"#   babble (speak .*)", path.read_text())
    assert len(commands) == 2
    for command in commands:
        main(command.split())
    main(["stimuli", "own-recordings.toml", "--out", "stimuli"])
    out = capsys.readouterr().out
    assert "12 recordings; onset and end of the speech in recordings.csv:\n  A/question-1.wav: " in out
    assert "36 stimuli: 6 items in 6 conditions\n6 lists of 6 trials\n" in out
    check_lists(tmp_path / "stimuli", [6] * 6)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "trials"), [("two-by-three", [7] * 6), ("adaptive", [16])])
def test_an_example_runs_with_the_voice_that_ships(name, trials, tmp_path, capsys):
    path = print_example(name, tmp_path, capsys)
    main(["stimuli", str(path), "--out", str(tmp_path / "stimuli")])
    assert len(pandas.read_csv(tmp_path / "stimuli" / "stimuli.csv")) == COUNT_IN_FULL[name]
    check_lists(tmp_path / "stimuli", trials)


def check_lists(folder: Path, trials: list[int]) -> None:
    """Checks that each list has so many trials of sounds that are there, all floor transfers within 1 ms."""
    lists = [pandas.read_csv(folder / f"list{number}.csv") for number in range(1, len(trials) + 1)]
    assert [len(table) for table in lists] == trials
    for table in lists:
        assert all(soundfile.info(folder / file).frames > 0 for file in table.file)
        assert table.worst_error_ms.max() < 1
    transfers = pandas.read_csv(folder / "transfers.csv")
    assert len(transfers) >= sum(trials) / len(trials)
    assert (transfers.fto_measured_ms - transfers.fto_requested_ms).abs().max() < 1
