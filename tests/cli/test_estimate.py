"""An estimate comes before long work, and what is too much needs --yes."""

import shutil
from collections import namedtuple

import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.cli import estimate
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pair import make_babbler_pair
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.voice.sampling.native import kernels, threads
from tests.command import refused
from tests.dialogue.fake_babbler import FakeBabbler


def free(monkeypatch, size: float) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(1e15, 0, size))


def test_little_work_is_not_mentioned_and_long_work_is(capsys, tmp_path, monkeypatch):
    free(monkeypatch, 1e12)
    estimate.confirm("simulate", 10, 1e6, tmp_path / "new", yes=False)
    assert capsys.readouterr().err == ""
    estimate.confirm("simulate", 7200, 2e9, tmp_path / "new", yes=False)
    assert capsys.readouterr().err == "simulate: takes about 2 h and 2 GB of disk\n"


@pytest.mark.parametrize(
    ("seconds", "size", "memory", "reason"),
    [
        (
            2 * 86400,
            1e6,
            0,
            "about 2 days and 1 MB of disk; that is more than a day: ask for less, or add --yes",
        ),
        (1, 3e12, 0, "about 1 s and 3 TB of disk; 1 TB are free there: ask for less"),
        (1, 1, 1e18, "1e+03 PB of memory; this machine has "),
        (
            1e12,
            1e20,
            0,
            "3.17e+04 years and 1e+05 PB of disk; that is more than a day and 1 TB are free there: ",
        ),
    ],
)
def test_too_much_work_needs_yes(capsys, tmp_path, monkeypatch, seconds, size, memory, reason):
    free(monkeypatch, 1e12)
    with pytest.raises(BabbleError) as error:
        estimate.confirm("simulate", seconds, size, tmp_path / "a" / "b", yes=False, memory=memory)
    assert reason in str(error.value)
    estimate.confirm("simulate", seconds, size, tmp_path / "a" / "b", yes=True, memory=memory)
    assert capsys.readouterr().err.startswith("simulate: takes about ")


def test_the_free_space_of_a_folder_that_is_not_there_is_that_above_it(tmp_path):
    assert (
        0
        < estimate.free_bytes(tmp_path / "a" / "b")
        == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.2)
    )
    assert estimate.memory_bytes() > 1e8


def test_the_time_of_speaking_is_that_of_this_cpu_and_of_so_many_streams(monkeypatch):
    babblers = make_babbler_pair("babblers")
    voice, samples = load_voice("babblers"), 600 * 16_000
    monkeypatch.setattr(threads, "thread_count", lambda: 2)
    monkeypatch.setattr(kernels, "VNNI", False)
    monkeypatch.setattr(kernels, "AVX2", True)
    one, many = (estimate.speaking_seconds([voice], samples, streams) for streams in (1, 100))
    assert one == pytest.approx(5 * many)
    assert 250 < one < 350, "1.9 million parameters"
    avx2 = estimate.conversing_seconds(babblers, samples)
    assert 60 < avx2 < 90
    monkeypatch.setattr(kernels, "VNNI", True)
    assert 25 < estimate.conversing_seconds(babblers, samples) < 0.5 * avx2
    assert estimate.conversing_seconds(make_babbler_pair([FakeBabbler()]), samples) < 15, "no voice"


def test_verbs_ask_before_they_begin(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = SPEC.replace("ITEMS", "100000")
    (tmp_path / "many.toml").write_text(text)
    for line in (
        "simulate --hours 1e8 --out new",
        "speak --seconds 100000 --streams 1024",
        "stimuli many.toml --out new",
    ):
        assert refused(capsys, line).endswith("or add --yes to begin.")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["many.toml"]
    assert "dialogues are more than a seed has" in refused(capsys, "simulate --hours 1e12 --out new")
    assert "is too short; ask for 0.05 to 600" in refused(
        capsys, "simulate --hours 1 --minutes 1e-6 --out new"
    )
    assert "0 speakers cannot be drawn" in refused(capsys, "simulate --hours 1 --speakers 0 --out new")
    free(monkeypatch, 1000)
    assert "1 kB are free there" in refused(capsys, "simulate --hours 0.01 --minutes 0.3 --out new")
    wave.write(tmp_path / "sounds" / "a.wav", np.full(4000, 0.1), 4000)
    estimated = (
        "dataset takes about 0.001 s and 336 kB of disk; 1 kB are free there: ask for less, or add --yes"
    )
    assert estimated in refused(capsys, "dataset sounds --sample-rate 4000 --pad 10 --out new")
    assert not (tmp_path / "new").exists()


SPEC = """voices = ["babblers"]
seconds = 100.0
items = ITEMS
counterbalance = []

[factors.gap]
natural = {}
long = { shift_gaps = 0.3 }
"""
