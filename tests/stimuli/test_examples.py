"""Each example that `babble stimuli --example` prints is read as it is, and runs at a small size."""

import csv
import re
from pathlib import Path

import pytest

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
    assert "36 stimuli: 6 items in 6 conditions" in capsys.readouterr().out
