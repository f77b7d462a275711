"""What real speech and noise sound like to an ear."""

import numpy as np
import pytest

from babble_jax.ear.config import EarConfig
from babble_jax.judge import judging, reference
from babble_jax.judge.judgement import MEASURES, Judgement
from babble_jax.judge.judging import judge_audio
from babble_jax.judge.loops import loop_correlation
from babble_jax.judge.phone_reference import judge_phones, measure_phone_reference, silences_of
from babble_jax.judge.phones import PHONE_MEASURES, PhoneText
from tests.small_ear import TEXT, make_ear

RATE = 16_000
EAR = make_ear()
AUDIO = np.random.default_rng(0).normal(0, 0.3, 2 * RATE).astype(np.float32)


def test_ranges_are_of_the_pieces(monkeypatch):
    monkeypatch.setattr(reference, "PIECE_SECONDS", 1.0)
    counts: list[int] = []
    phones = measure_phone_reference(AUDIO, RATE, EAR, "tiny", PhoneText(TEXT), counts.append)
    assert phones.ear == "tiny"
    assert sum(counts) == 2 + 2
    rates = [judge_phones(piece, RATE, EAR).phone_rate for piece in np.split(AUDIO, 2)]
    own = phones.speech["phone_rate"]
    assert (own.low, own.median, own.high) == pytest.approx(np.quantile(rates, (0.05, 0.5, 0.95)))
    assert {*phones.speech} == {*phones.noise} == {*PHONE_MEASURES}


def test_a_reference_with_phones_is_read_again(tmp_path):
    shipped = reference.load_reference("festvox-ru")
    assert shipped.phones is None or shipped.phones.ear
    own = reference.PhoneReference("tiny", {"phone_rate": reference.Range(1, 2, 3)}, {"phone_rate": 5})
    changed = reference.Reference(**vars(shipped) | {"phones": own})
    reference.save_reference(changed, tmp_path / "r.json")
    assert reference.read_reference(tmp_path / "r.json") == changed


def test_the_function_of_the_api_measures_phones_too(monkeypatch):
    monkeypatch.setattr(judging, "judge", lambda audio, rate, spectrum: None)
    assert judge_audio(AUDIO, RATE).phones is None
    assert judge_audio(AUDIO, RATE, ear=EAR).phones == judge_phones(AUDIO, RATE, EAR)


def test_a_long_sound_is_measured_by_its_pieces(monkeypatch):
    def judge(audio, rate, spectrum):
        values = dict.fromkeys(MEASURES, float(abs(audio[0])))
        return Judgement(**values | {"f0_low_hz": None, "ipu_seconds": 1.0 if audio[0] > 0.2 else None})

    monkeypatch.setattr(judging, "judge", judge)
    monkeypatch.setattr(reference, "PIECE_SECONDS", 1.0)
    audio = np.repeat([0.1, 0.3, 0.2], RATE)
    pieces = judging.judge_pieces(audio, RATE)
    assert [one.speech_share for one in pieces] == [0.1, 0.3, 0.2]
    measures = judging.summarize_pieces(pieces, audio, RATE)
    assert (measures.speech_share, measures.f0_low_hz, measures.ipu_seconds) == (0.2, None, 1.0)
    assert measures.loop_correlation == loop_correlation(audio, RATE)
    loop = np.tile(np.random.default_rng(0).normal(0, 0.1, RATE), 10)
    monkeypatch.setattr(reference, "PIECE_SECONDS", 10.0)
    noise = np.random.default_rng(1).normal(0, 0.1, (2, 25 * RATE)) * np.linspace(0, 1, 25 * RATE)
    around = np.concatenate([noise[0], loop, noise[1]])
    measures = judging.summarize_pieces(judging.judge_pieces(around, RATE), around, RATE)
    assert measures.loop_correlation > 0.9 > loop_correlation(around, RATE)


def test_the_space_between_words_is_no_phone():
    assert silences_of(EarConfig(("pau", "a"))) == ("pau",)
    assert silences_of(EarConfig(("a", " "), silence="-")) == ("-", " ")
