"""The notebooks: paired with their scripts, short, with one and the same cell that installs the package.

`.ci/run` executes them.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

import babble_jax

FOLDER = Path(__file__).parents[1] / "colab"
NAMES = [path.stem for path in sorted(FOLDER.glob("*.py"))]


def cells(path: Path, kind: str) -> list[str]:
    return [cell.source for cell in jupytext.read(path).cells if cell.cell_type == kind]


def guard(name: str) -> str:
    return cells(FOLDER / f"{name}.py", "code")[0]


def test_there_are_five_in_order():
    assert [name[0] for name in NAMES] == ["1", "2", "3", "4", "5"]
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == {*NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_its_script_without_results(name):
    script, notebook = FOLDER / f"{name}.py", FOLDER / f"{name}.ipynb"
    for kind in ("code", "markdown"):
        assert cells(script, kind) == cells(notebook, kind)
    assert len(cells(script, "code")) < 10
    assert not any(cell.get("outputs") for cell in jupytext.read(notebook).cells)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_cell_installs_and_knows_the_address(name):
    assert guard(name) == guard(NAMES[0])
    assert re.search(r'^ADDRESS = "(.*)"', guard(name), re.MULTILINE)[1] == babble_jax.__url__  # pyright: ignore
    assert sum("pip" in cell for cell in cells(FOLDER / f"{name}.py", "code")) == 1


def run_guard(folder: Path, *, address: str = "") -> subprocess.CompletedProcess:
    """Runs the cell where the package is missing, and pip fails and names its arguments."""
    code = guard(NAMES[0]).replace('ADDRESS = ""', f'ADDRESS = "{address}"')
    code = code.replace('importlib.util.find_spec("babble_jax") is None', "True").replace(
        '"-m", "pip"', '"-c", PRINT'
    )
    command = [sys.executable, "-c", f"PRINT = 'import sys; sys.exit(str(sys.argv))'\n{code}"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=os.environ)


def test_without_a_wheel_it_says_to_upload_one(tmp_path):
    run = run_guard(tmp_path)
    assert run.returncode == 1
    sentence = (
        "Upload the package, babble_jax-*.whl, into the folder of this notebook, and run this cell again.\n"
    )
    assert run.stderr == sentence


def test_it_takes_the_wheel_or_the_address_and_keeps_jax(tmp_path):
    assert "babble_jax[tables] @ git+https://x.org/y" in run_guard(tmp_path, address="https://x.org/y").stderr
    (tmp_path / "babble_jax-0.1.0-py3-none-any.whl").touch()
    run = run_guard(tmp_path)
    assert f"babble_jax[tables] @ {tmp_path.as_uri()}/babble_jax-0.1.0-py3-none-any.whl" in run.stderr
    assert "'--constraint', 'jax-constraints.txt'" in run.stderr
    assert "pip could not install the package beside jax==" in run.stderr
    lines = (tmp_path / "jax-constraints.txt").read_text().split()
    import jax

    assert f"jax=={jax.__version__}" in lines
    assert all("jax" in line for line in lines)
