"""Every numeric option of every verb: what makes no sense is refused in one sentence before any work begins."""

import contextlib
import dataclasses
import functools
import importlib
import itertools
import pkgutil
import types
import typing
from collections.abc import Iterator

import pytest

import babble_jax
from babble_jax.cli.train_ear import TrainEar
from babble_jax.cli.verbs import VERBS, load_verb
from babble_jax.presets import registry
from tests.command import TINY
from tests.command import babble as run
from tests.conversation import annotations
from tests.launch.toy import write_toy

VALUES = ("0", "-1", "nan", "inf", "1000000000000", "1e-12")


class Began(BaseException):
    """The work would begin: all options were accepted."""


LINES = {
    "demo": "demo --out new",
    "dataset": "dataset sounds --out new",
    "train": f"train data --workdir new {TINY} --steps 2",
    "train model:wavenet": "train data --workdir new --steps 2 --subsequence 64 model:wavenet",
    "train model:rnn": "train data --workdir new --steps 2 --subsequence 64 model:rnn",
    "train --task ear": "train sounds --task ear --workdir new --steps 2",
    "adapt": "adapt sounds --from voice --out new",
    "export": "export voice --out new --source here --licence none",
    "speak": "speak --voice voice --out new.wav",
    "events": "events talk.rttm",
    "hear": "hear sounds/ann/a.wav --ear voice",
    "align": "align sounds/ann/a.wav a --ear voice",
    "inspect": "inspect talk.rttm --plot new.png",
    "fit": "fit talk.rttm",
    "compare": "compare talk.rttm talk.rttm",
    "converse": "converse --voice voice --out new",
    "simulate": "simulate --hours 1 --out new",
    "live": "live --out new",
    "bench live": "bench live --dialogues 20",
    "bench train": "bench train data",
    "bench speak": "bench speak --voice voice",
    "cue fit": "cue fit sounds --out new.safetensors",
    "session report": "session report voice",
    "session rescore": "session rescore voice",
    "board": "board voice --out new.html",
    "launch": "launch ../experiment_of_numbers.py --sweep seed=0:2",
}
WORK = (
    "babble_jax.timing.floor.simulator.FloorSimulator.draw",
    "babble_jax.pretrained.speaking.generate_audio",
    "babble_jax.dataset.preparation.Preparation.read",
    "babble_jax.train.tasks.voice.task.VoiceTask.open",
    "babble_jax.train.tasks.ear.task.EarTask.open",
    "babble_jax.train.tasks.voice.adaptation.adapting.prepare_recordings",
    "babble_jax.voice.speed.measure_speaking",
    "babble_jax.files.atomic_folder",
    "babble_jax.conversation.reading.read",
    "babble_jax.conversation.reading.inspect",
    "babble_jax.agent.session.read.read_session",
    "babble_jax.agent.cues.fit.find_recordings",
    "babble_jax.agent.live_agent.LiveAgent.__init__",
    "babble_jax.launch.board.board_runs.find_board_runs",
)
ZERO = {
    "seed", "top-k", "temperature", "pad", "merge", "min-ipu", "max-word", "backchannel-max", "backchannel-isolation",
    "add-overlaps", "backchannels", "scale-gaps", "shift-offsets", "shift-gaps", "warmup-steps", "decay-steps", "clip",
    "evaluate-every", "evaluate-recordings", "audio-seconds", "hidden", "noise", "segment-shuffle", "units", "piece",
    "longest-pause", "pooled-hours",
    "dropout", "tempo", "frame-weight", "time-mask", "time-masks", "band-mask", "band-masks", "most-minutes",
    "warp", "equalize", "context", "look-ahead",
    "delay", "turing", "port", "shift", "weight-decay", "retries", "gpus",
    "pitch", "pitch-range", "level", "effort", "entropy",
}  # fmt: skip
"""Options for which 0 says something."""
LARGE = {"merge", "min-ipu", "max-word", "backchannel-max", "backchannel-isolation", "top-k"}
"""Options that may be as large as anybody likes."""
BELOW_ZERO = {"shift-offsets", "shift-gaps", "shift", "pitch", "level", "effort"}
TINY_VALUES = ZERO | {"learning-rate"}


def numeric(annotation: typing.Any) -> bool:
    parts = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    return bool({int, float} & {*parts}) or annotation == tuple[int, ...]


def options(cls: type, kind: str, prefix: str = "") -> Iterator[str]:
    """Yields the numeric options of a verb, those of dataclasses within it too; of models those of one kind."""
    for name, hint in typing.get_type_hints(cls, include_extras=True).items():
        base, marks = hint, []
        if typing.get_origin(hint) is typing.Annotated:
            base, *marks = typing.get_args(hint)
        members = typing.get_args(base) if typing.get_origin(base) is typing.Union else (base,)
        members = [
            typing.get_args(one)[0] if typing.get_origin(one) is typing.Annotated else one for one in members
        ]
        inner = [one for one in members if dataclasses.is_dataclass(one)]
        inner = [one for one in inner if len(inner) == 1 or getattr(one, "kind", "") == (kind or "samplernn")]
        option = name.replace("_", "-")
        hidden = any(getattr(mark, "name", None) == "" for mark in marks)
        for one in inner:
            yield from options(one, kind, prefix if hidden else f"{prefix}{option}.")
        if not inner and numeric(base):
            yield f"--{prefix}{option}"


def cases() -> Iterator[tuple[str, str]]:
    for verb, line in LINES.items():
        name, _, kind = verb.partition(" model:")
        for option in options(TrainEar if name == "train --task ear" else load_verb(name), kind):
            if not kind or option.startswith("--model."):
                yield line, option


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    folder.joinpath("voice").symlink_to(registry.path("voices", "babblers"))
    (folder / "talk.rttm").write_text(annotations.rttm())
    write_toy(folder.parent).rename(folder.parent / "experiment_of_numbers.py")
    (folder / "sounds" / "ann").mkdir(parents=True)
    (folder / "sounds" / "ann" / "a.wav").write_bytes(b"x")
    return folder


@functools.cache
def load_all() -> None:
    """Loads every module: one that is loaded while a function is replaced would keep the other one for good."""
    for module in pkgutil.walk_packages(babble_jax.__path__, "babble_jax."):
        importlib.import_module(module.name)


@pytest.fixture
def stops(monkeypatch, place):
    """Ends each command where its work would begin."""

    def begin(*args, **options):
        raise Began

    load_all()

    for name in WORK:
        module, attribute = name.rsplit(".", 1)
        owner, last = module, ""
        while True:
            try:
                target = importlib.import_module(owner)
                break
            except ImportError:
                owner, last = owner.rsplit(".", 1)
        monkeypatch.setattr(getattr(target, last) if last else target, attribute, begin)
    monkeypatch.chdir(place)


def test_every_numeric_option_is_among_the_cases():
    names = {option.rsplit(".", 1)[-1].lstrip("-") for _, option in cases()}
    assert {
        "hours",
        "minutes",
        "speakers",
        "seconds",
        "streams",
        "steps",
        "dim",
        "stacks",
        "sample-rate",
    } <= names
    assert names >= ZERO
    assert {verb.partition(" model:")[0] for verb in LINES} >= {*VERBS} - {
        "doctor",
        "judge",
        "timings",
        "voices",
        "stimuli",
        "tune",
    }


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_what_makes_no_sense_is_refused(capsys, stops, place, every):
    """Of each option one value, and in the slow test all."""
    wrong, count = [], 0
    pairs = list(cases())
    for number, ((line, option), value) in enumerate(itertools.product(pairs, VALUES)):
        if (number + number // len(VALUES)) % every:
            continue
        name = option.rsplit(".", 1)[-1].lstrip("-")
        accepted, count = False, count + 1
        with contextlib.suppress(Began):
            try:
                code, _, err = run(capsys, f"{line} {option} {value}")
            except Began:
                accepted = True
                raise
            last = err.splitlines()[-1] if err else ""
            if code != 2 or not (last.startswith("babble: ") and last.endswith(".")) or "Traceback" in err:
                wrong.append(f"{option} {value}: {code} {err}")
        may = {
            "0": name in ZERO,
            "-1": name in BELOW_ZERO,
            "nan": False,
            "inf": False,
            "1000000000000": name in LARGE or (name == "seed" and "simulate" in line),
            "1e-12": name in TINY_VALUES,
        }[value]
        if accepted and not may:
            wrong.append(f"{line} {option} {value}: is accepted")
    assert not wrong, "\n".join(wrong)
    assert count > 400 / every
    assert sorted(path.name for path in place.iterdir()) == ["sounds", "talk.rttm", "voice"]
