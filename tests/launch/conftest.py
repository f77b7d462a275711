"""A folder with an experiment, which is the current one."""

import sys

import pytest

from tests.launch.toy import write_toy


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """Path of the experiment; its folder is the current one, and its module is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield write_toy(tmp_path)
    sys.modules.pop("toy", None)
