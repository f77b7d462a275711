"""`babble judge`: what it says is to be done next, of recordings and of what voices have made."""

import dataclasses

import numpy as np
import pytest

from babble_jax.cli.judge import _table, _verdict
from babble_jax.cli.judge_advice import advise
from babble_jax.cli.judge_pieces import describe_comparison
from babble_jax.cli.origin import Origin
from babble_jax.judge.judging import Verdict, judge_audio
from babble_jax.judge.reference import load_reference


@pytest.fixture(scope="module")
def judged():
    """Verdicts on noise, which is far from speech, and on an ideal piece of speech."""
    reference = load_reference("festvox-ru")
    noise = judge_audio(np.random.default_rng(0).normal(0, 0.1, 48_000), 16_000, reference)
    medians = {name: one.median for name, one in reference.speech.items()}
    return reference, noise, Verdict(type(noise.measures)(**medians), reference)


def change(verdict, **values):
    """Replaces measures in a verdict on one piece."""
    return dataclasses.replace(verdict, measures=dataclasses.replace(verdict.measures, **values), pieces=())


def join(*verdicts):
    """Makes the verdict on a sound whose pieces had those verdicts; its own measures are those of the first."""
    return dataclasses.replace(verdicts[0], pieces=tuple(one.measures for one in verdicts))


def test_a_value_that_could_not_be_measured_is_no_star_but_named(judged):
    reference, noise, speech = judged
    table = _table({"noise.wav": noise}, reference)
    rows = {line.split()[0]: line for line in table.splitlines()}
    assert noise.measures.f0_median_hz is None
    assert "*" not in rows["f0_median_hz"]
    assert "0*" in rows["speech_share"]
    verdict = _verdict("noise.wav", noise, 3.0)
    assert "not like speech of this speaker: " in verdict
    assert "not measured: f0_median_hz, f0_low_hz, f0_high_hz (there is no voiced sound)" in verdict
    assert _verdict("a.wav", speech, 10.0).endswith("10 of 10 measures lie within the range of festvox-ru")
    guess = _verdict("a.wav", speech, 10.0, own=False)
    assert guess.startswith("verdict on a.wav: like speech of the speaker of festvox-ru: 10 of 10 measures")
    assert "the limit of ltas_distance_db is 1.5 times the median, 2.52" in table
    assert "ltas_distance_db and loop_correlation only above" in table


def test_what_could_not_be_measured_is_not_within(judged):
    speech = judged[2]
    pitches = dict.fromkeys(("f0_median_hz", "f0_low_hz", "f0_high_hz"))
    whisper = change(speech, voiced_share=0.0, **pitches)
    assert whisper.outside == ("voiced_share",)
    assert "in part like speech of this speaker: 6 of 10 measures" in _verdict("a.wav", whisper, 10.0)
    endless = change(speech, pause_seconds=None)
    assert "like speech of this speaker: 9 of 10" in _verdict("a.wav", endless, 10.0)
    rushed = change(endless, ipu_seconds=9.0, speech_share=1.0)
    assert "in part like speech of this speaker: 7 of 10" in _verdict("a.wav", rushed, 10.0)


def test_a_long_sound_is_like_speech_where_its_pieces_are(judged):
    _, noise, speech = judged
    part = join(*[speech] * 4, noise, noise)
    text = _verdict("a.wav", part, 60.0)
    assert (
        "a.wav: in part like speech of this speaker: in 4 of 6 pieces at least 8 of 10 measures lie" in text
    )
    assert "speech_share in 2" in text
    assert "the least like it is 40.0 to 50.0 s" in text
    assert "speech_share" in part.outside
    assert join(*[speech] * 4, noise).comparison.likeness == "like"
    assert join(speech, noise, noise).comparison.likeness == "not like"
    assert join(speech, noise).comparison.likeness == "in part like"
    off = change(speech, f0_median_hz=400.0, f0_low_hz=300.0, f0_high_hz=500.0)
    assert join(off, off, speech).comparison.likeness == "in part like"
    assert describe_comparison(part.comparison, 60.0)["worst_piece"] == [40.0, 50.0]


def test_a_loop_in_a_part_of_a_long_sound_has_a_star(judged):
    _, _, speech = judged
    looping = change(speech, loop_correlation=0.996)
    assert "loop_correlation" in dataclasses.replace(looping, pieces=join(*[speech] * 5).pieces).outside
    likely = change(speech, loop_correlation=0.43)  # the largest of ten minutes of speech
    assert likely.outside == ("loop_correlation",)
    assert dataclasses.replace(likely, pieces=join(*[speech] * 5, likely).pieces).outside == ()


def test_only_what_a_voice_has_made_gets_advice(judged, monkeypatch):
    _, noise, speech = judged
    origins = {"babble.wav": Origin("mine", None, 0), "silence.wav": Origin("mine", None, 1)}
    origins["shipped.wav"] = Origin("babblers", "man", 0)
    monkeypatch.setattr("babble_jax.cli.origin.read_origin", lambda path: origins.get(str(path)))

    def advise_on(seconds=10.0, **files):
        named = {f"{name}.wav": one for name, one in files.items()}
        return advise(named, dict.fromkeys(named, seconds))

    assert advise_on(recording=noise) == []
    (bad,) = advise_on(recording=speech, babble=noise)
    assert bad.startswith("next: babble.wav: train the voice on ")
    pitches = {"f0_median_hz": 400.0, "f0_low_hz": 300.0, "f0_high_hz": 500.0}
    voiced = change(speech, **pitches, ipu_seconds=9.0, pause_seconds=9.0)
    assert len(voiced.outside) > len(noise.outside)  # which has fewer measures to lie outside
    (bad,) = advise_on(babble=voiced, silence=noise)
    assert bad.startswith("next: silence.wav: train the voice on the recordings with --longest-pause 0.3")
    (good,) = advise_on(recording=noise, babble=speech)
    assert good == "next: hear it in a dialogue: babble converse --voice mine --out duet"
    (shipped,) = advise_on(3.0, shipped=noise)
    assert shipped == "next: shipped.wav: speak for 10 s or longer, or with a --temperature between 0.8 and 1"


@pytest.mark.parametrize(
    ("voice", "temperature", "seconds", "steps"),
    [
        ("babblers", 1.0, 10.0, None),
        ("babblers", 0.8, 5.0, "speak for 10 s or longer"),
        ("babblers", 1.5, 9.96, "speak with a --temperature between 0.8 and 1"),
        ("babblers", None, 30.0, "speak with a --temperature between 0.8 and 1"),
        ("russian", 0.7, 10.0, None),  # its own
        ("russian", 0.6, 10.0, "speak with a --temperature between 0.8 and 1"),
        ("mine", 1.0, 10.0, "train the voice on more recordings, or longer"),
        ("mine", 1.0, 5.0, "speak for 10 s or longer, or train the voice on more recordings, or longer"),
        (
            "mine",
            0.7,
            5.0,
            "speak for 10 s or longer, or train the voice on more recordings, or longer, or speak with a --temperature "
            "between 0.8 and 1",
        ),
    ],
)
def test_advice_that_a_file_follows_is_left_out(judged, monkeypatch, voice, temperature, seconds, steps):
    pitches = {"f0_median_hz": 400.0, "f0_low_hz": 300.0, "f0_high_hz": 500.0}
    origin = Origin(voice, None, 0, temperature=temperature)
    monkeypatch.setattr("babble_jax.cli.origin.read_origin", lambda path: origin)
    lines = advise({"a.wav": change(judged[2], **pitches)}, {"a.wav": seconds})
    assert lines == ([] if steps is None else [f"next: a.wav: {steps}"])
