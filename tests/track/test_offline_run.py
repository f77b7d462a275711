"""A training that is tracked offline holds each thing that it is to log, read back with wandb's own reader."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from babble_jax.track import jsonl
from tests.track.test_weights_and_biases import history, records

pytestmark = pytest.mark.slow
STEPS = 24
LOG = 'LogConfig(every=2, evaluate_every=8, evaluate_recordings=2, save_every=8, audio_seconds=1.2, wandb="offline")'
RUN = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.small_run import small
from babble_jax.train.config import LogConfig
from babble_jax.train.trainer import train
train(small(sys.argv[1]), Path(sys.argv[2]), {STEPS}, {LOG})
"""


@pytest.fixture(scope="module")
def workdir(tones, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tracked")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WANDB")}
    environment |= {
        "WANDB_RUN_GROUP": "experiment",
        "WANDB_TAGS": "launch,abc",
        "WANDB_NAME": "experiment/abc",
    }
    command = [sys.executable, "-c", RUN, str(tones), str(folder / "run")]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return folder / "run"


@pytest.fixture(scope="module")
def items(workdir):
    return [item for _, item in history(workdir)]


def test_an_update_logs_what_it_is(items):
    names = {name for item in items for name in item}
    modules = ("sample", "tier_0", "tier_1")
    for name in (
        *("train/bits", "train/accuracy", "train/learning_rate", "train/seconds_of_audio"),
        *("train/gradient_norm", "train/update_norm"),
        *(f"train/{kind}_norm/{module}" for kind in ("gradient", "update") for module in modules),
        *("machine/updates_per_second", "machine/samples_per_second"),
    ):
        assert name in names, name
    seconds = {
        item["step"]: item["train/seconds_of_audio"] for item in items if "train/seconds_of_audio" in item
    }
    assert seconds[STEPS] == STEPS * 4 * 64 / 4000
    for item in items:
        if "train/gradient_norm" in item:
            own = [value for name, value in item.items() if name.startswith("train/gradient_norm/")]
            assert np.linalg.norm(own) == pytest.approx(item["train/gradient_norm"], rel=1e-5)


def test_an_evaluation_logs_babble_beside_the_same_speech(workdir, items):
    for kind in ("babble.path", "spectrogram.path", "speech.path", "speech_spectrogram.path"):
        assert [item["step"] for item in items if kind in item] == [8, 16, 24], kind
    assert len({item["speech.sha256"] for item in items if "speech.sha256" in item}) == 1
    assert len({item["babble.sha256"] for item in items if "babble.sha256" in item}) == 3
    for kind in ("babble", "speech"):
        own = [item for item in items if f"quantized/{kind}._type" in item]
        assert [item[f"quantized/{kind}._type"] for item in own] == ["histogram"] * 3
        assert len(own[0][f"quantized/{kind}.values"]) == 32
    assert [item["step"] for item in items if "judge/speech_share" in item] == [8, 16, 24]
    assert [item["step"] for item in items if "validation/bits" in item] == [8, 16, 24]


def test_the_end_logs_best_and_last_and_the_voice_with_its_card(workdir):
    (folder,) = (workdir / "wandb").glob("offline-run-*")
    lines = records(folder)
    summary = {}
    for record in lines:
        if record["type"] == "summary":
            summary |= record["summary"]["update"]
    expected = jsonl.read_summary(workdir / jsonl.SUMMARY)
    assert {name: summary[name] for name in expected} == expected
    evaluations = [line for line in jsonl.read_metrics(workdir / jsonl.METRICS) if "validation/bits" in line]
    assert summary["last/bits"] == evaluations[-1]["validation/bits"]
    assert summary["best/bits"] == min(line["validation/bits"] for line in evaluations)
    assert {"parameters", "hours_of_recordings", "best/step", "last/step"} <= summary.keys()
    (voice,) = (
        one["artifact"] for one in lines if one["type"] == "artifact" and one["artifact"]["type"] == "voice"
    )
    assert {"voice.json", "weights.safetensors"} <= {one["path"] for one in voice["manifest"]["contents"]}
    card = json.loads(voice["metadata"])
    assert (card["steps"], card["validation_bits"]) == (STEPS, summary["last/bits"])


def test_the_launcher_names_group_and_tags(workdir):
    (folder,) = (workdir / "wandb").glob("offline-run-*")
    (run,) = (record["run"] for record in records(folder) if record["type"] == "run")
    assert (run["run_group"], run["tags"], run["display_name"]) == (
        "experiment",
        ["launch", "abc"],
        "experiment/abc",
    )
    assert run["job_type"] == "train"
