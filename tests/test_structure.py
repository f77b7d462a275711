"""Structure of the package: it keeps each rule, and what breaks a rule is seen."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.structure_rules import (
    ALLOWED,
    GROUND,
    LONGEST,
    PACKAGE,
    TIMING_ALLOWED,
    Sources,
    canvases,
    circles,
    directions,
    int16_scales,
    json_readers,
    long_files,
    pmaps,
    preset_paths,
    read_sources,
    riddles,
    tensorflows,
    timing_directions,
    trainer_models,
    undocumented,
    unreachable,
    without_args,
)


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
    assert [name for name in GROUND - {"", "presets"} if f"`{name}.py`" not in text] == []


def test_every_room_is_in_the_rules(sources):
    rooms = {Path(name).parts[0].removesuffix(".py").replace("__init__", "") for name in sources}
    assert rooms <= ALLOWED.keys() | GROUND
    assert rooms == ALLOWED.keys() | GROUND
