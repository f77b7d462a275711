"""Help: the list of verbs, the examples of each, and how both look in a terminal of 80 columns."""

import contextlib
import re
import shlex
import sys

import pytest

from babble_jax.cli import usage
from babble_jax.cli.examples import EXAMPLES, TASK_EXAMPLES
from babble_jax.cli.verbs import GROUPS, VERBS
from tests.command import done, refused

ALL_EXAMPLES = [*EXAMPLES.values(), *TASK_EXAMPLES.values()]
COMMANDS = [one for examples in ALL_EXAMPLES for _, command in examples for one in command.split(" && ")]
EXPERIMENT = """import dataclasses

@dataclasses.dataclass(frozen=True)
class Mine:
    \"\"\"Measures.

    Attributes:
      dim: Size.
      seed: Random seed.
    \"\"\"

    dim: int = 8
    seed: int = 0

    def run(self, work, results):
        return {"x": self.dim}

EXPERIMENT = Mine()
"""


def words_of(command: str) -> list[str]:
    """The words of a command line after `babble`, without what follows a pipe or goes into a file."""
    words = shlex.split(command)
    assert words[0] == "babble"
    ends = [words.index(mark) for mark in ("|", ">") if mark in words]
    return words[1 : min(ends, default=len(words))]


@pytest.mark.parametrize("command", COMMANDS)
def test_an_example_is_understood(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(EXPERIMENT)  # `babble launch` reads its options from it
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    words, ends = words_of(command), contextlib.nullcontext()
    if words[-1] == "--help":
        ends = pytest.raises(SystemExit, match="0")
    with ends:
        assert usage.parse(words) is not None
    assert verb_of(command) in VERBS


def verb_of(command: str) -> str:
    first, second, *_ = [*words_of(command), ""]
    return f"{first} {second}" if f"{first} {second}" in VERBS else first


def test_every_verb_has_examples_which_its_help_shows(capsys):
    assert EXAMPLES.keys() == VERBS.keys()
    assert all(ALL_EXAMPLES)
    assert max(len(purpose) for examples in ALL_EXAMPLES for purpose, _ in examples) <= 78
    text = done(capsys, "timings --help").out
    assert text.endswith("examples:\n  A row for each preset:\n    babble timings\n"
                         "  The same for programs:\n    babble timings --json\n")  # fmt: skip
    assert "\n\n\n" not in text
    for task, examples in TASK_EXAMPLES.items():
        text = done(capsys, f"train --task {task} --help").out
        assert text.endswith(f"{examples[-1][0]}\n    {examples[-1][1]}\n")
        assert "babble train excerpt" not in text


def test_the_list_of_verbs_fits_a_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = done(capsys, "--help").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) == 4 + sum(2 + len(verbs) for verbs in GROUPS.values()) + 2  # one line for each verb
    shown = [line.strip() for line in lines]
    assert [line for line in shown if line in GROUPS] == [*GROUPS]
    assert done(capsys, "help").out == done(capsys, "-h").out == "\n".join(lines) + "\n"
    assert {*GROUPS} >= {"hear", "measure", "make", "train", "live"}


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_fits_a_terminal(capsys, monkeypatch, verb):
    monkeypatch.setenv("COLUMNS", "80")
    text = done(capsys, f"{verb} --help").out
    assert max(map(len, text.splitlines())) <= 80
    assert re.search(r"\{None,|\{None\}\|[A-Z]|default:[ │\n]*(?i:none)?\)", text) is None


def test_help_of_verbs_with_one_first_word(capsys):
    text = done(capsys, "session --help").out
    assert text.startswith("usage: babble session {report,rescore} [OPTIONS]\n")
    assert "cue" not in text
    assert done(capsys, "help session report").out == done(capsys, "session report --help").out
    assert "there is no verb 'evnts', perhaps you meant events" in refused(capsys, "help evnts")


def test_a_positional_argument_is_named_as_its_help_names_it(capsys):
    assert done(capsys, "events --help").out.startswith("usage: babble events [-h] [OPTIONS] CORPUS...\n")
    assert "write its value alone, as CORPUS..." in refused(capsys, "events --paths x")
    assert "session report: SESSION must be given" in refused(capsys, "session report --folder x")


def test_an_option_that_may_be_left_out_takes_a_value_of_its_kind():
    assert usage.parse(["speak", "--temperature", "0.5"]).temperature == 0.5
    assert usage.parse(["speak", "--temperature", "None"]).temperature is None
    with pytest.raises(usage.BabbleError, match="--temperature: not a number: 'warm'"):
        usage.parse(["speak", "--temperature", "warm"])
