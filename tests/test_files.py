"""Files and folders are written completely or not at all."""

import json
import os
import re
import stat
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


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path):
    with files.atomic_write(tmp_path / "a.json") as temporary:
        (tmp_path / f"{temporary.stem}-again.json").touch()  # as a killed process leaves it
    (tmp_path / "a.json").unlink()
    (tmp_path / "b.json").touch()
    assert len(list(tmp_path.iterdir())) == 2
    files.remove_partial(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["b.json"]


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
