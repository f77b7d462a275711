"""Runs commands and says what they left: trees of files, and the one sentence of a refusal."""

import collections
import contextlib
import hashlib
import io
import os
import pkgutil
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from matplotlib.figure import Figure

from babble_jax import cli, temporaries
from tests.command import without_table
from tests.faults.injection import Injection, armed

Tree = dict[str, str]  # digest of each file, "folder" of each folder, by its relative path
TEMPORARY = re.compile(r"(^|/)\.[^/]*\.babble-(unfinished|replaced)-[0-9a-f]{8}|(^|/)\.[^/]*\.babble-lock")


class Run(NamedTuple):
    """What a command said: its exit code, and its standard error."""

    code: object
    error: str


class Memory:
    """Remembers what functions return in a first run; in later runs they return it again without being called.

    Args:
      monkeypatch: puts the remembering functions in place of the others.
      names: dotted names of the functions.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, names: Sequence[str]):
        self._values: dict[tuple[str, int], Any] = {}
        self._calls: collections.Counter[str] = collections.Counter()
        for name in names:
            *module, last = name.split(".")
            target = pkgutil.resolve_name(".".join(module))
            monkeypatch.setattr(target, last, self._remember(name, getattr(target, last)))
        self._save = Figure.savefig
        monkeypatch.setattr(Figure, "savefig", lambda *args, **options: self._save_picture(*args, **options))

    def _save_picture(self, figure: Figure, path: Path, **options) -> None:
        """Renders a picture once, and writes the same bytes later."""

        def render() -> bytes:
            self._save(figure, path, **options)
            return path.read_bytes()

        picture = self._remember("savefig", render)()
        if not path.exists() or path.stat().st_size == 0:
            path.write_bytes(picture)

    def _remember(self, name: str, function: Callable) -> Callable:
        def remembered(*args, **options):
            key = (name, self._calls[name])
            self._calls[name] += 1
            if key not in self._values:
                self._values[key] = function(*args, **options)
            return self._values[key]

        return remembered

    def rewind(self) -> None:
        """Begins a new run."""
        self._calls.clear()


def run(line: str, injection: Injection | None = None) -> Run:
    """Runs a command line in this process as though it were the first of the process."""
    temporaries.remove_partial_once.cache_clear()
    code, out, error = 0, io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error), contextlib.ExitStack() as stack:
        if injection is not None:
            stack.enter_context(armed(injection))
        try:
            cli.main(shlex.split(line))
        except SystemExit as end:
            code = end.code
    return Run(code, error.getvalue())


def run_to_kill(line: str, injection: Injection) -> None:
    """Runs a command line in a copy of this process, which is killed at a step.

    What needs XLA must be remembered: its threads are not copied.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jax and Python warn of threads
        process = os.fork()
    if process == 0:
        try:
            run(line, injection)
        finally:
            os._exit(3)
    end = time.monotonic() + 120
    while not (status := os.waitpid(process, os.WNOHANG))[0]:
        if time.monotonic() > end:
            os.kill(process, signal.SIGTERM)
        time.sleep(0.005)
    assert os.WIFSIGNALED(status[1]), (line, injection.at)
    assert os.WTERMSIG(status[1]) == signal.SIGKILL, f"{line} does not get to step {injection.at}"


def run_to_kill_anew(line: str, injection: Injection) -> None:
    """Runs a command line in a new process, which is killed at a step."""
    command = [sys.executable, "-m", "tests.faults.killing", line, str(injection.at)]
    command += map(str, injection.roots)
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == -signal.SIGKILL, result.stdout + result.stderr


def sentence(error: str) -> str | None:
    """Returns the sentence on standard error, without the lines of progress; None where it is not one sentence."""
    last = error.splitlines()[-1] if error else ""
    others = without_table(error.splitlines()[:-1])
    alone = not any(line.startswith(("babble:", "Traceback", " ", "From cffi")) for line in others)
    return last if alone and last.startswith("babble: ") and last.endswith(".") else None


def read_tree(folder: Path) -> Tree:
    """Reads a folder's tree; empty where there is no such folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else "folder"
        for path in sorted(folder.rglob("*"))
    }


def write_earlier(complete: Path, folder: Path) -> None:
    """Copies the output of a command with a byte more in each file, which is no other output to the command."""
    shutil.copytree(complete, folder)
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("ab") as stream:
                stream.write(b"\n")


def without_temporaries(tree: Tree) -> Tree:
    """Returns a tree without what `temporaries.remove_partial` removes."""
    return {name: digest for name, digest in tree.items() if not TEMPORARY.search(name)}


def mixed(tree: Tree, before: Tree, complete: Tree, keeps_parts: bool = False) -> list[str]:
    """Lists the outputs, files or folders at the top of a tree, that are neither as before nor complete.

    Args:
      tree: what is there now.
      before: what was there.
      complete: what a run without faults writes.
      keeps_parts: whether a folder may hold its manifest, and of its other files those that are complete.
    """

    def parts(tree: Tree) -> dict[str, Tree]:
        tops = {name.split("/")[0] for name in tree}
        return {top: {n: d for n, d in tree.items() if n.split("/")[0] == top} for top in tops}

    now, old, new = parts(tree), parts(before), parts(complete)
    names = now.keys() | old.keys()

    def is_begun(name: str) -> bool:
        rest = {path: digest for path, digest in now.get(name, {}).items() if path != f"{name}/manifest.json"}
        return (
            keeps_parts and len(rest) < len(now.get(name, {})) and rest.items() <= new.get(name, {}).items()
        )

    allowed = {name: (old.get(name), new.get(name)) for name in names}
    return sorted(name for name in names if now.get(name) not in allowed[name] and not is_begun(name))
