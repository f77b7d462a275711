"""The first pass over a data set in a process of its own leaves what training itself would make."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.dataset.building import build_dataset
from babble_jax.dataset.source import open_dataset
from babble_jax.train.tasks.voice import first_pass
from babble_jax.train.tasks.voice.conditioning import load_or_fit_units
from babble_jax.train.tasks.voice.stored_units import open_units
from tests.real_speech import read_utterance
from tests.small_run import small

RATE, COUNT = 16_000, 4


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A data set of three utterances of real speech."""
    folder = tmp_path_factory.mktemp("first_pass")
    (folder / "speech").mkdir()
    for name in ("ru_0749", "ru_0325", "ru_0712"):
        wave.write(folder / "speech" / f"{name}.wav", read_utterance(name)[: 2 * RATE], RATE)
    build_dataset(folder / "speech", folder / "data")
    return folder / "data"


@pytest.fixture
def data(built, tmp_path):
    """A copy of the data set, which has nothing stored beside it, and the folder of a run."""
    (tmp_path / "run").mkdir()
    return shutil.copytree(built, tmp_path / "data"), tmp_path / "run"


def prepare(data, workdir):
    """Loads or fits the units of a run as training does, and stores them: the bytes of all files."""
    task = small(str(data), (), by_activity=True, units=COUNT)
    recordings = open_dataset(data)
    models = load_or_fit_units(task.config, task.voice, recordings, workdir)
    assert models is not None
    stored = open_units(models, recordings, workdir).take(0, np.arange(50))
    files = [*data.glob("babble-*.safetensors"), workdir / first_pass.UNITS]
    return {path.name: path.read_bytes() for path in files}, stored


@pytest.mark.slow
def test_the_process_leaves_the_same_files(data, built, tmp_path, monkeypatch, capfd):
    folder, run = data
    monkeypatch.setattr(first_pass, "_LEAST_SECONDS", 0.0)
    first_pass.run_first_pass(str(folder), [open_dataset(folder)], COUNT, run)
    assert "Traceback" not in capfd.readouterr().err
    assert len(list(folder.glob("babble-*.safetensors"))) == 2

    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", None)  # none is started where all is stored
        first_pass.run_first_pass(str(folder), [open_dataset(folder)], COUNT, run)
    files, stored = prepare(folder, run)
    monkeypatch.setattr(first_pass, "_LEAST_SECONDS", 300.0)  # little sound starts none either
    other = shutil.copytree(built, tmp_path / "other")
    (tmp_path / "other_run").mkdir()
    own_files, own_stored = prepare(other, tmp_path / "other_run")
    assert files == own_files
    for values, own in zip(stored, own_stored, strict=True):
        np.testing.assert_array_equal(values, own)


@pytest.mark.parametrize("program", ["missing", "true"])
def test_where_the_process_cannot_work_training_does_it(data, monkeypatch, program):
    monkeypatch.setattr(first_pass, "_LEAST_SECONDS", 0.0)
    monkeypatch.setattr(sys, "executable", shutil.which(program) or f"/{program}")
    files, _ = prepare(*data)
    assert len(files) == 3


def test_the_process_ends_with_the_one_that_started_it(data):
    process = subprocess.run(
        [
            sys.executable,
            "-c",
            f"from {first_pass.__name__} import *; _end_with_parent(); threading.Event().wait(60)",
        ],
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert process.returncode == 1
