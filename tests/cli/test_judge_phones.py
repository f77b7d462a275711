"""`babble judge --ear`: the phones in the table and in a block of the JSON output."""

import numpy as np
import pytest
import soundfile

from babble_jax.cli.judge_phones import find_ear, judge_all_phones
from babble_jax.judge import reference
from babble_jax.judge.phones import PHONE_MEASURES
from babble_jax.presets import registry
from babble_jax.pretrained.ear_text import save_text
from tests.command import done, refused, strict
from tests.small_ear import TEXT, make_ear, write_ear

RATE = 8000
AUDIO = np.random.default_rng(0).normal(0, 0.1, 3 * RATE) * np.linspace(0, 1, 3 * RATE)


@pytest.fixture
def place(tmp_path, monkeypatch):
    save_text(TEXT, write_ear(tmp_path / "ear", seed=8), make_ear().config)
    soundfile.write(tmp_path / "a.wav", AUDIO, RATE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reference, "PIECE_SECONDS", 1.0)
    return tmp_path


def test_the_table_has_a_row_for_each_measure_and_its_chance(place):
    shipped = reference.load_reference("festvox-ru")
    judged = judge_all_phones({"a.wav": (AUDIO, RATE)}, "ear", shipped, "a.wav")
    first, head, *lines, within, last = judged.lines()
    assert first == "by the ear ear:"
    assert head.split() == ["noise", "speech:", "5", "%", "95", "%", "a.wav"]
    rows = {line.split()[0]: line for line in lines if not line.startswith(" ")}
    assert [*rows] == [*PHONE_MEASURES]
    assert "-" not in rows["phone_rate"].split()[1:4]  # noise and both ends of the range
    assert sum(line.startswith("  by chance") for line in lines) == 3
    stars = sum("*" in rows[name] for name in PHONE_MEASURES)
    assert within == f"a.wav: {6 - stars} of 6 measures of its phones lie within the range of real speech"
    assert last.startswith("a.wav: stands in the training text: a b a")


def test_the_block_of_the_ear_stands_beside_the_other_keys(capsys, place):
    values = strict(done(capsys, "judge a.wav --reference festvox-ru --ear ear --json --out j.png").out)
    assert [*values] == ["files", "likeness", "reference", "ear"]
    ear = values["ear"]
    assert (ear["name"], ear["reference"]) == ("ear", None)
    (one,) = ear["files"]
    assert {*PHONE_MEASURES} < {*one}
    assert one["longest_run"] == len(one["longest_run_phones"].split())
    assert "there is no ear here" in refused(capsys, "judge a.wav --ear nowhere")


def test_what_compares_badly_is_said(capsys, place, monkeypatch):
    woman = "judge a.wav --reference asterisk-core-sounds-ru-g722 --out j.png"
    err = done(capsys, woman).err
    assert "a.wav: lasts 3.0 s, but the ranges are of pieces of 1 s; longer and shorter sounds" in err
    assert "no ear listens to the phones; --ear ru lets one" in err
    monkeypatch.setattr(reference, "PIECE_SECONDS", 3.0)
    err = done(capsys, f"{woman} --ear ear").err
    assert "compare badly" not in err
    assert "no ear listens" not in err


def test_the_ear_of_a_reference_listens_if_it_ships(monkeypatch):
    plain = reference.load_reference("festvox-ru")
    own = reference.Reference(**vars(plain) | {"phones": reference.PhoneReference("russian", {}, {})})
    without = reference.Reference(**vars(plain) | {"phones": None})
    monkeypatch.setattr(registry, "names", lambda kind: ["russian"] if kind == "ears" else [])
    assert find_ear(None, own) == "russian"
    assert find_ear("mine", own) == "mine"
    assert find_ear(None, without) is None
    monkeypatch.setattr(registry, "names", lambda kind: [])
    assert find_ear(None, own) is None
