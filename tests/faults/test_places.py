"""What `--out` names is checked before the work: written to, followed or refused, but replaced only if it is a file."""

import os
import shutil
import socket
import stat
import threading
from pathlib import Path

import pytest

from tests.faults.commands import COMMANDS
from tests.faults.outcomes import Memory, read_tree, run, sentence

TARGETS = {
    "fit": ("timing.json", "fto.png"),
    "judge": ("judge.png",),
    "speak": ("babble.wav",),
}
"""The verbs that write files; all others write a folder."""
FOLDERS = {
    name: COMMANDS[name].line.rpartition("{out}/")[2].split()[0]
    for name in ("simulate rttm", "converse", "stimuli", "export", "dataset")
}


def one_stream(name: str) -> str:
    return COMMANDS[name].line.replace("--streams 2", "--streams 1")


def make_nodes(folder: Path) -> list[Path]:
    """Makes one of everything that is neither a file nor a folder, as far as this process may."""
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "socket"))
    nodes = [folder / "fifo", folder / "socket"]
    for node, kind, device in (("block", stat.S_IFBLK, (7, 250)), ("null", stat.S_IFCHR, (1, 3))):
        try:
            os.mknod(folder / node, kind | 0o666, os.makedev(*device))
        except PermissionError:
            continue
        nodes.append(folder / node)
    return nodes


def states(folder: Path) -> dict[Path, tuple[int, ...]]:
    """Returns kind, identity, size and time of change of everything below a folder."""
    status = {path: path.lstat() for path in folder.rglob("*")}
    return {path: (s.st_mode, s.st_ino, s.st_rdev, s.st_size, s.st_mtime_ns) for path, s in status.items()}


def never(*args, **options):
    raise AssertionError("the work has begun")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to work in; its name is short, for the socket."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_is_refused_where_something_else_is(inputs, place, monkeypatch, name):
    for function in COMMANDS[name].computed:
        monkeypatch.setattr(function, never)
    (place / "file").write_text("mine")
    (place / "full").mkdir()
    (place / "full" / "diary.txt").write_text("mine")
    (place / "link").symlink_to("file")
    (place / "loop").symlink_to("loop")
    words = COMMANDS[name].line.replace("{out}/" + FOLDERS[name], "{place}")
    nodes = make_nodes(Path())
    before = states(place)
    others = [
        Path(other) for other in ("file", "file/new", "full", "link", "loop", ".", "/proc/new", "/sys/new")
    ]
    for path in [*nodes, *others]:
        code, error = run(words.format(inputs=inputs, place=path))
        assert code == 2, (path, error)
        assert sentence(error) is not None, error
        assert states(place) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLDERS)
def test_a_link_to_a_folder_is_followed(inputs, place, monkeypatch, name):
    Memory(monkeypatch, COMMANDS[name].computed)
    (place / "link").symlink_to("there")
    words = COMMANDS[name].line.replace("{out}/" + FOLDERS[name], "{place}")
    code, error = run(words.format(inputs=inputs, place="link"))
    assert code == 0, error
    assert (place / "link").is_symlink()
    assert read_tree(place / "there")
    assert sorted(path.name for path in place.iterdir()) == ["link", "there"]


CASES = [(name, target) for name, targets in TARGETS.items() for target in targets]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "target"), CASES)
def test_a_file_is_refused_or_written_to(inputs, place, monkeypatch, name, target):
    memory = Memory(monkeypatch, COMMANDS[name].computed)
    line = one_stream(name)
    code, error = run(line.format(inputs=inputs, out="complete"))
    assert code == 0, error
    content = Path("complete", target).read_bytes()
    nodes = make_nodes(place)
    (place / "there").mkdir()
    Path("there", "old").write_text("old")
    suffix = Path(target).suffix
    Path(f"link{suffix}").symlink_to("there/old")
    Path(f"dangling{suffix}").symlink_to("there/new")
    Path("hard").hardlink_to("there/old")
    words = line.replace("{out}/" + target, "{place}")
    for link, new in ((f"link{suffix}", "there/old"), (f"dangling{suffix}", "there/new")):
        memory.rewind()
        code, error = run(words.format(inputs=inputs, out="rest", place=link))
        assert code == 0, error
        assert Path(link).is_symlink()
        assert Path(new).read_bytes() == content
    assert Path("hard").read_text() == "old"
    pieces: list[bytes] = []
    reader = threading.Thread(target=lambda: pieces.append(Path("fifo").read_bytes()), daemon=True)
    reader.start()
    memory.rewind()
    code, error = run(words.format(inputs=inputs, out="rest", place="fifo"))
    assert code == 0, error
    reader.join(10)
    assert pieces == [content]
    if Path("null").exists():
        memory.rewind()
        assert run(words.format(inputs=inputs, out="rest", place="null")).code == 0
    assert stat.S_ISFIFO(nodes[0].lstat().st_mode)
    assert not Path("null").exists() or stat.S_ISCHR(Path("null").lstat().st_mode)

    for function in COMMANDS[name].computed:
        monkeypatch.setattr(function, never)
    shutil.rmtree("rest", ignore_errors=True)
    before = states(place)
    for path in ("socket", "block", "there", "hard/new", ".", "/proc/new", "/sys/new", "/proc/self/comm"):
        if path != "block" or Path("block").exists():
            code, error = run(words.format(inputs=inputs, out="rest", place=path))
            assert code == 2, (path, error)
            assert sentence(error) is not None, error
            assert states(place) == before
