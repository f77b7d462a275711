"""Experiments: modules with an `EXPERIMENT`, a frozen dataclass instance, and a docstring that says what it takes."""

import ast
import dataclasses
import importlib
import importlib.util
import re
import sys
from pathlib import Path
from typing import Any, Protocol

from babble_jax import input_files
from babble_jax.errors import BabbleError

_EXPERIMENT = re.compile(r"^EXPERIMENT\b[^=\n]*=", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.;:])\s+(?=[A-Z`])|;\s")
_UNIT = re.compile(r"\b(second|minute|hour|day)s?\b", re.IGNORECASE)


class Experiment(Protocol):
    """Values and what is made of them: a frozen dataclass with this method."""

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Runs the experiment, from what an earlier start left in `work`.

        Args:
          work: folder for data sets, checkpoints and audio.
          results: path, without suffix, of pictures.

        Returns:
          Plain JSON values.
        """
        ...


@dataclasses.dataclass(frozen=True)
class Description:
    """What the docstring of an experiment says.

    Attributes:
      summary: its first line.
      command: the indented lines.
      time: the sentence with the time that it takes; empty where there is none.
      expected: the sentence that begins with "Expected"; empty where there is none.
    """

    summary: str
    command: str
    time: str
    expected: str

    @property
    def is_cheap(self) -> bool:
        """True where the time is one of seconds or minutes."""
        return bool(self.time) and re.search(r"\b(hour|day)s?\b", self.time, re.IGNORECASE) is None


def describe(docstring: str) -> Description:
    """Reads summary, command, time and expected values out of a docstring."""
    blocks = re.split(r"\n\s*\n", docstring.strip())
    summary = " ".join(blocks[0].split())
    code = [block for block in blocks[1:] if block.startswith("    ")]
    command = "\n".join(line.strip() for block in code[:1] for line in block.splitlines())
    prose = " ".join(" ".join(block.split()) for block in blocks[1:] if not block.startswith("    "))
    timed = [part.rstrip(";:. ") for part in _SENTENCE.split(prose) if _UNIT.search(part)]
    time = next((one for one in timed if one.startswith("Takes ")), timed[0] if timed else "")
    start = re.search(r"\bExpected\b.*", prose)
    expected = "" if start is None else re.split(r"(?<=\.)\s+(?=[A-Z])", start[0])[0].rstrip(".")
    time = time.removeprefix("Takes ").split(": ")[0]
    expected = expected.removeprefix("Expected").lstrip(":, ")
    return Description(summary, command, time[:1].lower() + time[1:], expected)


def find_experiments(folder: Path, recursive: bool = False) -> dict[str, Path]:
    """Finds the experiments of a folder: Python files that assign `EXPERIMENT`, by the name of the file.

    Args:
      folder: to look in.
      recursive: look into the folders inside, too.
    """
    paths = sorted(folder.rglob("*.py") if recursive else folder.glob("*.py"))
    return {path.stem: path for path in paths if _EXPERIMENT.search(input_files.read_text(path))}


def read_description(path: Path) -> Description:
    """Reads the description of an experiment without running its module."""
    try:
        return describe(ast.get_docstring(ast.parse(input_files.read_text(path))) or "")
    except (SyntaxError, ValueError) as error:
        raise BabbleError(f"{path}, line {getattr(error, 'lineno', 1)}: is no Python; mend it.") from error


def load_experiment(source: str) -> Experiment:
    """Imports an experiment.

    Args:
      source: dotted name of a module, or path of a Python file; the folder of a file is searched for what it imports.

    Raises:
      BabbleError: there is no such file, or its `EXPERIMENT` is no frozen dataclass instance with a method `run`.
    """
    experiment = getattr(load_module(source), "EXPERIMENT", None)
    if not dataclasses.is_dataclass(experiment) or isinstance(experiment, type):
        raise BabbleError(f"{source}: has no EXPERIMENT that is an instance of a dataclass; add one.")
    if not experiment.__dataclass_params__.frozen:  # pyright: ignore[reportAttributeAccessIssue]
        raise BabbleError(
            f"{source}: the dataclass of EXPERIMENT can change; make it @dataclass(frozen=True)."
        )
    if not callable(getattr(experiment, "run", None)):
        raise BabbleError(f"{source}: EXPERIMENT has no method run(work, results); add one.")
    return experiment  # pyright: ignore[reportReturnType]


def load_module(source: str) -> Any:
    """Imports the module of an experiment; see `load_experiment`."""
    return _load_file(Path(source)) if source.endswith(".py") else importlib.import_module(source)


def _load_file(path: Path) -> Any:
    path = path.resolve()
    if not path.is_file():
        raise BabbleError(f"{path}: there is no such file; name a Python file with an EXPERIMENT.")
    name = path.stem
    if (module := sys.modules.get(name)) is not None and getattr(module, "__file__", None) == str(path):
        return module
    if module is not None:
        raise BabbleError(f"{path}: a module named {name} is loaded already; call the file otherwise.")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their types up there
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
