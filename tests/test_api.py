"""The public API: lazy, documented, and its examples run."""

import ast
import doctest
import inspect
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import babble_jax
from babble_jax.pretrained.synthesizer import save_synthesizer
from tests.small_ear import write_ear
from tests.small_inputs import write_corpus, write_long_recording, write_recordings, write_spec
from tests.tacotron import tiny

PUBLIC = [name for name in babble_jax.__all__ if name != "__version__"]
FUNCTIONS = [name for name in PUBLIC if inspect.isfunction(getattr(babble_jax, name))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """What the examples use: a corpus, recordings, a specification of stimuli, an ear, a Tacotron 2."""
    folder = tmp_path_factory.mktemp("examples")
    write_corpus(folder / "corpus")
    write_recordings(folder / "recordings")
    write_long_recording(folder / "cleo.wav")
    write_spec(folder / "gaps.toml")
    write_ear(folder / "ear")
    save_synthesizer(tiny.synthesizer(), folder / "synthesizer")
    return folder


def test_the_import_loads_nothing_else():
    script = "import sys, babble_jax; print([m for m in sys.modules if m.split('.')[0] in ('jax', 'numpy', 'flax')])"
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


def test_dir_and_star_know_the_names():
    assert set(babble_jax.__all__) <= set(dir(babble_jax))
    names: dict = {}
    exec("from babble_jax import *", names)
    assert set(PUBLIC) <= set(names)


def test_type_checkers_see_what_is_loaded():
    tree = ast.parse(Path(babble_jax.__file__).read_text("utf-8"))
    checked = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            checked |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
    checked.pop("TYPE_CHECKING", None)
    checked.pop("Any", None)
    for name in PUBLIC:
        module, inner = checked.pop(name)
        assert getattr(sys.modules[module], inner) is getattr(babble_jax, name)
    assert not checked


def test_no_name_hides_a_room():
    rooms = {path.stem for path in Path(babble_jax.__file__).parent.iterdir()}
    assert not rooms & set(PUBLIC)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'babel'"):
        _ = babble_jax.babel


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_documents_arguments_returns_errors_and_an_example(name):
    function = getattr(babble_jax, name)
    text = inspect.getdoc(function)
    assert text is not None
    for section in ("Args:", "Returns:", "Raises:", "Examples:"):
        assert f"\n{section}\n" in text, f"{name} has no {section}"
    arguments = text.split("\nArgs:\n")[1].split("\n\n")[0]
    documented = re.findall(r"^  (\w+):", arguments, re.MULTILINE)
    assert documented == list(inspect.signature(function).parameters)


SLOW = {
    "adapt_voice",
    "compare_speaker",
    "converse",
    "copy_synthesis",
    "load_synthesizer",
    "make_stimuli",
    "simulate",
    "train_voice",
}
EXAMPLES = [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in PUBLIC]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_runs(name, folder, monkeypatch):
    monkeypatch.chdir(folder)
    text = inspect.getdoc(getattr(babble_jax, name))
    assert text is not None
    names = {name: getattr(babble_jax, name) for name in PUBLIC} | {"np": np}
    example = doctest.DocTestParser().get_doctest(text, names, name, name, 0)
    assert example.examples, f"{name} has no example"
    report: list[str] = []
    result = doctest.DocTestRunner().run(example, out=report.append)
    assert not result.failed, "".join(report)
