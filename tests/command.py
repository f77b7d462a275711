"""The `babble` command in this process."""

import itertools
import json
import shlex
from typing import Any, NamedTuple

import jax
import pytest

from babble_jax import cli
from babble_jax.audio.quantize import Quantizer
from babble_jax.pretrained import pretrained
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig

TINY = (
    "--model.frame-sizes 8 --model.dim 8 --model.embedding 4 --model.hidden 1 --model.expand-top "
    "--quantizer.q-levels 16 --batch-size 4 --subsequence 64 --log.audio-seconds 0 --log.evaluate-recordings 1"
)


class Outcome(NamedTuple):
    code: Any
    out: str
    err: str


def babble(capsys, line: str) -> Outcome:
    """One command line, its words parted as a shell does."""
    capsys.readouterr()
    code = 0
    try:
        cli.main(shlex.split(line))
    except SystemExit as end:
        code = end.code
    return Outcome(code, *capsys.readouterr())


def done(capsys, line: str) -> Outcome:
    outcome = babble(capsys, line)
    assert outcome.code == 0, outcome.err
    return outcome


def refused(capsys, line: str) -> str:
    """The one sentence with which a command line is refused, without "babble: "."""
    code, out, err = babble(capsys, line)
    assert (code, out) == (2, ""), err
    *progress, sentence = err.splitlines()
    assert sentence.startswith("babble: "), err
    assert sentence.endswith("."), sentence
    assert not any(line.startswith(("babble:", "Traceback", " ")) for line in without_table(progress)), err
    return sentence.removeprefix("babble: ")


def without_table(lines: list[str]) -> list[str]:
    """Leaves out the table of what was read: its head, and the indented lines after it."""
    head = next((n for n, line in enumerate(lines) if line.startswith("read: ")), None)
    if head is None:
        return lines
    return lines[:head] + list(itertools.dropwhile(lambda line: line.startswith("  "), lines[head + 1 :]))


def strict(text: str) -> dict[str, Any]:
    """One JSON object and nothing else; no NaN, no infinity."""

    def constant(name: str):
        pytest.fail(f"{name} is no JSON")

    assert text.count("\n") == 1
    return json.loads(text, parse_constant=constant)


def untrained(folder, speakers: tuple[str, ...] = ()) -> None:
    """Writes a tiny voice that babbles noise."""
    model = SampleRNNConfig(frame_sizes=(8,), dim=8, embedding=4, hidden=1, expand_top=True)
    config = VoiceConfig(model, Quantizer("mu_law", 16), 4000, 2.0, speakers)
    voice = pretrained.PretrainedVoice(config, config.sample_model.init(jax.random.key(0)), card={"steps": 0})
    pretrained.save_voice(voice, folder)
