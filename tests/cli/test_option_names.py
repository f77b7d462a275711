"""The options of a verb in the sentences of the library: as they are typed, and only where they are meant."""

import dataclasses
from typing import Annotated

import pytest
from tyro.conf import Positional, arg

from babble_jax.cli.command import run_parsed
from babble_jax.cli.options import UsageError, list_options, list_positionals, name_options, naming_options
from babble_jax.cli.verbs import load_verb
from babble_jax.errors import BabbleError
from tests.command import babble, refused


@dataclasses.dataclass(frozen=True)
class Small:
    dim: int = 1
    layers: int = 1
    expand_top: bool = True
    sample_rate: int = 1


@dataclasses.dataclass(frozen=True)
class Large:
    dim: int = 2
    sample_rate: int = 2


@dataclasses.dataclass(frozen=True)
class Verb:
    paths: Positional[tuple[str, ...]] = ()
    top_k: int = 0
    seed: int = 0
    rate: float = 1.0
    small: Small = Small()
    large: Large = Large()
    hidden: Annotated[Small, arg(name="")] = Small()


def test_the_options_of_a_verb():
    small = ["expand-top", "sample-rate"]
    assert list(list_options(Verb)) == [
        "--top-k", "--seed", "--rate", "--small.dim", "--small.layers", *(f"--small.{one}" for one in small),
        "--large.dim", "--large.sample-rate", "--dim", "--layers", *(f"--{one}" for one in small),
    ]  # fmt: skip
    assert list(list_positionals(Verb)) == [("paths", "PATHS")]


@pytest.mark.parametrize(
    ("words", "message", "sentence"),
    [
        ("--top-k -1", "top_k must be 0", "--top-k must be 0"),
        ("", "leave top_k at 0", "leave --top-k at 0"),
        ("--seed=-1", "seed is -1; choose another seed.", "--seed is -1; choose another seed."),
        ("", "seed is -1", "seed is -1"),  # a plain word, and not typed
        ("--seed 1", "no seed is so large", "no seed is so large"),
        ("--large.dim 0", "dim is 0", "--large.dim is 0"),
        ("--small.dim 0", "dim is 0", "--small.dim is 0"),
        ("--dim 0", "dim is 0", "--dim is 0"),
        ("--small.dim 0 --dim 0", "dim is 0", "dim is 0"),  # nobody knows which
        ("--small.dim 0", "dim, rate and top_k must be", "--small.dim, --rate and --top-k must be"),
        ("--large.sample_rate 0", "sample_rate is 0", "--large.sample-rate is 0"),
        ("--small.no-expand-top", "this needs expand_top: no room", "this needs --small.expand-top: no room"),
        ("", "sample_rate is 0", "sample_rate is 0"),
        ("", "--top-k and top_k=1 and top_k() and `top_k`", "--top-k and top_k=1 and top_k() and `top_k`"),
        ("", "a/top_k and top_k.wav and 'top_k'", "a/top_k and top_k.wav and 'top_k'"),
    ],
)
def test_the_option_is_named_as_it_is_typed(words, message, sentence):
    assert name_options(message, Verb, words.split()) == sentence
    assert name_options(sentence, Verb, words.split()) == sentence


def test_what_is_said_of_a_file_names_what_stands_in_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    for message in ("config.json: top_k is -1", "config.json, line 1: top_k is -1", f"{tmp_path}: has top_k"):
        assert name_options(message, Verb, ["--top-k", "1"]) == message
    assert name_options("nowhere.json: top_k is -1", Verb, []) == "nowhere.json: --top-k is -1"
    assert name_options("top_k " * 200, Verb, []) == "--top-k " * 200  # longer than a file's name may be


def test_errors_of_a_run_name_options_and_those_of_usage_stay():
    @dataclasses.dataclass(frozen=True)
    class Runs(Verb):
        def run(self) -> None:
            raise BabbleError("top_k is bad.")

    with pytest.raises(BabbleError, match=r"^--top-k is bad\.$"):
        run_parsed(Runs(), [])
    with pytest.raises(UsageError, match=r"^no place for top_k$"), naming_options(Verb, []):
        raise UsageError("no place for top_k")


def test_python_names_python(capsys):
    prosody = load_verb("speak")().prosody
    with pytest.raises(BabbleError, match=r"^pitch_range is 4\.0; give a factor"):
        dataclasses.replace(prosody, pitch_range=4.0).read()
    assert refused(capsys, "speak --pitch-range 4").startswith("--pitch-range is 4.0; give a factor")


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("live --contour x.csv", "--contour; `babble speak` has it"),
        ("hear --watch", "--watch; `babble board` has it"),  # and not --match
        ("converse --out new --speaker man", "--speaker, perhaps you meant --speakers"),
        ("speak --output x.wav", "--output, perhaps you meant --out"),
        ("speak --overwrite", "--overwrite"),  # of many verbs
        ("events --zebra", "--zebra"),
    ],
)
def test_an_option_of_another_verb_is_found_there(capsys, line, rest):
    verb = line.split()[0]
    assert refused(capsys, line) == f"{verb}: there is no option {rest}; see `babble {verb} --help`."


def test_mistakes_keep_their_lines(tmp_path, capsys):
    spec = tmp_path / "spec.toml"
    spec.write_text("[factors]\ngap = 1\npitch = 2\n", "utf-8")
    code, _, err = babble(capsys, f"stimuli {spec} --out {tmp_path / 'out'}")
    head, *mistakes = err.splitlines()
    assert (code, head) == (2, f"babble: {spec}: has {len(mistakes)} mistakes.")
    assert [line.split(":")[0] for line in mistakes if " line " in line] == ["  line 2", "  line 3"]
