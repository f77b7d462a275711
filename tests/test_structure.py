"""Structure of the package: who imports whom, names that stand in one file only, and the length of files.

Each rule is a function of sources, so that it is also tried on sources that break it.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

import babble_jax
from babble_jax.cli.verbs import VERBS

PACKAGE = Path(babble_jax.__file__).parent
GROUND = {
    "compilation",
    "",
    "errors",
    "files",
    "folders",
    "input_files",
    "locks",
    "ngram",
    "notes",
    "numerics",
    "arguments",
    "config",
    "plotting",
    "plural",
    "praat_values",
    "progress",
    "presets",
    "recurrence",
    "printable",
    "streams",
    "temporaries",
}
"""Rooms that all may import; "" is the package's own `__init__`."""
ALLOWED = {
    "audio": set(),
    "track": set(),
    "conversation": {"audio"},
    "timing": {"conversation"},
    "dataset": {"audio"},
    "voice": {"audio"},
    "ear": {"audio"},
    "tacotron": {"voice", "audio"},
    "pretrained": {"voice", "tacotron", "ear", "audio"},
    "judge": {"pretrained", "ear", "audio"},
    "train": {"dataset", "voice", "ear", "tacotron", "pretrained", "judge", "track", "audio"},
    "launch": {"track", "train"},
    "dialogue": {"pretrained", "voice", "timing", "conversation", "audio"},
    "stimuli": {"dialogue", "pretrained", "voice", "timing", "conversation", "audio"},
    "agent": {"dialogue", "pretrained", "voice", "ear", "timing", "conversation", "audio"},
}
EVERYTHING = {*ALLOWED, "demo", "cli"}
ALLOWED |= {"demo": EVERYTHING - {"cli"}, "cli": EVERYTHING}
TIMING_ALLOWED = {
    "events": set(),
    "splits": set(),
    "distributions": {"events"},
    "floor": {"distributions", "events", "splits"},
    "prediction": {"distributions", "events", "splits"},
    "evaluation": {"prediction", "floor", "distributions", "events", "splits"},
    "preset": {"floor", "distributions", "events"},
    "pooling": {"preset", "evaluation", "floor", "distributions", "events", "splits"},
    "fitting": {"pooling", "preset", "evaluation", "floor", "distributions", "events", "splits"},
    "catalogue": {"distributions"},
    "manipulation": {"preset", "distributions", "events"},
}
"""What each room of timing may import from the others: models import no evaluation."""
TASK_FILES = ("train/tasks/", "train/training.py")
"""Files of `train` that know a model; all others are the trainer, which knows none."""
TRAINER_ALLOWED = GROUND | {"train", "track"}
ENTRIES = (
    "__init__.py",
    "demo.py",
    "cli/__init__.py",
    *sorted({f"cli/{verb.split()[0]}.py" for verb in VERBS}),
)
"""Files from which users reach all others."""
LONGEST = 400  # lines
OWN_READERS = {
    ("input_files.py", "loads"),
    ("locks.py", "loads"),  # of a thousand bytes at most
    ("compilation.py", "read_bytes"),  # of this package's own sources and compiled code
    ("track/weights_and_biases.py", "read_text"),  # of the identity that it wrote itself
    ("train/tasks/voice/first_pass.py", "loads"),  # of the arguments that this package gives its own process
}
"""Files that read or parse by themselves what no user has named."""
INT16_SCALES = (32_767, 32_768)

Sources = dict[str, str]  # text by the file's name relative to the package


def imports(name: str, text: str) -> Iterator[str]:
    """Yields dotted names of all that a file imports, wherever in it; of `from a import b` both a and a.b."""
    yield from _imports(name, ast.walk(ast.parse(text)))


def _imports(name: str, nodes: Iterable[ast.AST]) -> Iterator[str]:
    package = ["babble_jax", *Path(name).parent.parts]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room_of(dotted: str) -> str | None:
    """Returns the first part below the package, "" for what is no module (`babble_jax.__version__`); None outside."""
    parts = dotted.split(".")
    if parts[0] != "babble_jax":
        return None
    room = parts[1] if len(parts) > 1 else ""
    return room if room in ALLOWED or room in GROUND else ""


def module_of(dotted: str, sources: Sources) -> str | None:
    """Returns the file of a dotted name, if it is one of the sources."""
    path = "/".join(dotted.split(".")[1:])
    candidates = (f"{path}.py", f"{path}/__init__.py".lstrip("/")) if dotted.startswith("babble_jax") else ()
    return next((file for file in candidates if file in sources), None)


def imported_modules(sources: Sources) -> dict[str, set[str]]:
    """Returns the files that each file imports."""
    return {
        name: {file for dotted in imports(name, text) if (file := module_of(dotted, sources))} - {name}
        for name, text in sources.items()
    }


def directions(sources: Sources) -> list[str]:
    wrong = []
    for name, text in sources.items():
        if name == "__init__.py":  # the public API, which nothing loads before it is used
            nodes = [node for node in ast.parse(text).body if not _is_for_type_checkers(node)]
            wrong += [f"{name} loads {dotted}" for dotted in _imports(name, nodes) if room_of(dotted)]
            continue
        own = Path(name).parts[0].removesuffix(".py").replace("__init__", "")
        allowed = GROUND | {own} | (set() if own in GROUND else ALLOWED[own])
        for dotted in imports(name, text):
            room = room_of(dotted)
            if room is not None and room not in allowed:
                wrong.append(f"{name} imports {dotted}")
            if dotted.split(".")[0] in ("experiments", "tests"):
                wrong.append(f"{name} imports {dotted}")
    return wrong


def timing_directions(sources: Sources) -> list[str]:
    wrong = []
    for name, text in sources.items():
        folder, *rest = Path(name).with_suffix("").parts
        if folder != "timing" or rest == ["__init__"]:
            continue
        for dotted in imports(name, text):
            parts = dotted.split(".")
            if parts[:2] == ["babble_jax", "timing"] and not {*parts[2:3]} <= {
                rest[0],
                *TIMING_ALLOWED[rest[0]],
            }:
                wrong.append(f"{name} imports {dotted}")
    return wrong


def trainer_models(sources: Sources) -> list[str]:
    """Lists imports by which the trainer would know a model or its data."""
    return [
        f"{name} imports {dotted}"
        for name, text in sources.items()
        if name.startswith("train/") and not name.startswith(TASK_FILES)
        for dotted in imports(name, text)
        if room_of(dotted) not in (None, *TRAINER_ALLOWED)
        or dotted.startswith(("babble_jax.train.tasks", "babble_jax.train.training"))
    ]


def _is_for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def circles(sources: Sources) -> list[str]:
    """Lists pairs of files that import each other, directly or through others."""
    edges = imported_modules({name: text for name, text in sources.items() if name != "__init__.py"})
    below = {name: reachable(edges, [name]) - {name} for name in edges}
    return [f"{a} and {b} import each other" for a in below for b in below[a] if a < b and a in below[b]]


def unreachable(sources: Sources) -> list[str]:
    """Lists files that neither a verb nor the demo nor the public API imports, directly or through others."""
    named = reachable(imported_modules(sources), ENTRIES)
    return sorted(name for name in sources if name not in named and not name.endswith("/__init__.py"))


def reachable(edges: dict[str, set[str]], entries: Iterable[str]) -> set[str]:
    """Returns some files and all that they import, directly or through others."""
    seen, ahead = set(), [name for name in entries if name in edges]
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead += edges[name]
    return seen


def identifiers(text: str) -> Iterator[str]:
    """Yields names and attributes, but not words of docstrings and values of options."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.alias(name=name):
                yield name.split(".")[-1]


def pmaps(sources: Sources) -> list[str]:
    return [
        f"{name} uses pmap"
        for name, text in sources.items()
        if name != "train/devices.py" and "pmap" in identifiers(text)
    ]


def canvases(sources: Sources) -> list[str]:
    return [
        f"{name} draws without babble_jax.plotting"
        for name, text in sources.items()
        if name != "plotting.py" and {"FigureCanvasAgg", "pyplot", "savefig"} & {*identifiers(text)}
    ]


def int16_scales(sources: Sources) -> list[str]:
    return [
        f"{name}, line {node.lineno}: the scale of int16"
        for name, text in sources.items()
        if name != "audio/pcm.py"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value in INT16_SCALES
    ]


def preset_paths(sources: Sources) -> list[str]:
    """Lists files that look for what ships by themselves."""
    wrong = []
    for name, text in sources.items():
        if name == "presets/registry.py":
            continue
        if "importlib.resources" in imports(name, text):
            wrong.append(f"{name} imports importlib.resources")
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.BinOp(op=ast.Div(), right=ast.Constant(value=str(part))):
                    parts = [part]
                case ast.Call(func=ast.Attribute(attr="joinpath") | ast.Name(id="Path"), args=arguments):
                    parts = [one.value for one in arguments if isinstance(one, ast.Constant)]
                case _:
                    continue
            wrong += [f"{name}: a path of presets" for part in parts if "presets" in str(part).split("/")]
    return wrong


def json_readers(sources: Sources) -> list[str]:
    """Lists files that parse JSON without the bounds of `input_files`, or read a file of text whatever its size."""
    wrong = []
    for name, text in sources.items():
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="json"), attr="load" | "loads" as call)):
                    pass
                case ast.Call(func=ast.Attribute(attr="read_text" | "read_bytes" as call, value=value)):
                    if isinstance(value, ast.Name) and value.id == "input_files":
                        continue
                case ast.ImportFrom(module="json"):
                    call = "an import from json"
                case _:
                    continue
            if (name, call) not in OWN_READERS:
                wrong.append(f"{name}, line {node.lineno}: {call} outside of input_files")
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


def public_functions(text: str) -> Iterator[ast.FunctionDef]:
    """Yields the public functions of a file and the public methods of its public classes."""
    bodies = [ast.parse(text).body]
    while bodies:
        for node in bodies.pop():
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                bodies.append(node.body)
            elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield node


def without_args(sources: Sources) -> list[str]:
    """Lists public functions of three or more parameters without an Args section; ruff's D417 sees the rest."""
    return [
        f"{name}, line {node.lineno}: {node.name} has no Args"
        for name, text in sources.items()
        for node in public_functions(text)
        for every in [[*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]]
        if len([one for one in every if one.arg not in ("self", "cls")]) >= 3
        and not any(
            isinstance(mark, ast.Name) and mark.id in ("overload", "override") for mark in node.decorator_list
        )
        and "Args:" not in (ast.get_docstring(node) or "")
    ]


def riddles(sources: Sources) -> list[str]:
    """Lists public functions whose docstring begins with a subordinate clause, not with a verb or a noun."""
    return [
        f"{name}, line {node.lineno}: {node.name} begins with {first}"
        for name, text in sources.items()
        for node in public_functions(text)
        for first in [(ast.get_docstring(node) or " ").split()[:1]]
        if first and first[0] in ("What", "Of", "How", "Where", "As", "Which", "Whether")
    ]


def long_files(sources: Sources) -> list[str]:
    return [name for name, text in sources.items() if len(text.splitlines()) >= LONGEST]


def read_sources(folder: Path) -> Sources:
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.py")}


@pytest.fixture(scope="module")
def sources() -> Sources:
    return read_sources(PACKAGE)


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
        ("__init__.py", "from babble_jax.audio import wave"),
    ],
    timing_directions: [
        ("timing/distributions/a.py", "from babble_jax.timing.evaluation.offsets.scores import log_density"),
        ("timing/events/a.py", "from babble_jax.timing import splits"),
        ("timing/splits.py", "from .distributions.family import Family"),
        ("timing/evaluation/floor/a.py", "def f():\n    from babble_jax.timing.preset import load_timing"),
        ("timing/floor/a.py", "import babble_jax.timing.prediction.pooled"),
    ],
    trainer_models: [
        ("train/trainer.py", "from babble_jax.voice.contract import Params"),
        ("train/hooks.py", "def f():\n    from babble_jax.pretrained.pretrained import save_voice"),
        ("train/state.py", "from babble_jax.train.tasks.voice.task import VoiceTask"),
        ("train/checkpoint.py", "from .training import train_voice"),
    ],
    pmaps: [
        ("train/loop.py", "import jax\nstep = jax.pmap(print)"),
        ("voice/a.py", "from jax import pmap"),
        ("voice/a.py", "import jax\nmap = jax.pmap"),
    ],
    canvases: [
        ("voice/a.py", "from matplotlib.backends.backend_agg import FigureCanvasAgg"),
        ("voice/a.py", "import matplotlib.pyplot as plt"),
        ("voice/a.py", "figure.savefig(path)"),
    ],
    int16_scales: [
        ("voice/a.py", "y = x / 32768"),
        ("audio/wave.py", "x.clip(-32_768, 1)"),
        ("audio/wave.py", "y = x * 32767.0"),
    ],
    preset_paths: [
        ("voice/a.py", "from importlib import resources"),
        ("voice/a.py", 'Path(__file__).parent / "presets" / "voices"'),
        ("voice/a.py", 'Path("babble_jax/presets")'),
        ("voice/a.py", 'folder.joinpath("presets")'),
    ],
    tensorflows: [
        ("dataset/a.py", "import tensorflow as tf"),
        ("audio/a.py", "from tensorflow.io import gfile"),
    ],
    json_readers: [
        ("audio/a.py", "import json\nx = json.loads(text)"),
        ("audio/a.py", "import json\nx = json.load(file)"),
        ("audio/a.py", "from json import loads"),
        ("audio/a.py", "x = path.read_text()"),
        ("audio/a.py", "x = Path(name).read_bytes()"),
    ],
    undocumented: [("audio/a.py", "import os\n"), ("audio/a.py", '""""""\n')],
    without_args: [
        ("audio/a.py", "def f(a, b, c): pass"),
        ("audio/a.py", 'class A:\n    def f(self, a, *, b, c):\n        """Runs."""'),
    ],
    riddles: [("audio/a.py", 'def f():\n    """What it says."""')],
    long_files: [("audio/a.py", '"""One line too many."""\n' + "\n" * (LONGEST - 1))],
}
INNOCENT = '''"""Says pmap, savefig, presets and tensorflow in words only."""
import tensorflow_datasets
from babble_jax import __version__, files
from babble_jax.audio import wave
kind = "pmap"
values = {"presets": 32_769, "figure": 1}
path = folder / "presets.json"
class A:
    def f(self, a, b):
        "Runs."
    def _g(self, a, b, c): pass
    def h(self, a, b, c):
        "Runs.\\n\\nArgs:"
'''


@pytest.mark.parametrize("rule", VIOLATIONS, ids=lambda rule: rule.__name__)
def test_the_package_keeps_the_rule_and_a_violation_is_seen(sources, rule):
    assert len(sources) > 50
    assert rule(sources) == []
    assert rule({"dataset/a.py": INNOCENT}) == []
    for name, text in VIOLATIONS[rule]:
        assert rule({name: text}), text


@pytest.mark.parametrize("rule", [canvases, int16_scales, preset_paths], ids=lambda rule: rule.__name__)
def test_experiments_keep_the_rule(rule):
    assert rule(read_sources(PACKAGE.parent / "experiments")) == []


def test_no_file_is_unreachable(sources):
    assert unreachable(sources) == []
    few = {
        "__init__.py": "if TYPE_CHECKING:\n    from babble_jax.audio import wave",
        "cli/__init__.py": "def f():\n    from .speak import Speak",
        "cli/speak.py": "import babble_jax.errors",
        **dict.fromkeys(("demo.py", "errors.py", "audio/wave.py"), ""),
    }
    assert unreachable(few) == []
    assert unreachable(few | {"audio/pitch.py": "from babble_jax.audio import wave"}) == ["audio/pitch.py"]


def test_no_files_import_each_other(sources):
    assert circles(sources) == []
    circle = {"audio/a.py": "from babble_jax.audio import b", "audio/b.py": "import babble_jax.audio.c"}
    assert circles(circle | {"audio/c.py": "def f():\n    from .a import x"}) != []
    assert circles(circle | {"audio/c.py": ""}) == []


def test_every_room_of_timing_is_in_the_rules(sources):
    paths = [Path(name).with_suffix("").parts for name in sources if name.startswith("timing/")]
    assert {parts[1] for parts in paths} - {"__init__"} == TIMING_ALLOWED.keys()


def test_the_contributing_guide_shows_the_table():
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)
    shown = {room: set() if may == "nothing" else {*may.split(", ")} for room, may in rows}
    assert shown.pop("demo") == {"all but cli"}
    assert shown.pop("cli") == {"all"}
    assert shown == {room: may for room, may in ALLOWED.items() if room not in ("demo", "cli")}


def test_every_room_is_in_the_rules(sources):
    rooms = {Path(name).parts[0].removesuffix(".py").replace("__init__", "") for name in sources}
    assert rooms <= ALLOWED.keys() | GROUND
    assert rooms == ALLOWED.keys() | GROUND
