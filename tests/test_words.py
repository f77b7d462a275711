"""One word, one meaning: names that hide type and content, or that are private words, are not used.

Names are those that a source defines: modules, classes, functions, parameters, variables, attributes, and the keywords
of calls. Names of test functions are sentences, in which an ordinary participle is no name of a thing; private words
are looked for in them, too. `python -m tests.test_words` lists what is found, by file.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("babble_jax", "experiments", "tests", "colab")

PRIVATE = {
    *(
        "lane",
        "lanes",
        "splice",
        "splices",
        "spliced",
        "intrude",
        "perturbed",
        "thinned",
        "recalled",
        "resized",
    ),
    *("untold", "lacks", "devoted", "stepwise", "cheapest", "law", "laws", "hurdle", "telling"),
}
"""Words that stand in no name, not even as a part of it."""

PARTICIPLES = {
    *("told", "said", "heard", "kept", "asked", "chosen", "found", "released", "trained", "learned")
}
"""Words that stand in no name but a test's."""

WHOLE = {
    *(
        "given",
        "known",
        "made",
        "drawn",
        "counted",
        "placed",
        "placing",
        "nested",
        "whole",
        "several",
        "grammar",
    ),
    *("figures", "sides", "side", "sentences", "floor_of", "simple_laws", "whole_folder", "check_place"),
}
"""Words that are no name by themselves, in any case, with or without underscores; they may be a part of one."""

EXACT = {"SMALL", "Figures", "Asked", "Sides"}
"""Names that are refused as they are spelt."""

OPTION = re.compile(r"(?<![\w-])--[a-z][\w.-]*")


def reason(name: str, sentence: bool = False) -> bool:
    """Whether a name holds a word that is not to be used.

    Args:
      name: an identifier, an option or the name of a file without its suffix.
      sentence: the name of a test, in which participles are allowed.
    """
    parts = {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}
    if parts & PRIVATE:
        return True
    if sentence:
        return False
    return bool(parts & PARTICIPLES) or name.strip("_-").lower() in WHOLE or name in EXACT


def names(text: str) -> Iterator[str]:
    """Yields every name that a source defines, and the keywords of its calls."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.keyword(arg="side"):  # of numpy.searchsorted
                pass
            case ast.arg(arg=name) | ast.keyword(arg=str(name)) | ast.alias(asname=str(name)):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                yield name


def in_source(text: str) -> Counter[str]:
    """Counts the names of a source that are not to be used."""
    return Counter(name for name in names(text) if reason(name, sentence=name.startswith("test_")))


def in_options(text: str) -> Counter[str]:
    """Counts the options (`--name`) in a text that are not to be used."""
    return Counter(option for option in OPTION.findall(text) if reason(option))


def in_file_name(path: Path) -> Counter[str]:
    """Counts the folder and the file of a path whose names are not to be used."""
    return Counter(part for part in path.with_suffix("").parts if reason(part, part.startswith("test_")))


def violations() -> dict[str, Counter[str]]:
    """Returns what is found, by file."""
    result = {}
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*")):
        relative = path.relative_to(ROOT)
        if not path.is_file() or "__pycache__" in relative.parts or path == Path(__file__):
            continue
        counter = in_file_name(relative)
        if path.suffix == ".py":
            counter += in_source(path.read_text("utf-8"))
        if path.suffix in (".py", ".md", ".ipynb", ".toml"):
            counter += in_options(path.read_text("utf-8"))
        if counter:
            result[relative.as_posix()] = counter
    return result


@pytest.mark.parametrize(
    "text",
    [
        "def told(): pass",
        "class Released: pass",
        "def f(lanes): pass",
        "def f(*, found=1): pass",
        "kept = 1",
        "for found_again in (): pass",
        "x: int\nsaid: int = 1",
        "self.heard = 1",
        "f(laws=1)",
        "import numpy as law",
        "SMALL = ()",
        "async def per_lane(): pass",
        "def test_a_lane_is_read(): pass",
        "with f() as asked: pass",
        "(chosen := 1)",
        "def _whole(): pass",
        "try: pass\nexcept OSError as told: pass",
    ],
)
def test_a_violation_is_seen(text):
    assert in_source(text)


@pytest.mark.parametrize(
    "text",
    [
        '"""Says that lanes were told."""',
        "from hypothesis import given\n@given(1)\ndef test_the_old_one_is_kept(): pass",
        "flaw = foretold = outlaw = foundation = small = made_on = 1",
        "print(f.found, f.law)",  # names that somebody else defines
    ],
)
def test_ordinary_names_are_not(text):
    assert not in_source(text)


def test_options_and_file_names_are_seen():
    assert in_options("babble train --lanes 4") == {"--lanes": 1}
    assert in_options("--model.law=3") == {"--model.law": 1}
    assert not in_options("a--lanes --batch-size --foundation")
    assert in_file_name(Path("babble_jax/cli/told.py")) == {"told": 1}
    assert in_file_name(Path("experiments/results/a_released.json")) == {"a_released": 1}
    assert not in_file_name(Path("tests/test_a_file_is_found.py"))


def test_no_name_is_left():
    assert violations() == {}


def main() -> None:
    """Prints what is found, by file."""
    by_file = violations()
    for name, counter in by_file.items():
        print(f"{name}: {', '.join(f'{word} {count}' for word, count in sorted(counter.items()))}")
    print(f"{sum(map(Counter.total, by_file.values()))} in {len(by_file)} files", file=sys.stderr)


if __name__ == "__main__":
    main()
