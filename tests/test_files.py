"""Files and folders are written completely or not at all."""

import json
import os
import re
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from babble_jax import files
from babble_jax.dialogue import corpus, read_folder
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


def test_files_have_the_rights_that_others_have_or_those_of_the_file_they_replace(tmp_path):
    umask = os.umask(0o027)
    try:
        files.write_text(tmp_path / "ours", "x")
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == 0o640
    (tmp_path / "ours").chmod(0o604)
    files.write_text(tmp_path / "ours", "y")
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == 0o604


def test_folders_above_are_made_and_removed_again_where_nothing_is_written(tmp_path):
    for out in (tmp_path / "deep" / "er", tmp_path / "deep" / "er" / "a.txt"):
        write = files.atomic_folder(out, KIND) if out.name == "er" else files.atomic_write(out)
        with pytest.raises(KeyboardInterrupt), write:
            raise KeyboardInterrupt
        assert not list(tmp_path.iterdir())


def test_any_name_that_a_file_may_have_can_be_written(tmp_path):
    for name in ("a" * 255, "ä" * 127, f"a.{'b' * 253}", ".hidden", "a\nb", "\udcff", "-", "a b.c.d"):
        files.write_text(tmp_path / name, "x")
        write_folder(tmp_path / "folder" / name)
        assert [p.name for p in tmp_path.glob("*.txt")] == []
    assert len(list(tmp_path.iterdir())) == 9
    with pytest.raises(BabbleError, match="too long a name to be replaced"):
        write_folder(tmp_path / "folder" / ("a" * 255), overwrite=True)
    with pytest.raises(BabbleError, match="cannot be written"):
        files.write_text(tmp_path / ("a" * 256), "x")


def test_what_is_not_unicode_is_written_as_an_escape(tmp_path):
    files.write_json(tmp_path / "a.json", {"name": "\udcff"})
    assert json.loads((tmp_path / "a.json").read_bytes()) == {"name": "\udcff"}


def run_python(program: str, *arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


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
    with (
        pytest.raises(BabbleError, match=r"a: cannot be written \(there is no room left\)"),
        files.wrap_oserror("a"),
    ):
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


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
def test_standard_output_can_be_named(tmp_path, monkeypatch, name):
    """A pipe is written to, a file written on from where it stands: nothing before is lost, nothing is replaced."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("/dev/stdout")
    program = f"from babble_jax import files; print('a'); files.write_text({name!r}, 'b'); print('c')"
    assert run_python(program).stdout == "a\nb\nc\n"
    for mode, text in (("w", "a\nb\nc\n"), ("a", "a\nb\nc\n" * 2)):
        with (tmp_path / "out").open(mode) as stream:
            subprocess.run([sys.executable, "-c", program], stdout=stream, check=True)
        assert (tmp_path / "out").read_text() == text


def test_files_of_the_kernel_are_not_written(tmp_path):
    for path in ("/proc/self/comm", "/proc/new", "/sys/new"):
        for write in (lambda path: files.write_text(path, "x"), write_folder):
            with pytest.raises(BabbleError, match=r"/(proc|sys)/.*: (the folder /(proc|sys)|is a file)"):
                write(Path(path))


def test_a_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        with pytest.raises(BabbleError, match="is a device or a socket"):
            files.write_text("socket", "x")
        with pytest.raises(BabbleError, match="is a file; choose a folder"):
            write_folder(Path("socket"))


def test_what_cannot_be_renamed_is_refused_before_the_work(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for out in (Path(), tmp_path):
        with pytest.raises(BabbleError, match="mount point or the current folder"):
            write_folder(out)
    monkeypatch.setattr(Path, "is_mount", lambda path: path.name == "mounted")
    (tmp_path / "mounted").mkdir()
    with pytest.raises(BabbleError, match="mount point"):
        write_folder(tmp_path / "mounted")
    write_folder(tmp_path / "mounted" / "new")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(BabbleError, match="loop: cannot be written"):
        write_folder(tmp_path / "loop")


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


@pytest.mark.parametrize("kind", ["voice", "ear", "data set"])
def test_an_earlier_one_that_is_never_replaced_is_named_as_what_it_is(tmp_path: Path, kind: str):
    manifest = {"kind": f"babble_jax {kind}", "sha256": {"a.txt": ""}}
    (tmp_path / ("manifest.json" if kind == "data set" else f"{kind}.json")).write_text(json.dumps(manifest))
    sentence = f"{tmp_path}: holds an earlier {kind}, which is not replaced; choose a new folder."
    with pytest.raises(BabbleError, match=re.escape(sentence)):
        files.check_folder(tmp_path, kind)


def test_a_file_added_to_an_earlier_one_protects_it(tmp_path: Path):
    write_folder(tmp_path / "out")
    (tmp_path / "out" / "notes.txt").touch()
    with pytest.raises(BabbleError, match="holds other files"):
        write_folder(tmp_path / "out", overwrite=True)


def test_a_file_is_no_folder(tmp_path: Path):
    (tmp_path / "out").touch()
    with pytest.raises(BabbleError, match="is a file; choose a folder"):
        write_folder(tmp_path / "out")
    with pytest.raises(BabbleError, match="lies below"):
        write_folder(tmp_path / "out" / "below")


@pytest.mark.parametrize("kind", [corpus.KIND, read_folder.KIND, stimulus_set.KIND])
def test_every_kind_of_folder_is_one_of_this_package(tmp_path: Path, kind: str):
    (tmp_path / "manifest.json").write_text(json.dumps({"kind": kind, "sha256": {"a.txt": "?"}}))
    assert (
        files.list_own_files(tmp_path) == files.list_own_files(tmp_path, kind) == {"manifest.json", "a.txt"}
    )
    assert files.list_own_files(tmp_path, "another") == files.list_own_files(tmp_path / "a.txt") == set()


def test_a_folder_that_is_filled_over_time_is_locked(tmp_path):
    run = tmp_path / "deep" / "run"
    program = "import sys; from babble_jax import files\nwith files.lock_folder(sys.argv[1]): pass"
    with files.lock_folder(run):
        message = run_python(program, run).stderr.splitlines()[-1]
        assert f"run: is being written by process {os.getpid()} on " in message
        with pytest.raises(BabbleError, match="run: is being written by"), files.lock_folder(run):
            pass
        (run / "a").touch()
    assert [p.name for p in run.iterdir()] == ["a"]
    for folder, message in (
        (tmp_path / "new", "nothing"),
        (run / "a", "cannot be"),
        (run / "a" / "b", "below"),
    ):
        with pytest.raises(BabbleError, match=message), files.lock_folder(folder):
            raise BabbleError("nothing was written")
    assert [p.name for p in tmp_path.iterdir()] == ["deep"]


def test_a_message_names_what_the_user_asked_for(tmp_path):
    """Not the temporary folder; and what a library in C++ says of the disk is taken for what it is."""
    for error, message in (
        (BabbleError("{}/a.wav: is bad"), "out/a.wav: is bad"),
        (OSError(5, "Input/output error", "{}/a"), "out: cannot be written (Input/output error)"),
        (OSError("a part"), "out: cannot be written (Input/output error)"),
        (
            RuntimeError("{}: No space left on device; at byte 3"),
            "out: cannot be written (there is no room left)",
        ),
    ):
        with pytest.raises(BabbleError, match=re.escape(f"{tmp_path}/{message}")):
            _raise_within(tmp_path / "out", error)
    for error in (OSError(2, "No such file or directory", "/elsewhere"), ValueError("of the writer")):
        with pytest.raises(type(error)) as caught:
            _raise_within(tmp_path / "out", error)
        assert caught.value is error


def _raise_within(out: Path, error: Exception) -> None:
    with files.atomic_folder(out, KIND) as folder:
        if "{}" in str(error):
            arguments = [str(one).format(folder) if isinstance(one, str) else one for one in error.args]
            if isinstance(error, OSError):
                arguments.append(str(error.filename).format(folder))
            raise type(error)(*arguments)
        raise error
