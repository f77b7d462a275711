"""Compiled code is stored once, in a folder that can be written, and read by later processes; damage does no harm."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from babble_jax import compilation

SUM = """
import sys
from pathlib import Path
import numpy as np
from babble_jax.compilation import cache_folder, compile_native

@compile_native(Path(__file__))
def add(x):
    y = np.zeros(len(x))
    for i in range(len(x)):
        y[i] = x[i] + 1
    return y.sum()

print(add(np.arange(4.0)), cache_folder())
"""


def test_code_is_stored_in_process_too(script, tmp_path, monkeypatch, capsys):
    """The same as in processes, which are slow to start."""
    monkeypatch.setattr(compilation, "cache_folder", lambda: tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    compilation._announce.cache_clear()
    for message in ("compiling native code, once for this machine\n", ""):
        names = {"__file__": str(script), "__name__": "adding"}
        exec(compile(SUM, script, "exec"), names)
        assert capsys.readouterr() == (f"10.0 {names['cache_folder']()}\n", message)
        compilation._announce.cache_clear()
    assert len(list((tmp_path / "cache").iterdir())) == 1


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "adding.py"
    path.write_text(SUM)
    return path


def run(script, **environment):
    """Runs the script and returns its output and what it says on standard error."""
    result = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, env=os.environ | environment
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.split(maxsplit=1), result.stderr


@pytest.mark.slow
def test_code_is_compiled_once_and_anew_where_it_is_damaged_or_its_source_changes(script, tmp_path):
    folder = tmp_path / "cache"
    outcome, message = run(script, NUMBA_CACHE_DIR=str(folder))
    assert outcome == ["10.0", f"{folder}/babble_jax\n"]
    assert message == "compiling native code, once for this machine\n"
    assert run(script, NUMBA_CACHE_DIR=str(folder)) == (outcome, "")
    (stored,) = (folder / "babble_jax").iterdir()
    assert stored.name.startswith("__main__.add-")
    stored.write_bytes(stored.read_bytes()[:100])
    assert run(script, NUMBA_CACHE_DIR=str(folder)) == (outcome, message)
    script.write_text(SUM.replace("+ 1", "+ 2"))
    assert run(script, NUMBA_CACHE_DIR=str(folder)) == (["14.0", outcome[1]], message)


@pytest.mark.slow
def test_without_a_folder_it_is_compiled_at_every_start(script, tmp_path):
    file = tmp_path / "file"
    file.touch()
    nowhere = {
        "NUMBA_CACHE_DIR": str(file),
        "XDG_CACHE_HOME": str(file),
        "HOME": str(file),
        "TMPDIR": str(file),
    }
    script.write_text(SUM.replace("import sys\n", f"import tempfile\ntempfile.tempdir = {str(file)!r}\n", 1))
    outcome, message = run(script, **nowhere)
    assert outcome == ["10.0", "None\n"]
    assert message == "compiling native code, at every start: no cache folder can be written\n"


def test_the_folder_is_the_next_one_that_can_be_written(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.touch()
    candidates = [file / "below", tmp_path / "second", tmp_path / "third"]
    monkeypatch.setattr(compilation, "_cache_candidates", lambda: iter(candidates))
    assert compilation.cache_folder.__wrapped__() == tmp_path / "second"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs the permissions of POSIX")
def test_a_folder_that_others_may_write_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "shared").mkdir(mode=0o777)
    (tmp_path / "shared").chmod(0o777)
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.setattr(
        compilation, "_cache_candidates", lambda: iter([tmp_path / "shared", tmp_path / "link"])
    )
    assert compilation.cache_folder.__wrapped__() is None


def test_a_value_is_computed_once(tmp_path, monkeypatch):
    monkeypatch.setattr(compilation, "cache_folder", lambda: tmp_path)
    calls = []

    def compute():
        calls.append(1)
        return [1.5, {"a": [2]}]

    for key in ((1,), (1,), (2,)):
        assert compilation.recall("value", key, Path(__file__), compute) == [1.5, {"a": [2]}]
    assert len(calls) == 2
    for path in tmp_path.iterdir():
        path.write_text("{")
    assert compilation.recall("value", (1,), Path(__file__), compute) == [1.5, {"a": [2]}]
    assert len(calls) == 3
    monkeypatch.setattr(compilation, "cache_folder", lambda: None)
    assert compilation.recall("value", (1,), Path(__file__), compute) == [1.5, {"a": [2]}]
    assert len(calls) == 4


def test_features_are_those_that_numba_compiles_for(monkeypatch):
    assert compilation.cpu_features() or sys.platform != "linux"
    monkeypatch.setattr("numba.config.CPU_FEATURES", "+sse2,-avx2,+fma")
    assert compilation.cpu_features() == {"sse2", "fma"}
    monkeypatch.setattr("numba.config.CPU_FEATURES", "")
    assert compilation.cpu_features() == frozenset()
