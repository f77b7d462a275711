"""Arguments of another type than their annotation are refused in one sentence; what fits is passed on."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np
import pytest

import babble_jax
from babble_jax.arguments import check_arguments
from babble_jax.errors import BabbleError


@check_arguments
def take(
    path: str | os.PathLike = "",
    number: float | None = None,
    count: int = 0,
    flag: bool = False,
    audio: np.ndarray | None = None,
    names: Sequence[str] = (),
    way: Literal["a", "b"] = "a",
    call: Callable[[int], int] | None = None,
    **options: Any,
):
    return locals()


@pytest.mark.parametrize(
    "values",
    [
        {"path": Path("a"), "number": 1, "count": np.int64(3), "flag": np.True_, "way": "c"},
        {"number": np.float32(2), "count": jnp.array(2), "audio": [0.0, 0.1], "names": ["a"]},
        {"number": jnp.float32(2), "audio": jnp.zeros(3), "names": (name for name in "ab"), "call": int},
        {"audio": np.zeros(2), "names": np.array(["a", "b"]), "seed": "of the options"},
    ],
)
def test_what_fits_is_passed_on(values):
    options = {name: values.pop(name) for name in ("seed",) if name in values}
    taken = take(**values, **options)
    assert all(taken[name] is value for name, value in values.items())
    assert taken["options"] == options


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"path": 3}, "path of take is 3; give a str or a path."),
        ({"number": "hot"}, "number of take is 'hot'; give a number or None."),
        ({"count": 3.5}, "count of take is 3.5; give a whole number."),
        ({"flag": "yes"}, "flag of take is 'yes'; give True or False."),
        ({"audio": 1.0}, "audio of take is 1.0; give an array or None."),
        ({"names": "man"}, "names of take is 'man'; give a list, each a str."),
        ({"names": ["man", 3]}, "names of take is ['man', 3]; give a list, each a str."),
        ({"way": None}, "way of take is None; give one of 'a', 'b'."),
        ({"number": [0.0] * 99}, "number of take is of the type list; give a number or None."),
    ],
)
def test_another_type_is_refused(values, sentence):
    with pytest.raises(BabbleError) as error:
        take(**values)
    assert str(error.value) == sentence


def test_other_names_stay_errors_of_the_program():
    with pytest.raises(TypeError, match="multiple values"):
        take("a", path="b")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("speak", {"temperature": "hot"}),
        ("speak", {"seconds": "x"}),
        ("speak", {"speaker": 3.5}),
        ("open_session", {"sampler": None}),
        ("open_session", {"seed": 0.5}),
        ("converse", {"out": "new", "voices": 3}),
        ("simulate", {"hours": "1", "out": "new"}),
        ("train_voice", {"config": "data", "workdir": "new", "steps": "3"}),
        ("train_voice", {"config": "data", "workdir": "new", "steps": 3, "seed": "x"}),
        ("build_dataset", {"sources": 3, "out": "new"}),
        ("judge_audio", {"audio": np.zeros(3), "rate": "x"}),
        ("load_timing", {"name_or_path": None}),
        ("load_voice", {"folder": None}),
        ("load_babbler", {"voice": 3}),
        ("make_stimuli", {"spec": 3, "out": "new"}),
    ],
)
def test_public_functions_refuse_another_type(name, values, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BabbleError, match="; give "):
        getattr(babble_jax, name)(**values)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("prompt", [["a"], [], np.zeros((2, 3)), np.array([0.0, np.nan])])
def test_a_prompt_is_an_array_of_finite_numbers(prompt):
    with pytest.raises(BabbleError, match="A prompt is an array"):
        babble_jax.speak(seconds=0.02, prompt=prompt)
