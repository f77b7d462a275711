"""References of real speech and noise: measured, tested against, saved and loaded."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from babble_jax.audio import wave
from babble_jax.errors import BabbleError
from babble_jax.judge import reference
from babble_jax.judge.judgement import MEASURES, judge
from babble_jax.judge.phones import PHONE_MEASURES
from babble_jax.judge.spectrum import BANDS
from babble_jax.presets import registry
from tests.judge.signals import NOISE
from tests.real_speech import RATE


def test_speech_is_judged_speech_and_noise_is_not(speech):
    man = reference.measure_reference(speech, RATE, "man")
    assert man.pieces == 2
    assert man.speech["speech_share"].low > 0.6
    assert man.noise["speech_share"] < 0.1
    assert man.noise["ltas_distance_db"] > 3 * man.speech["ltas_distance_db"].high
    assert 90 < man.speech["f0_median_hz"].median < 220
    own, hiss = (judge(x, RATE, np.array(man.spectrum, float)) for x in (speech[: 10 * RATE], NOISE))
    assert own.speech_share > 0.6 > 0.1 > hiss.speech_share
    assert (hiss.f0_median_hz, hiss.ipu_seconds, hiss.pause_seconds) == (None, None, None)
    assert own.ipu_seconds is not None
    assert not man.within("speech_share", hiss.speech_share)
    assert not man.within("f0_median_hz", None)


def test_what_is_within():
    speech = {name: reference.Range(1.0, 2.0, 3.0) for name in MEASURES}
    one = reference.Reference("x", "", RATE, 9, (None,) * BANDS, speech, {})
    for name, inside, outside in (
        ("voiced_share", (1.0, 3.0), (0.9, 3.1)),
        ("ltas_distance_db", (0.1, 3.0), (3.01, 9.0)),
        ("loop_correlation", (0.0, 3.0), (3.1,)),
    ):
        assert all(one.within(name, value) for value in inside)
        assert not any(one.within(name, value) for value in outside)
        assert all(one.excludes(name, value) for value in outside)
        assert not any(one.excludes(name, value) for value in (*inside, None))
    assert not dataclasses.replace(one, speech={}).excludes("voiced_share", 9.0)
    phones = reference.PhoneReference("x", dict.fromkeys(PHONE_MEASURES, reference.Range(1.0, 2.0, 3.0)), {})
    for name, low, high in (
        ("phone_rate", True, True),
        ("confidence", True, False),
        ("ngram_distance", False, True),
        ("longest_run", False, False),
    ):
        assert (phones.excludes(name, 0.9), phones.excludes(name, 3.1)) == (low, high)
        assert not phones.excludes(name, None)


@pytest.mark.parametrize(("pieces", "outside"), [(2, 0.7), (5, 0.4), (19, 0.19)])
def test_ranges_of_few_pieces_leave_more_of_the_same_speech_outside(pieces, outside):
    one = reference.Reference("x", "", RATE, pieces, (None,) * BANDS, {}, {})
    assert one.share_outside == pytest.approx(outside)
    draws = np.random.default_rng(0)
    uniform, normal = draws.random((20_000, pieces + 1)), draws.normal(size=(20_000, pieces + 1))
    for values, tolerance in ((uniform, 0.01), (normal, 0.03)):
        low, high = np.quantile(values[:, 1:], (reference.LOW, reference.HIGH), axis=1)
        missed = np.mean((values[:, 0] < low) | (values[:, 0] > high))
        assert missed == pytest.approx(outside, abs=tolerance)


@given(st.floats(0.001, 500))
def test_pieces_cover_a_sound(seconds):
    pieces = reference.lay_pieces(seconds)
    assert (pieces[0, 0], pieces[-1, 1]) == pytest.approx((0, seconds))
    assert np.all(pieces[1:, 0] <= pieces[:-1, 1] + 1e-9)
    assert np.ptp(pieces, axis=1) == pytest.approx(seconds if seconds <= 12 else 10)
    assert len(pieces) == (1 if seconds <= 12 else np.ceil(seconds / 10 - 1e-9))


def test_references_that_ship_come_back_and_others_are_measured(tmp_path, speech):
    assert "festvox-ru" in registry.names("references")
    shipped = reference.load_reference("festvox-ru")
    assert shipped.pieces > 100
    assert len(shipped.spectrum) == 40
    reference.save_reference(shipped, tmp_path / "a.json")
    assert '"festvox-ru"' in (tmp_path / "a.json").read_text()
    with pytest.raises(
        BabbleError, match="no reference 'nobody', nor a sound file or a folder of them of that name; those"
    ):
        reference.load_reference("nobody")
    with pytest.raises(BabbleError, match=r"perhaps you meant festvox-ru; those that ship are .*festvox-ru"):
        reference.load_reference("festvox")
    with pytest.raises(BabbleError, match="too few to compare with; give 20 s or more"):
        reference.measure_reference(speech[: 15 * RATE], RATE, "man")


def test_one_sound_file_is_a_reference(tmp_path, speech, monkeypatch):
    monkeypatch.setattr(reference, "PIECE_SECONDS", 1.0)
    wave.write(tmp_path / "me.wav", speech[: 3 * RATE], RATE)
    one = reference.load_reference(str(tmp_path / "me.wav"))
    assert (one.name, one.pieces, one.rate) == ("me", 3, RATE)
