"""Files are there whole or not at all."""

import json
import os
import stat

import pytest

from babble_jax import files


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
