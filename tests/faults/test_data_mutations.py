"""Damaged checkpoints, records of runs and data sets: the undamaged content or one sentence, never a traceback."""

import collections
import contextlib
import dataclasses
import hashlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import numpy as np
import pytest

from babble_jax import config as configs
from babble_jax.audio import wave
from babble_jax.dataset import features
from babble_jax.dataset.array_file import ArrayWriter, Column
from babble_jax.dataset.features import count_frames, open_cached
from babble_jax.dataset.recordings import build_from_folders
from babble_jax.dataset.source import open_dataset
from babble_jax.errors import BabbleError
from babble_jax.track.jsonl import JsonLines
from babble_jax.train.checkpoint import Checkpoints, content_digest
from babble_jax.train.config import LogConfig
from babble_jax.train.record import SCHEDULE, RunRecord
from babble_jax.train.state import init_train_state
from babble_jax.train.tasks.voice import stored_units
from babble_jax.train.trainer import train, update_record
from tests.dataset.test_tfds_folder import BabbleForeign
from tests.faults.mutations import mutate_any, try_mutations
from tests.train.toy_task import LineConfig, LineTask

FAST, SLOW = 60, 5000


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
        outcome = try_mutations(path, lambda: restored(workdir, task), mutate_any, share, expected)
        print(f"{path.relative_to(workdir)}: {dict(outcome)}")
        outcomes += outcome
    assert restored(workdir, task) == expected
    return outcomes


def test_a_damaged_checkpoint_is_one_sentence(run):
    assert damage_checkpoint(run, FAST)["refused"] > FAST // 4


@pytest.mark.slow
def test_a_damaged_checkpoint_is_one_sentence_5000_times(run):
    print(damage_checkpoint(run, SLOW))


def content(dataset: Path) -> str:
    """Digest of all that training reads of a data set."""
    digest = hashlib.sha256()
    for split in ("train", "validation", "test"):
        opened = open_dataset(dataset, split)
        digest.update(f"{opened.speaker_names} {opened.gain} {opened.sample_rate}".encode())
        for values in (opened.lengths, opened.speakers, *(opened.active or ())):
            digest.update(values.tobytes())
        for i in range(len(opened)):
            digest.update(opened.read(i).tobytes())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    """A data set of our own."""
    folder = tmp_path_factory.mktemp("own")
    draw = np.random.default_rng(0)
    for i in range(8):
        name = folder / "sounds" / ("ann", "ben")[i % 2] / f"{i}.wav"
        wave.write(name, 0.3 * np.sin(np.arange(1200 + i) / 7) * draw.uniform(0.5, 1, 1200 + i), 4000)
    return build_from_folders(folder / "sounds", folder / "data", 4000, trim=False).path


def damage_files(folder: Path, read: Callable[[], Any], count: int) -> dict[str, collections.Counter[str]]:
    """Damages every file of a folder `count` times each; returns the outcomes by file."""
    expected, outcomes = read(), {}
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        outcomes[path.name] = try_mutations(path, read, mutate_any, count, expected)
        print(f"{path.name}: {dict(outcomes[path.name])}")
    return outcomes


def test_a_damaged_data_set_is_one_sentence(dataset):
    outcomes = damage_files(dataset, lambda: content(dataset), FAST // 6)
    for name in ("metadata.json", "recordings-train.array_record-00000-of-00001"):
        assert outcomes[name]["refused"] >= 2
    assert outcomes["features.json"]["refused"] == outcomes["dataset_info.json"]["refused"] == 0


@pytest.mark.slow
def test_a_damaged_data_set_is_one_sentence_5000_times(dataset):
    damage_files(dataset, lambda: content(dataset), SLOW)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory) -> Path:
    """A data set that TFDS wrote, which has no checksums."""
    builder = BabbleForeign(data_dir=str(tmp_path_factory.mktemp("foreign")), file_format="array_record")
    builder.download_and_prepare()
    content_of_one(Path(builder.data_dir))  # counts the recordings once
    return Path(builder.data_dir)


def content_of_one(folder: Path) -> list[list[int]]:
    """Recordings of a split."""
    opened = open_dataset(folder)
    return [opened.read(i).tolist() for i in range(len(opened))]


def damage_foreign(folder: Path, count: int) -> None:
    """Damages every file of a data set of TFDS; records and our index have checksums, what describes them has none."""
    complete = content_of_one(folder)
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        index = folder / "babble-index-train.json"
        stored = index.read_bytes()
        expected = ANY if path.suffix == ".json" and path != index else complete
        outcomes = try_mutations(path, lambda: content_of_one(folder), mutate_any, count, expected)
        print(path.name, dict(outcomes))
        index.write_bytes(stored)


def test_a_damaged_data_set_of_tfds_gives_no_traceback(foreign):
    damage_foreign(foreign, FAST // 6)


@pytest.mark.slow
def test_a_damaged_data_set_of_tfds_gives_no_traceback_5000_times(foreign):
    damage_foreign(foreign, SLOW)


def damage_cache(dataset: Path, columns: Mapping[str, Column], count: int) -> collections.Counter[str]:
    """Damages a file of what is computed from recordings: it is recognized, so that it is made again."""
    recordings, rows = open_dataset(dataset), np.random.default_rng(0)

    def make(writer: ArrayWriter) -> None:
        for i, frames in enumerate(count_frames(recordings).tolist()):
            for name, column in columns.items():
                writer.write(name, i, 0, rows.integers(0, 200, (frames, *column.shape)))

    def refuse(writer: ArrayWriter) -> None:
        raise BabbleError("It is made again.")

    def read(make: Callable[[ArrayWriter], None] = refuse) -> list[bytes]:
        file = open_cached(dataclasses.replace(recordings), "cache.safetensors", "f", columns, make, None)
        frames = list(enumerate(count_frames(recordings).tolist()))
        return [file.read(name, i, 0, count).tobytes() for name in columns for i, count in frames]

    expected = read(make)
    outcomes = try_mutations(dataset / "cache.safetensors", read, mutate_any, count, expected)
    print(f"{', '.join(columns)}: {dict(outcomes)}")
    return outcomes


@pytest.mark.parametrize("columns", [features.COLUMNS, stored_units._COLUMNS], ids=["features", "units"])
def test_a_damaged_file_of_features_is_made_again(dataset, columns, tmp_path):
    outcomes = damage_cache(shutil.copytree(dataset, tmp_path / "data"), columns, FAST // 2)
    assert outcomes["refused"] >= 0.9 * (FAST // 2)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [features.COLUMNS, stored_units._COLUMNS], ids=["features", "units"])
def test_a_damaged_file_of_features_is_made_again_5000_times(dataset, columns, tmp_path):
    damage_cache(shutil.copytree(dataset, tmp_path / "data"), columns, SLOW)


def resumed(workdir: Path) -> dict[str, Any]:
    """Record of a run that goes on by its folder alone, without what may change."""
    values = RunRecord.read(workdir / "config.json", LineConfig).config
    task = LineTask(configs.from_json(LineConfig, values))
    record = update_record(task, workdir, 6, LogConfig())
    record.schedule()
    optimizer = {name: value for name, value in record.config["optimizer"].items() if name not in SCHEDULE}
    return {**record.config, "optimizer": optimizer, "derived": record.derived}


def damage_record(run, count: int) -> collections.Counter[str]:
    """Damages the record of a run."""
    workdir, _ = run
    outcomes = try_mutations(
        workdir / "config.json", lambda: resumed(workdir), mutate_any, count, resumed(workdir)
    )
    print(f"config.json: {dict(outcomes)}")
    return outcomes


def test_a_damaged_record_of_a_run_is_one_sentence(run):
    assert damage_record(run, FAST)["refused"] > FAST // 4


@pytest.mark.slow
def test_a_damaged_record_of_a_run_is_one_sentence_5000_times(run):
    damage_record(run, SLOW)


def damage_metrics(run, count: int) -> None:
    """Damages the log of a run. A digit that is another digit cannot be noticed."""
    workdir, _ = run
    path = workdir / "metrics.jsonl"
    outcomes = try_mutations(path, lambda: JsonLines(workdir).resume(4, complete=True), mutate_any, count)
    print(f"metrics.jsonl: {dict(outcomes)}")


def test_a_damaged_log_of_a_run_gives_no_traceback(run):
    damage_metrics(run, FAST)


@pytest.mark.slow
def test_a_damaged_log_of_a_run_gives_no_traceback_5000_times(run):
    damage_metrics(run, SLOW)
