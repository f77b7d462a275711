"""Files below a folder: sorted, none hidden, and not without end."""

import itertools
import os
from pathlib import Path

import pytest

from babble_jax.errors import BabbleError
from babble_jax.folders import walk_files


def test_files_are_listed_in_order_without_hidden_ones(tmp_path):
    for name in ("b/2", "b/1", "a/x", ".hidden/y", "b/.z"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "pipe")
    walk = [(str(Path(above).relative_to(tmp_path)), names) for above, names in walk_files(tmp_path)]
    assert walk == [(".", ["pipe"]), ("a", ["x"]), ("b", ["1", "2"])]


def list_names(folder):
    return [
        str(Path(above, name).relative_to(folder)) for above, names in walk_files(folder) for name in names
    ]


def test_links_to_folders_elsewhere_are_followed_once_and_loops_end(tmp_path):
    for name in ("in/a/x", "out/deep/y", "out/z", "other/w"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    root = tmp_path / "in"
    links = {
        root / "aa": tmp_path / "out/deep",  # and its whole comes later
        root / "b": tmp_path / "out",
        root / "c": tmp_path / "out",  # the same again
        root / "d": tmp_path / "out/deep",  # a part of it
        root / "a/inside": root / "a",
        root / "a/up": tmp_path,  # all of it and more
        tmp_path / "out/deep/back": root,
        tmp_path / "out/further": tmp_path / "other",
        root / "circle": root / "circle",
        root / "kernel": Path("/proc"),
        root / "nowhere": tmp_path / "absent",
    }
    for link, target in links.items():
        link.symlink_to(target)
    # What points to no folder is named among the files, as it was.
    files = ["a/x", "aa/y", "b/deep/y", "b/further/w", "b/z", "circle", "nowhere"]
    assert sorted(list_names(root)) == files
    (root / "e").symlink_to(tmp_path / "out/deep/y")  # a file
    assert sorted(list_names(root)) == sorted([*files, "e"])
    (tmp_path / "start").symlink_to(root)
    assert sorted(list_names(tmp_path / "start")) == sorted([*files, "e"])


def test_too_many_files_are_refused(tmp_path):
    for i in range(5):
        (tmp_path / str(i)).touch()
    assert sum(len(names) for _, names in walk_files(tmp_path, most=5)) == 5
    with pytest.raises(BabbleError, match="more than 4 files and folders; name a folder nearer"):
        list(walk_files(tmp_path, most=4))


@pytest.mark.skipif(not Path("/proc/self/mountinfo").exists(), reason="no file systems of the kernel")
def test_file_systems_of_the_kernel_are_left_out():
    with pytest.raises(BabbleError, match="/proc: is a folder of the system"):
        list(walk_files("/proc"))
    few = itertools.islice(walk_files("/"), 3)
    assert not any(above.startswith("/proc") for above, _ in few)
