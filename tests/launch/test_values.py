"""Values of experiments as JSON and TOML."""

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest

from babble_jax.errors import BabbleError
from babble_jax.launch.reproduce import options_between
from babble_jax.launch.values import differing, flatten, to_toml, values_digest, values_of


@dataclasses.dataclass(frozen=True)
class Inner:
    rate: float = 1e-3
    name: str = 'a "b"'


@dataclasses.dataclass(frozen=True)
class Outer:
    inner: Inner = Inner()
    rows: tuple[Inner, ...] = (Inner(), Inner(2.0))
    by_name: dict[str, Inner] = dataclasses.field(default_factory=lambda: {"two words": Inner()})
    folder: Path = Path("a/b")
    nothing: int | None = None
    flag: bool = True
    work: Any = 3

    def run(self, work, results):
        return {}


def test_toml_reads_back_as_the_values_but_for_what_is_none():
    values = values_of(Outer())
    assert tomllib.loads(to_toml(values)) == {name: one for name, one in values.items() if one is not None}
    assert "# nothing: none" in to_toml(values)


def test_a_digest_is_that_of_the_values_whatever_their_order():
    values = values_of(Outer())
    digest = values_digest(values)
    assert len(digest) == 10
    assert digest == values_digest(dict(reversed(values.items())))
    assert digest != values_digest(values_of(Outer(inner=Inner(2e-3))))


def test_values_that_json_does_not_hold_are_refused():
    with pytest.raises(BabbleError, match=r"x\.py: its fields cannot all be written as JSON"):
        values_of(Outer(work=print), "x.py")
    with pytest.raises(BabbleError, match="not the same after"):
        values_of(Outer(work=(1, 2)), "x.py")


def test_leaves_and_their_differences():
    rows = [flatten(values_of(one)) for one in (Outer(), Outer(inner=Inner(2.0), flag=False))]
    assert rows[0]["inner.rate"] == 1e-3
    assert differing(rows) == ["inner.rate", "flag"]


def test_options_give_the_values_that_differ():
    own, other = values_of(Outer()), values_of(Outer(inner=Inner(2.0), flag=False))
    assert options_between(own, other) == ["--inner.rate", "2.0", "--no-flag"]
    assert options_between(own, own) == []
