"""The house keeps its rooms: who imports whom, who says pmap, what is never imported, and how long a file is.

Each rule is a function of sources, so that it is tried on sources that break it, too.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import babble_jax

PACKAGE = Path(babble_jax.__file__).parent
GROUND = {
    "",
    "errors",
    "files",
    "config",
    "plotting",
    "progress",
    "presets",
}  # "": the package's own __init__
ALLOWED = {
    "audio": set(),
    "track": set(),
    "conversation": {"audio"},
    "timing": {"conversation"},
    "dataset": {"audio"},
    "voice": {"audio"},
    "pretrained": {"voice", "audio"},
    "judge": {"pretrained", "audio"},
    "train": {"dataset", "voice", "pretrained", "track", "audio"},
    "dialogue": {"pretrained", "voice", "timing", "conversation", "audio"},
    "stimuli": {"dialogue", "pretrained", "voice", "timing", "conversation", "audio"},
}
EVERYTHING = {*ALLOWED, "demo", "cli"}
ALLOWED |= {"demo": EVERYTHING - {"cli"}, "cli": EVERYTHING}
LONGEST = 400  # lines

Sources = dict[str, str]  # text by the file's name relative to the package


def imports(name: str, text: str) -> Iterator[str]:
    """Dotted names of all that a file imports, wherever in it; of `from a import b` both a and a.b."""
    package = ["babble_jax", *Path(name).parent.parts]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room_of(dotted: str) -> str | None:
    """The first part below the package, without what is no module (`babble_jax.__version__`); None outside of it."""
    parts = dotted.split(".")
    if parts[0] != "babble_jax":
        return None
    room = parts[1] if len(parts) > 1 else ""
    return room if room in ALLOWED or room in GROUND else ""


def directions(sources: Sources) -> list[str]:
    wrong = []
    for name, text in sources.items():
        own = Path(name).parts[0].removesuffix(".py").replace("__init__", "")
        allowed = GROUND | {own} | (set() if own in GROUND else ALLOWED[own])
        for dotted in imports(name, text):
            room = room_of(dotted)
            if room is not None and room not in allowed:
                wrong.append(f"{name} imports {dotted}")
            if dotted.split(".")[0] in ("experiments", "tests"):
                wrong.append(f"{name} imports {dotted}")
    return wrong


def pmaps(sources: Sources) -> list[str]:
    """Names and attributes, not the words of docstrings or the values of options."""
    wrong = []
    for name, text in sources.items():
        if name == "train/devices.py":
            continue
        for node in ast.walk(ast.parse(text)):
            said = {
                ast.Name: lambda n: n.id,
                ast.Attribute: lambda n: n.attr,
                ast.alias: lambda n: n.name.split(".")[-1],
            }.get(type(node), lambda n: "")(node)
            if said == "pmap":
                wrong.append(f"{name} says pmap")
    return wrong


def tensorflows(sources: Sources) -> list[str]:
    return [
        f"{name} imports {dotted}"
        for name, text in sources.items()
        for dotted in imports(name, text)
        if dotted.split(".")[0] in ("tensorflow", "torch", "clu")
    ]


def undocumented(sources: Sources) -> list[str]:
    return [name for name, text in sources.items() if not ast.get_docstring(ast.parse(text))]


def long_files(sources: Sources) -> list[str]:
    return [name for name, text in sources.items() if len(text.splitlines()) >= LONGEST]


@pytest.fixture(scope="module")
def sources() -> Sources:
    return {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}


VIOLATIONS: dict[Callable[[Sources], list[str]], list[tuple[str, str]]] = {
    directions: [
        ("voice/a.py", "from babble_jax.timing.distributions.fit import fit"),
        ("timing/a.py", "import babble_jax.voice.speak"),
        ("dialogue/a.py", "def f():\n    from babble_jax.train import loop"),
        ("audio/a.py", "from babble_jax import voice"),
        ("audio/a.py", "from ..voice import speak"),
        ("audio/a.py", "from .. import cli"),
        ("errors.py", "from babble_jax.audio import wave"),
        ("demo.py", "from babble_jax.cli import main"),
        ("cli.py", "from experiments.launch import main"),
    ],
    pmaps: [
        ("train/loop.py", "import jax\nstep = jax.pmap(print)"),
        ("voice/a.py", "from jax import pmap"),
        ("voice/a.py", "import jax\nmap = jax.pmap"),
    ],
    tensorflows: [
        ("dataset/a.py", "import tensorflow as tf"),
        ("audio/a.py", "from tensorflow.io import gfile"),
    ],
    undocumented: [("audio/a.py", "import os\n"), ("audio/a.py", '""""""\n')],
    long_files: [("audio/a.py", '"""One line too many."""\n' + "\n" * (LONGEST - 1))],
}
INNOCENT = '''"""Says pmap and tensorflow in words only."""
import tensorflow_datasets
from babble_jax import __version__, files
from babble_jax.audio import wave
kind = "pmap"
'''


@pytest.mark.parametrize("rule", VIOLATIONS, ids=lambda rule: rule.__name__)
def test_the_package_keeps_the_rule_and_a_violation_is_seen(sources, rule):
    assert len(sources) > 50
    assert rule(sources) == []
    assert rule({"dataset/a.py": INNOCENT}) == []
    for name, text in VIOLATIONS[rule]:
        assert rule({name: text}), text


def test_every_room_is_in_the_rules(sources):
    rooms = {Path(name).parts[0].removesuffix(".py").replace("__init__", "") for name in sources}
    assert rooms <= ALLOWED.keys() | GROUND
    assert rooms == ALLOWED.keys() | GROUND
