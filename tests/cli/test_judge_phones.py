"""`babble judge --ear`: the phones in the table and in a block of the JSON output."""

import dataclasses

import numpy as np
import pytest
import soundfile

from babble_jax import files
from babble_jax.audio import wave
from babble_jax.cli.judge_phones import JudgedPhones, find_ear, judge_all_phones
from babble_jax.cli.origin import Origin, format_origin
from babble_jax.judge import reference
from babble_jax.judge.phones import PHONE_MEASURES, PhoneMeasures
from babble_jax.presets import registry
from babble_jax.pretrained.ear_recordings import save_digests
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
    judged = judge_all_phones({"a.wav": (AUDIO, RATE)}, "ear", shipped, (AUDIO, RATE), match=False)
    first, head, *lines, legend, within, last = judged.lines()
    assert legend.startswith(
        "* outside of the range, 5 to 95 % of the pieces of speech (ngram_distance only above, "
    )
    assert not judged.differs
    assert first == "by the ear ear:"
    assert head.split() == ["noise", "speech:", "5", "%", "95", "%", "a.wav"]
    rows = {line.split()[0]: line for line in lines if not line.startswith(" ")}
    assert [*rows] == [*PHONE_MEASURES]
    assert "-" not in rows["phone_rate"].split()[1:4]  # noise and both ends of the range
    assert sum(line.startswith("  by chance") for line in lines) == 3
    assert "*" not in rows["longest_run"]  # a short one is what babble has
    assert within.startswith("a.wav: by its phones, in ")
    assert " of 3 pieces at least 4 of 5 measures lie within the range of real speech" in within
    assert last.startswith("a.wav: stands in the training text: a b a")
    assert "drawn strings have" in last


def test_the_block_of_the_ear_stands_beside_the_other_keys(capsys, place):
    values = strict(done(capsys, "judge a.wav --reference festvox-ru --ear ear --json").out)
    assert not (place / "judge.png").exists()
    assert [*values] == ["files", "likeness", "reference", "ear"]
    ear = values["ear"]
    assert (ear["name"], ear["reference"]) == ("ear", None)
    (one,) = ear["files"]
    assert {*PHONE_MEASURES} < {*one}
    assert one["whole_run"] == len(one["longest_run_phones"].split()) >= one["longest_run"]
    assert one["in_training"] is None
    assert len(one["pieces"]) == 3
    assert values["files"][0]["pieces"] == 3
    assert values["files"][0]["verdict"] == "not like"
    assert "there is no ear here" in refused(capsys, "judge a.wav --ear nowhere")


def test_what_compares_badly_is_said(capsys, place, monkeypatch):
    woman = "judge a.wav --reference asterisk-core-sounds-ru-g722"
    out, err = done(capsys, f"{woman} --plot j.png")[1:]
    assert "a.wav: lasts 3.0 s, but the ranges are of pieces of 1 s; it is judged in 3 such pieces" in err
    assert (
        "no ear listens to the phones; one does by: babble judge a.wav --ear ru; the ear ru was trained on"
        in err
    )
    assert (
        "festvox-ru: read Russian, one man (N. V. Shmyrev and others), and is rough in other languages" in err
    )
    assert "ranges are of" not in err.replace("the ranges are of pieces of 1 s", "")
    own = done(capsys, "judge a.wav --reference a.wav").err
    assert "the ranges are of 3 pieces of 1 s, which are few: about 55% of other pieces of the same" in own
    assert out.splitlines()[-1] == "j.png"
    monkeypatch.setattr(reference, "PIECE_SECONDS", 3.0)
    save_digests([files.sha256("a.wav")], "ear")
    err = done(capsys, f"{woman} --ear ear").err
    assert "the ranges are" not in err
    assert "no ear listens" not in err
    assert "a.wav: the ear was trained on this recording" in err
    monkeypatch.setattr(reference, "PIECE_SECONDS", 10.0)
    assert "pieces of 10 s; a shorter sound compares badly" in done(capsys, woman).err


def test_what_could_not_be_measured_has_no_star_and_a_reason(place):
    silent = PhoneMeasures(0, *(None,) * (len(dataclasses.fields(PhoneMeasures)) - 1))
    one_phone = dataclasses.replace(silent, phones=1, phone_rate=1.0)
    ranges = {name: reference.Range(5, 6, 7) for name in PHONE_MEASURES}
    judged = JudgedPhones("ear", {"a": silent, "b": one_phone}, reference.PhoneReference("ear", ranges, {}))
    lines = judged.lines()
    assert sum("*" in line for line in lines) == 2  # the rate, and what a star is
    assert lines[-2] == "a: the ear hears no phone, so that there is nothing to measure"
    assert lines[-1].startswith(
        "b: 0 of 5 measures of its phones lie within the range of real speech; not measured: "
    )
    assert "bigram_entropy (the ear hears fewer than two phones in a piece)" in lines[-1]
    assert "(--match off)" in "\n".join(dataclasses.replace(judged, differs=True).lines())


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


def test_no_ear_listens_unasked_to_what_is_not_speech(capsys, place):
    wave.write(place / "chip.wav", AUDIO, RATE, format_origin(Origin("other-sounds", "chip", 0)))
    judged = done(capsys, "judge chip.wav")
    assert "chip of other-sounds is of the kind" in judged.err
    assert "by the ear" not in judged.out
    assert "the ear" not in judged.err
    assert "no ear listens" not in done(capsys, "judge chip.wav --reference kathleen").err
    both = strict(done(capsys, "judge chip.wav a.wav --json").out)["ear"]
    assert [one["file"] for one in both["files"]] == ["a.wav"]
    assert "by the ear ear:" in done(capsys, "judge chip.wav --ear ear").out
