"""Damaged checkpoints, records of runs and data sets: the undamaged content or one sentence, never a traceback."""

import collections
import contextlib
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from babble_jax.errors import BabbleError
from babble_jax.train.checkpoint import Checkpoints, content_digest
from babble_jax.train.config import LogConfig
from babble_jax.train.state import init_train_state
from babble_jax.train.trainer import train
from tests.faults.mutations import mutate_bytes, mutate_json
from tests.train.toy_task import LineConfig, LineTask

FAST, SLOW = 60, 5000
SECONDS = 5  # that reading may take


def damage(content: bytes, draws: random.Random) -> bytes:
    """Damages the content of a file: its bytes, or every second time a value where it is JSON."""
    if draws.random() < 0.5:
        with contextlib.suppress(ValueError, IndexError):
            return mutate_json(content, draws)
    return mutate_bytes(content or b" ", draws)


def try_mutations(path: Path, read: Callable[[], Any], count: int, expected: Any) -> collections.Counter[str]:
    """Damages a file again and again, and reads it; it is put back in the end.

    Args:
      path: of the file.
      read: reads what the file belongs to, and returns what can be compared.
      count: number of mutations.
      expected: what `read` returns of the undamaged file.

    Returns:
      Counts of "the same content" and "one sentence"; there is nothing else.
    """
    draws, content, outcomes = random.Random(path.name), path.read_bytes(), collections.Counter()
    for number in range(count):
        damaged = damage(content, draws)
        path.write_bytes(damaged)
        where = f"{path.name}, mutation {number}: {damaged[:300]!r}"
        start = time.monotonic()
        try:
            outcome = read()
        except BabbleError as error:
            outcome, sentence = None, str(error)
        except BaseException as error:
            raise AssertionError(where) from error
        else:
            sentence = None
        if sentence is None:
            assert outcome == expected, f"{where}: read as something else"
        else:
            assert sentence.isprintable(), f"{where}: {sentence}"
            assert sentence.endswith("."), f"{where}: {sentence}"
        outcomes["the same content" if sentence is None else "one sentence"] += 1
        assert time.monotonic() - start < SECONDS, where
    path.write_bytes(content)
    return outcomes


def restored(workdir: Path, task: LineTask) -> str:
    """Digest of what the latest checkpoint of a run gives."""
    data = task.batches()
    with contextlib.closing(Checkpoints(workdir, {}, 2)) as checkpoints:
        state, complete = checkpoints.restore(init_train_state(task), data)
    return content_digest(state, data.get_state(), complete)


@pytest.fixture
def run(tmp_path) -> tuple[Path, LineTask]:
    """The folder of a run of two checkpoints, and its task."""
    task = LineTask(LineConfig(batch_size=4))
    train(task, tmp_path / "run", 4, LogConfig(save_every=2, keep=2))
    return tmp_path / "run", task


def damage_checkpoint(run, count: int) -> collections.Counter[str]:
    """Damages every file of a checkpoint, `count` times in all."""
    workdir, task = run
    expected = restored(workdir, task)
    paths = sorted(path for path in (workdir / "checkpoints" / "4").rglob("*") if path.is_file())
    outcomes = collections.Counter()
    for number, path in enumerate(paths):
        share = count // len(paths) + (number < count % len(paths))
        outcome = try_mutations(path, lambda: restored(workdir, task), share, expected)
        print(f"{path.relative_to(workdir)}: {dict(outcome)}")
        outcomes += outcome
    assert restored(workdir, task) == expected
    return outcomes


def test_a_damaged_checkpoint_is_one_sentence(run):
    assert damage_checkpoint(run, FAST)["one sentence"] > FAST // 4


@pytest.mark.slow
def test_a_damaged_checkpoint_is_one_sentence_5000_times(run):
    print(damage_checkpoint(run, SLOW))
