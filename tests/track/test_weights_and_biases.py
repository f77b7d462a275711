"""A training that is tracked offline is read back by another process, with wandb's own reader."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from babble_jax.track import jsonl
from tests.small_run import small

LOG = 'LogConfig(every=2, evaluate_every=3, evaluate_recordings=1, save_every=3, audio_seconds=0.1, wandb="offline")'
RUN = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.small_run import small
from babble_jax.train.config import LogConfig
from babble_jax.train.trainer import train
train(small(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), {LOG})
"""


@pytest.fixture(scope="module")
def tracked(tones, tmp_path_factory):
    """A run in two pieces (six steps, then three more), and the home folder that it must leave alone."""
    folder = tmp_path_factory.mktemp("tracked")
    workdir, home = folder / "run", folder / "home"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WANDB")}
    for steps in (6, 9):
        command = [sys.executable, "-c", RUN, str(tones), str(workdir), str(steps)]
        subprocess.run(command, env=environment | {"HOME": str(home)}, check=True, capture_output=True)
    return workdir, home


def records(folder):
    """Reads one offline folder with wandb's reader."""
    command = [Path(sys.executable).with_name("wandb"), "leet", "inspect", "--json", folder]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in output.splitlines()]


def history(workdir):
    pieces = sorted((workdir / "wandb").glob("offline-run-*"))
    return [
        (folder, record["history"]["item"])
        for folder in pieces
        for record in records(folder)
        if record["type"] == "history"
    ]


def test_the_metrics_are_those_of_the_json_lines(tracked):
    workdir, _ = tracked
    logged = [
        {name: value for name, value in item.items() if not name.startswith("_")}
        for _, item in history(workdir)
        if any(name.startswith(("train/", "validation/")) for name in item)
    ]
    assert logged == jsonl.read_metrics(workdir / "metrics.jsonl")
    assert [line["step"] for line in logged] == [2, 3, 4, 6, 6, 8, 9]


def test_babble_and_its_spectrogram_are_there_and_sound_alike(tracked):
    workdir, _ = tracked
    media = [(folder, item) for folder, item in history(workdir) if any(n.endswith(".path") for n in item)]
    kinds = ["babble", "spectrogram", "speech", "speech_spectrogram"]
    assert [item["step"] for _, item in media] == [step for step in (3, 6, 9) for _ in kinds]
    for number, (folder, item) in enumerate(media):
        kind = kinds[number % len(kinds)]
        file = folder / "files" / item[f"{kind}.path"]
        assert hashlib.sha256(file.read_bytes()).hexdigest() == item[f"{kind}.sha256"]
        beside = workdir / "media" / f"{item['step']:08d}-{kind}"
        if kind in ("babble", "speech"):
            audio, rate = soundfile.read(file)
            expected, _ = soundfile.read(beside.with_suffix(".wav"))
            assert rate == 4000
            np.testing.assert_allclose(audio, expected, atol=1.01 / 32768)
        else:
            assert file.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
            assert beside.with_suffix(".png").exists()


def test_both_pieces_are_one_run_with_the_config_and_all_within_the_folder(tracked, tones):
    workdir, home = tracked
    pieces = sorted((workdir / "wandb").glob("offline-run-*"))
    runs = [record["run"] for folder in pieces for record in records(folder) if record["type"] == "run"]
    assert len(pieces) == 2
    assert {run["run_id"] for run in runs} == {(workdir / "wandb" / "run-id").read_text().strip()}
    assert {run["display_name"] for run in runs} == {"run"}
    config = runs[0]["config"]["update"]
    assert config["batch_size"] == small(tones).config.batch_size
    assert config["quantizer"] == {"kind": "mu_law", "q_levels": 32}
    assert [path.name for path in home.rglob("*") if "wandb" in path.name] == []
