"""A library that says nothing of bytes that were not written: what it leaves is no file."""

import contextlib
import resource
from collections.abc import Iterator

import numpy as np
import pytest

from babble_jax import files, plotting
from babble_jax.audio import wave
from babble_jax.errors import BabbleError
from babble_jax.track import jsonl


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Lets no file of this process grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 44, 20_000])
def test_each_kind_of_file_is_complete_or_refused(tmp_path, size):
    sound = np.random.default_rng(0).uniform(-1, 1, 16_000).astype(np.float32)
    figure = plotting.create_figure(3, 3)
    figure.subplots().plot(sound)
    (tmp_path / "log").mkdir()
    log = jsonl.JsonLines(tmp_path / "log")
    writers = (
        lambda: wave.write(tmp_path / "a.wav", sound, 16_000),
        lambda: plotting.save_png(figure, tmp_path / "a.png", 200),
        lambda: files.write_text(tmp_path / "a.txt", "a" * 40_000),
        lambda: _write_folder(tmp_path / "folder"),
        lambda: log.log_audio(1, "a", sound, 16_000),
        lambda: log.log_metrics(1, {"a" * 40_000: 1.0}),
    )
    for write in writers:
        with largest_file(size), pytest.raises(BabbleError, match="cannot be written"):
            write()
    log.close()
    assert jsonl.read_metrics(log.path) == []
    log.path.unlink(missing_ok=True)
    assert [p.name for p in tmp_path.rglob("*")] == ["log"]


def _write_folder(out) -> None:
    with files.atomic_folder(out, "test") as folder:
        (folder / "a").write_bytes(b"a" * 40_000)
