"""Options of the `babble` command: the help of each, and the kinds of models."""

import dataclasses
import re
from typing import Annotated, get_args, get_origin

import pytest

import babble_jax
from babble_jax.cli import usage
from babble_jax.cli.options import list_options
from babble_jax.cli.verbs import VERBS, load_verb
from babble_jax.train.tasks.voice.presets import SMALL_PRESET
from babble_jax.voice.models.rnn import RNNConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from babble_jax.voice.models.wavenet import WaveNetConfig
from tests.command import done
from tests.dialogue.few_pieces import few_pieces  # noqa: F401

POSITIONAL = {"a", "b", "spec", "audio_dir", "dataset", "voice", "voices", "paths", "files"}


def undocumented(text: str) -> list[str]:
    """Options of a help text that have no words beside them but their default."""
    entries: list[list[str]] = []
    for line in text.splitlines():
        start = re.match(r"(?:[│|] |  )(-{1,2}[a-z].*?)(?: {2,}|[│|]|$)", line)
        if start is not None:
            entries.append([start[1], line[start.end() :]])
        elif entries:
            entries[-1].append(line)
    bare = []
    for name, *lines in entries:
        words = re.split(r"\(default:|\(required\)", " ".join(lines))[0]
        if not any(character.isalpha() for character in words):
            bare.append(name.split()[0])
    return bare


@pytest.mark.parametrize("verb", VERBS)
def test_help_documents_every_option(capsys, verb):
    text, verb = done(capsys, f"{verb} --help").out, load_verb(verb)
    words = " ".join(re.sub("[│|]", " ", text).split())
    for field in dataclasses.fields(verb):
        marks = get_args(field.type)[1:] if get_origin(field.type) is Annotated else ()
        if any(getattr(mark, "help", None) or getattr(mark, "name", None) == "" for mark in marks):
            continue  # its help does not come from the docstring
        if field.name == "model":
            continue
        written = re.search(rf"^ +{field.name}: (\S+ \S+)", verb.__doc__, re.MULTILINE)
        assert written is not None, field.name
        assert written[1] in words, field.name
    flags = [
        f"--{field.name.replace('_', '-')}" for field in dataclasses.fields(verb) if field.name in POSITIONAL
    ]
    other_models = {option for option in list_options(verb) if option.startswith("--model.")}
    for option in set(list_options(verb)) - set(flags) - other_models:
        assert option in text
    assert undocumented(text) == []
    positionals = text.split(" options ")[0]
    assert "(default: )" not in positionals
    assert "(default: '')" not in positionals


def test_help_of_another_kind_of_model_shows_its_options(capsys):
    text = done(capsys, "train model:wavenet --help").out
    assert "--model.channels" in text
    assert "--model.frame-sizes" not in text
    assert "kind" not in re.findall(r"--(?:model\.)?(kind)", text)


@pytest.mark.parametrize(
    ("words", "model"),
    [
        ("", SMALL_PRESET.config.model),
        ("--preset paper", SampleRNNConfig()),
        ("--preset=paper --model.dim 8", SampleRNNConfig(dim=8)),
        ("--model.dim 8", dataclasses.replace(SMALL_PRESET.config.model, dim=8)),
        ("model:rnn --model.dim 8", RNNConfig(dim=8)),
        ("model:wavenet --model.channels 8 --seed 3", WaveNetConfig(channels=8)),
    ],
)
def test_the_kind_of_model_is_a_subcommand(words, model):
    line = ["train", "data", "--workdir", "run", "--steps", "1", *words.split()]
    assert usage.parse(line).config.model == model


def test_an_option_without_help_is_seen(capsys):
    @dataclasses.dataclass(frozen=True)
    class Bare:
        """Has an option without help.

        Attributes:
          described: an option.
        """

        described: int = 1
        bare: int = 2

    with pytest.raises(SystemExit):
        usage.parse_options("bare", Bare, ["--help"])
    assert undocumented(capsys.readouterr().out) == ["--bare"]


def test_help_names_every_verb(capsys):
    text = done(capsys, "--help").out
    assert all(verb in text for verb in VERBS)


def test_version(capsys):
    assert done(capsys, "--version").out == f"babble {babble_jax.__version__}\n"
