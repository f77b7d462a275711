"""A training on a disk that is full, whose writes fail, or in a folder that another process trains in."""

import os
import shlex
import shutil
import subprocess
import sys

import pytest

from babble_jax import files
from babble_jax.errors import BabbleError
from babble_jax.train.config import LogConfig
from babble_jax.train.trainer import train
from tests.command import TINY
from tests.faults.injection import ERRORS, Injection
from tests.faults.outcomes import read_tree, run, sentence
from tests.train.toy_task import LineConfig, LineTask

LINE = "train {data} --workdir {out}/run --steps 4 --log.save-every 2 --log.every 1 " + TINY


def test_a_folder_is_trained_in_by_one_process(tmp_path):
    task = LineTask(LineConfig(batch_size=8))
    with files.lock_folder(tmp_path / "run"):
        with pytest.raises(BabbleError, match=f"run: is being written by process {os.getpid()} on "):
            train(task, tmp_path / "run", 4, LogConfig())
        assert [path.name for path in (tmp_path / "run").iterdir()] == [".babble-lock"]
    train(task, tmp_path / "run", 1, LogConfig())
    assert not (tmp_path / "run" / ".babble-lock").exists()


@pytest.fixture
def reference(tones, tmp_path) -> tuple[str, dict[str, str]]:
    """A command, and the voice that it trains where nothing fails."""
    line = LINE.format(data=tones, out="{out}")
    done = run(line.format(out=tmp_path / "reference"))
    assert done.code == 0, done.error
    return line, read_tree(tmp_path / "reference" / "run" / "voice")


def check_resumed(line: str, folder, voice: dict[str, str]) -> None:
    """Checks that the same command now ends as though nothing had failed, and that nothing temporary is left."""
    code, error = run(line)
    assert code == 0, error
    assert read_tree(folder / "voice") == voice
    assert not [name for name in read_tree(folder) if ".babble-" in name or "orbax-checkpoint-tmp" in name]


@pytest.mark.slow
def test_on_a_full_disk_a_process_shows_the_sentence_alone(tones, disk):
    """Not what orbax logs in its threads."""
    line = LINE.format(data=tones, out=disk(96))
    program = "import sys; from babble_jax import cli; cli.main(sys.argv[1:])"
    command = [sys.executable, "-c", program, *shlex.split(line)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert sentence(result.stderr) is not None, result.stderr
    assert len(result.stderr.splitlines()) < 10


# Tensorstore's callbacks come after the event loop of a failed save is closed; a process shows nothing of it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.slow
def test_a_full_disk_is_one_sentence_and_the_training_goes_on_once_there_is_room(reference, disk):
    line, voice = reference
    out = disk(2**16) / "out"
    line = line.format(out=out)
    outcomes = []
    for room in (4, 24, 96, 192, 384):
        disk(2**16)
        shutil.rmtree(out, ignore_errors=True)
        disk(room)
        code, error = run(line)
        if code == 0:
            outcomes.append(f"{room} kB: complete")
        else:
            assert (code, sentence(error) is None) == (2, False), f"{room} kB: {error}"
            outcomes.append(f"{room} kB: {sentence(error)}")
        disk(2**16)
        check_resumed(line, out / "run", voice)
    print("", *outcomes, sep="\n")
    assert "complete" not in outcomes[0]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.slow
def test_every_twelfth_step_that_fails_is_one_sentence_and_the_training_goes_on(reference, tmp_path):
    """Of the steps of orbax's threads the order is not fixed, so that only their number is."""
    line, voice = reference
    out = tmp_path / "out"
    line = line.format(out=out)
    count = Injection((out,))
    assert run(line, count).code == 0
    outcomes = {"one sentence": 0, "complete": 0}
    errors = list(ERRORS)
    for at in range(0, len(count.steps), 12):
        shutil.rmtree(out)
        injection = Injection((out,), at, errors[at // 12 % len(errors)])
        code, error = run(line, injection)
        where = f"step {at} of {len(count.steps)}, {injection.steps[-1]}: {error}"
        if code == 0:
            outcomes["complete"] += 1
        else:
            assert (code, sentence(error) is None) == (2, False), where
            outcomes["one sentence"] += 1
        check_resumed(line, out / "run", voice)
    print(f"\ntrain: {len(count.steps)} steps, every twelfth failed: {outcomes}")
