"""Files and folders are written completely or not at all."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from babble_jax import files
from babble_jax.dialogue import corpus, manifest
from babble_jax.errors import BabbleError
from babble_jax.stimuli import stimulus_set

KIND = "test duet"


def test_a_file_appears_whole_where_its_folder_was_missing(tmp_path):
    path = tmp_path / "new" / "deep" / "a.wav"
    with files.atomic_write(path) as temporary:
        temporary.write_bytes(b"half")
        assert not path.exists()
        assert temporary.suffix == ".wav"
        assert temporary.parent == path.parent  # a rename must not cross file systems
    assert path.read_bytes() == b"half"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_nothing_behind_and_the_old_file_as_it_was(tmp_path):
    path = tmp_path / "a.json"
    files.write_json(path, {"old": 1})

    def fail(error):
        with files.atomic_write(path) as temporary:
            temporary.write_text("half")
            raise error

    for error in (RuntimeError(), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            fail(error)
    with pytest.raises(ValueError, match="JSON compliant"):
        files.write_json(path, {"new": float("nan")})
    with pytest.raises(TypeError):
        files.write_json(path, {"new": object()})
    assert json.loads(path.read_text()) == {"old": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_replacement_is_one_rename(tmp_path):
    """Who has the old file open reads all of it; who opens the path reads the old or the new one."""
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    with path.open() as reader:
        before = path.stat().st_ino
        files.write_text(path, "new")
        assert reader.read() == "old\n"
    assert path.read_text() == "new\n"
    assert path.stat().st_ino != before


def test_text_is_utf8_with_one_final_newline(tmp_path):
    for text in ("ä", "ä\n"):
        files.write_text(tmp_path / "a", text)
        assert (tmp_path / "a").read_bytes() == "ä\n".encode()
    files.write_json(tmp_path / "a", {"ä": [1, None]})
    assert "ä" in (tmp_path / "a").read_text("utf-8")


def test_files_have_the_rights_that_others_have(tmp_path):
    umask = os.umask(0o027)
    try:
        files.write_text(tmp_path / "ours", "x")
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == 0o640


def run_python(program: str, *arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


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


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    for path, message in (
        (tmp_path, "is a folder; name a file"),
        (tmp_path / "file" / "a", "which is no folder; choose another place"),
    ):
        with pytest.raises(BabbleError, match=f"{path}: .*{message}"):
            files.check_writable(path)
    files.check_writable(tmp_path / "new" / "deep" / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    with pytest.raises(BabbleError, match=r"a: cannot be written \(No space"), files.wrap_oserror("a"):
        raise OSError(28, "No space left on device")


def test_a_link_is_followed_and_stays(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("old")
    (tmp_path / "link").symlink_to(Path("there") / "file")
    (tmp_path / "dangling").symlink_to(Path("there") / "new")
    (tmp_path / "folder").symlink_to("made")
    for name, target in (("link", "file"), ("dangling", "new")):
        files.write_text(tmp_path / name, "new")
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / "there" / target).read_text() == "new\n"
    write_folder(tmp_path / "folder")
    assert (tmp_path / "folder").is_symlink()
    assert (tmp_path / "made" / "a.txt").is_file()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(BabbleError, match="loop: cannot be written"):
        files.write_text(tmp_path / "loop", "x")


def test_a_fifo_is_written_to_and_stays(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    with ThreadPoolExecutor(1) as pool:
        text = pool.submit(path.read_text)
        files.write_text(path, "through")
        assert text.result() == "through\n"
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert [p.name for p in tmp_path.iterdir()] == ["fifo"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root makes device nodes")
def test_a_device_is_written_to_or_refused_and_never_replaced(tmp_path):
    character, block = tmp_path / "null", tmp_path / "block"
    os.mknod(character, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    os.mknod(block, stat.S_IFBLK | 0o666, os.makedev(7, 250))
    try:
        files.write_text(character, "gone")
    except PermissionError:  # a file system without devices
        pytest.skip("device nodes cannot be opened here")
    assert stat.S_ISCHR(character.stat().st_mode)
    with pytest.raises(BabbleError, match="is a device"):
        files.write_text(block, "never")
    assert stat.S_ISBLK(block.stat().st_mode)


def test_standard_output_can_be_named(tmp_path):
    program = "from babble_jax import files; files.write_text('/dev/stdout', 'said')"
    assert run_python(program).stdout == "said\n"


def test_a_full_disk_is_one_sentence_whatever_a_library_raises(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_free_bytes", lambda folder: 0)
    for error in (RuntimeError("Error : flush failed"), OSError(28, "No space left on device")):
        with (
            pytest.raises(BabbleError, match=r"a.wav: cannot be written \(there is no room left\)"),
            files.atomic_write(tmp_path / "a.wav"),
        ):
            raise error
        with (
            pytest.raises(BabbleError, match=r"out: cannot be written \(there is no room left\)"),
            files.atomic_folder(tmp_path / "out", KIND),
        ):
            raise error
    assert not list(tmp_path.iterdir())


def test_two_writers_of_one_folder_are_told_apart(tmp_path):
    program = (
        "import sys; from babble_jax import files\nwith files.atomic_folder(sys.argv[1], 'k', True): pass"
    )
    with files.atomic_folder(tmp_path / "out", KIND):
        message = run_python(program, tmp_path / "out").stderr.splitlines()[-1]
        assert f"out: is being written by process {os.getpid()} on " in message
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_digest_is_of_the_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert files.sha256(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def write_folder(out: Path, text: str = "one", overwrite: bool = False) -> None:
    with files.atomic_folder(out, KIND, overwrite) as folder:
        (folder / "a.txt").write_text(text)
        (folder / "manifest.json").write_text(json.dumps({"kind": KIND, "sha256": {"a.txt": "?"}}))


def test_a_new_folder_and_an_empty_one_are_written(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    for out in (tmp_path / "deep" / "new", tmp_path / "empty"):
        write_folder(out)
        assert sorted(path.name for path in out.iterdir()) == ["a.txt", "manifest.json"]
        assert out.stat().st_mode & 0o777 == (tmp_path / "deep").stat().st_mode & 0o777
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "empty"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_nothing_behind_and_the_old_one_in_place(tmp_path: Path, error: type[BaseException]):
    write_folder(tmp_path / "old")

    def fail(out: Path) -> None:
        with files.atomic_folder(out, KIND, True) as folder:
            (folder / "half").touch()
            raise error

    for out in (tmp_path / "old", tmp_path / "new"):
        with pytest.raises(error):
            fail(out)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old" / "a.txt").read_text() == "one"


def test_an_earlier_one_is_replaced_only_when_asked(tmp_path: Path):
    write_folder(tmp_path / "out")
    sentence = "an earlier test duet; choose a new folder, or overwrite it with --overwrite (overwrite=True in Python)."
    with pytest.raises(BabbleError, match=re.escape(sentence)):
        write_folder(tmp_path / "out", "two")
    assert (tmp_path / "out" / "a.txt").read_text() == "one"
    write_folder(tmp_path / "out", "two", overwrite=True)
    assert (tmp_path / "out" / "a.txt").read_text() == "two"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "manifest", [None, "{}", "no json", '{"kind": "another", "sha256": {"notes.txt": ""}}']
)
def test_anything_else_is_never_replaced(tmp_path: Path, manifest: str | None):
    (tmp_path / "notes.txt").write_text("mine")
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(BabbleError, match=f"{tmp_path}: holds other files than a test duet"):
        write_folder(tmp_path, overwrite=True)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_file_added_to_an_earlier_one_protects_it(tmp_path: Path):
    write_folder(tmp_path / "out")
    (tmp_path / "out" / "notes.txt").touch()
    with pytest.raises(BabbleError, match="holds other files"):
        write_folder(tmp_path / "out", overwrite=True)


def test_a_file_is_no_folder(tmp_path: Path):
    (tmp_path / "out").touch()
    with pytest.raises(BabbleError, match="is a file; choose a folder"):
        write_folder(tmp_path / "out")
    with pytest.raises(BabbleError, match="cannot be made"):
        write_folder(tmp_path / "out" / "below")


@pytest.mark.parametrize("kind", [corpus.KIND, manifest.KIND, stimulus_set.KIND])
def test_every_kind_of_folder_is_one_of_this_package(tmp_path: Path, kind: str):
    (tmp_path / "manifest.json").write_text(json.dumps({"kind": kind, "sha256": {"a.txt": "?"}}))
    assert (
        files.list_own_files(tmp_path) == files.list_own_files(tmp_path, kind) == {"manifest.json", "a.txt"}
    )
    assert files.list_own_files(tmp_path, "another") == files.list_own_files(tmp_path / "a.txt") == set()
