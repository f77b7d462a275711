import json
from pathlib import Path

import pytest

from babble_jax.errors import BabbleError
from babble_jax.files import atomic_folder

KIND = "test duet"


def write(out: Path, text: str = "one", overwrite: bool = False) -> None:
    with atomic_folder(out, KIND, overwrite) as folder:
        (folder / "a.txt").write_text(text)
        (folder / "manifest.json").write_text(json.dumps({"kind": KIND, "sha256": {"a.txt": "?"}}))


def test_a_new_folder_and_an_empty_one_are_written(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    for out in (tmp_path / "deep" / "new", tmp_path / "empty"):
        write(out)
        assert sorted(path.name for path in out.iterdir()) == ["a.txt", "manifest.json"]
        assert out.stat().st_mode & 0o777 == (tmp_path / "deep").stat().st_mode & 0o777
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "empty"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_nothing_behind_and_the_old_one_in_place(tmp_path: Path, error: type[BaseException]):
    write(tmp_path / "old")

    def fail(out: Path) -> None:
        with atomic_folder(out, KIND, True) as folder:
            (folder / "half").touch()
            raise error

    for out in (tmp_path / "old", tmp_path / "new"):
        with pytest.raises(error):
            fail(out)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old" / "a.txt").read_text() == "one"


def test_an_earlier_one_is_replaced_only_when_asked(tmp_path: Path):
    write(tmp_path / "out")
    with pytest.raises(
        BabbleError, match="holds an earlier test duet; choose a new folder, or ask to overwrite it"
    ):
        write(tmp_path / "out", "two")
    assert (tmp_path / "out" / "a.txt").read_text() == "one"
    write(tmp_path / "out", "two", overwrite=True)
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
        write(tmp_path, overwrite=True)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_file_added_to_an_earlier_one_protects_it(tmp_path: Path):
    write(tmp_path / "out")
    (tmp_path / "out" / "notes.txt").touch()
    with pytest.raises(BabbleError, match="holds other files"):
        write(tmp_path / "out", overwrite=True)


def test_a_file_is_no_folder(tmp_path: Path):
    (tmp_path / "out").touch()
    with pytest.raises(BabbleError, match="is a file; choose a folder"):
        write(tmp_path / "out")
    with pytest.raises(BabbleError, match="cannot be made"):
        write(tmp_path / "out" / "below")
