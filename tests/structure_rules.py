"""Rules of the structure of the package: who imports whom, names that stand in one file only, the length of files.

Each rule is a function of sources, so that it is also tried on sources that break it.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

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
    "json_layout",
    "locks",
    "nearest_name",
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
    "voice": {"audio"},
    "synthesis": {"voice", "audio"},
    "dataset": {"synthesis", "audio"},
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
