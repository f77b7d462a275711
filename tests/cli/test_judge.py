"""`babble judge`: what it says is to be done next, of recordings and of what voices have made."""

from pathlib import Path

import numpy as np
import pytest

from babble_jax.cli.judge import _next_steps, _table, _verdict
from babble_jax.cli.origin import Origin
from babble_jax.judge.judging import judge_audio
from babble_jax.judge.reference import load_reference


@pytest.fixture(scope="module")
def judged():
    """Noise, which is far from speech, and the judgement of an ideal piece of speech."""
    reference = load_reference("festvox-ru")
    noise = judge_audio(np.random.default_rng(0).normal(0, 0.1, 48_000), 16_000, reference).measures
    medians = {name: one.median for name, one in reference.speech.items()}
    return reference, noise, type(noise)(**vars(noise) | medians)


def test_a_value_that_could_not_be_measured_is_no_star_but_named(judged):
    reference, noise, speech = judged
    table = _table({"noise.wav": noise}, reference)
    rows = {line.split()[0]: line for line in table.splitlines()}
    assert noise.f0_median_hz is None
    assert "*" not in rows["f0_median_hz"]
    assert "0*" in rows["speech_share"]
    verdict = _verdict("noise.wav", noise, reference)
    assert "not like speech of this speaker: " in verdict
    assert "not measured: f0_median_hz, f0_low_hz, f0_high_hz (there is no voiced sound)" in verdict
    assert _verdict("a.wav", speech, reference).endswith(
        "10 of 10 measures lie within the range of festvox-ru"
    )


def test_only_what_a_voice_has_made_gets_advice(judged, monkeypatch):
    reference, noise, speech = judged
    origins = {"babble.wav": Origin("mine", None, 0)}
    monkeypatch.setattr("babble_jax.cli.origin.read_origin", lambda path: origins.get(str(path)))

    def advise(**files):
        named = {f"{name}.wav": one for name, one in files.items()}
        return _next_steps(named, reference, [Path(name) for name in named])

    assert advise(recording=noise) == []
    (bad,) = advise(recording=speech, babble=noise)
    assert bad.startswith("next: babble.wav: train the voice on ")
    (good,) = advise(recording=noise, babble=speech)
    assert good == "next: hear it in a dialogue: babble converse --voice mine --out duet"
