"""What killed processes left unfinished is swept, and nothing else."""

import contextlib
import os
import signal
import threading
import time

import pytest

from babble_jax import files, temporaries
from babble_jax.errors import BabbleError
from tests.test_files import KIND, run_python, write_folder

KILLED = """
import os, signal, sys
from pathlib import Path
from babble_jax import files
folder = Path(sys.argv[1])
with files.atomic_write(folder / "a.json") as temporary, files.atomic_folder(folder / "out", "test duet", True) as new:
    temporary.write_text("half")
    (new / "a.txt").write_text("half")
    if sys.argv[2] == "swap":
        files.Path.rename = lambda path, target, rename=files.Path.rename: (
            os.kill(os.getpid(), signal.SIGKILL) if path == new else rename(path, target))
    else:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_swept_and_nothing_else(tmp_path):
    assert run_python(KILLED, tmp_path, "now").returncode == -signal.SIGKILL
    (tmp_path / ".hidden").touch()
    assert len(list(tmp_path.iterdir())) == 4  # lock, file, folder, and one of another program
    with (
        files.atomic_write(tmp_path / "alive.json") as alive,
        files.atomic_folder(tmp_path / "new", KIND) as folder,
    ):
        program = "import sys; from babble_jax import files; files.write_text(sys.argv[1], 'x')"
        assert not run_python(program, tmp_path / "b.txt").stderr
        assert alive.exists()
        assert folder.exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        ".hidden",
        "alive.json",
        "b.txt",
        "new",
    ]


def test_a_folder_whose_replacement_was_killed_is_put_back(tmp_path):
    write_folder(tmp_path / "out")
    assert run_python(KILLED, tmp_path, "swap").returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    write_folder(tmp_path / "other")
    assert (tmp_path / "out" / "a.txt").read_text() == "one"
    write_folder(tmp_path / "out", "two", overwrite=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["other", "out"]


def test_what_only_looks_like_it_stays(tmp_path):
    names = (
        ".a.babble-unfinished-12345678",  # a FIFO: it is not waited for
        ".a.babble-unfinished-1234567g",
        "a.babble-unfinished-12345678",
        ".notes-unfinished-12345678.txt",
        ".babble-lock",
        "a.babble-lock",
    )
    os.mkfifo(tmp_path / names[0])
    for name in names[1:]:
        (tmp_path / name).write_text("mine")
    (tmp_path / ".b.babble-unfinished-12345678").symlink_to("a.babble-lock")
    before = sorted(tmp_path.iterdir())
    temporaries.remove_partial(tmp_path)
    assert sorted(tmp_path.iterdir()) == before
    temporaries.remove_partial(tmp_path / "nowhere")


def test_a_half_of_an_earlier_folder_is_never_put_back(tmp_path, monkeypatch):
    """A kill while an earlier folder is removed: the new one is in place, and the rest is no folder to put back."""
    write_folder(tmp_path / "out")
    monkeypatch.setattr(temporaries, "remove", lambda path: None)
    write_folder(tmp_path / "out", "two", overwrite=True)
    monkeypatch.undo()
    (rest,) = tmp_path.glob(".*")
    (tmp_path / "out").rename(tmp_path / "moved")
    temporaries.remove_partial(tmp_path)
    assert not rest.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["moved"]


def test_a_lock_that_is_held_for_a_moment_is_waited_for(tmp_path):
    """A sweep holds the lock of a dead process while it removes it."""
    held, end = threading.Event(), threading.Event()

    def hold():
        with contextlib.suppress(KeyError), files.atomic_folder(tmp_path / "out", KIND):
            held.set()
            end.wait(5)
            raise KeyError

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(5)
    with pytest.raises(BabbleError, match=f"is being written by process {os.getpid()} on "):
        write_folder(tmp_path / "out")
    threading.Timer(0.05, end.set).start()
    start = time.monotonic()
    write_folder(tmp_path / "out")
    assert time.monotonic() - start < 5
    thread.join()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_link_in_place_of_a_lock_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("mine")
    temporaries.lock_path(tmp_path / "out").symlink_to("precious")
    with pytest.raises(BabbleError, match="out: cannot be written"):
        write_folder(tmp_path / "out")
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_scratch_folder_is_swept_too(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    program = (
        "import os, signal; from babble_jax import files\nwith files.scratch_folder() as folder:\n"
        "    (folder / 'a').touch(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert run_python(program).returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 1
    program = (
        "from babble_jax import files\nwith files.scratch_folder() as f: print(f.stat().st_mode & 0o777)"
    )
    assert run_python(program).stdout == f"{0o700}\n"
    assert not list(tmp_path.iterdir())
