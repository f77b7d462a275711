"""Files below a folder: sorted, none hidden, and not without end."""

import itertools
import os
from pathlib import Path

import pytest

from babble_jax.errors import BabbleError
from babble_jax.folders import walk_files


def test_files_are_listed_in_order_without_hidden_ones_and_links_to_folders(tmp_path):
    for name in ("b/2", "b/1", "a/x", ".hidden/y", "b/.z"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "pipe")
    walk = [(str(Path(above).relative_to(tmp_path)), names) for above, names in walk_files(tmp_path)]
    assert walk == [(".", ["pipe"]), ("a", ["x"]), ("b", ["1", "2"])]


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
