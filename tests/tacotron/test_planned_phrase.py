"""Planned phrases: what a prosody makes of the channels of their phones."""

import numpy as np
import pytest

from babble_jax.tacotron.phonotactics.phrase import Phrase
from babble_jax.tacotron.planned_phrase import plan_last, plan_phrase, plan_short
from babble_jax.voice.conditioning.contour import Contour
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from tests.tacotron.phonotactics.small_language import load_russian, load_shipped

PAUSE = 0.15


def plan(prosody=NEUTRAL, final=True, seed=3, start=0.0):
    russian = load_russian()
    phrase = russian.model.draw_phrase(np.random.default_rng(seed), final, 3)
    return plan_phrase(russian, phrase, np.random.default_rng(seed), PAUSE, prosody, start)


def voiced(planned):
    model = load_russian().prosody
    assert model is not None
    return np.array([phone in model.voiced for phone in planned.phones])


def test_pitch_and_its_range_move_voiced_phones_alone():
    own, higher = plan(), plan(Prosody(pitch=3, pitch_range=0.5, level=-6, effort=2))
    moves = voiced(own)
    assert moves.any()
    assert not moves.all()
    np.testing.assert_allclose(
        higher.channels["f0"][moves], own.channels["f0"][moves] * 0.5 + 0.25, atol=1e-6
    )
    np.testing.assert_array_equal(higher.channels["f0"][~moves], 0)
    for name in ("log_duration", "level"):  # the level is one of the sound
        np.testing.assert_array_equal(higher.channels[name], own.channels[name])
    furthest = plan(Prosody(pitch=12, pitch_range=3)).channels["f0"]
    assert furthest.max() <= 2


def test_rate_divides_the_durations_of_phones_and_leaves_silence_alone():
    own, faster = plan(), plan(Prosody(rate=1.25))
    seconds, shorter = (np.exp(one.channels["log_duration"]) for one in (own, faster))
    np.testing.assert_allclose(shorter[1:-1], seconds[1:-1] / 1.25, rtol=1e-5)
    np.testing.assert_array_equal(shorter[[0, -1]], seconds[[0, -1]])
    assert own.seconds - faster.seconds == pytest.approx(seconds[1:-1].sum() * 0.2, rel=1e-5)
    assert faster.phones == own.phones
    np.testing.assert_array_equal(faster.channels["f0"], own.channels["f0"])


@pytest.mark.parametrize(("final", "semitones"), [("rise", 6), ("fall", -6), ("hold", 0)])
def test_the_last_voiced_phones_of_an_utterance_lie_on_a_line(final, semitones):
    own, shaped, held = plan(), plan(Prosody(final=final)), plan(Prosody(final=final), final=False)
    np.testing.assert_array_equal(held.channels["f0"], plan(final=False).channels["f0"])  # it goes on
    where, seconds = np.flatnonzero(voiced(own)), np.exp(own.channels["log_duration"])
    count = next(n for n in range(1, 20) if seconds[where[-n:]].sum() >= 0.3)
    before, line = where[:-count], where[-count:]
    np.testing.assert_array_equal(shaped.channels["f0"][before], own.channels["f0"][before])
    share = np.cumsum(seconds[line]) / seconds[line].sum()
    expected = own.channels["f0"][line[0]] + share * semitones / 12
    np.testing.assert_allclose(shaped.channels["f0"][line], expected, atol=1e-5)


def test_a_contour_is_sampled_at_the_middles_of_the_phones():
    contour = Contour(
        "m.csv", np.linspace(-1, 1, 400), np.repeat([0.0, -6.0], 200), np.array([[0.0, 2.0], [2.5, 4.0]])
    )
    own, sung = plan(), plan(Prosody(contour=contour, rate=0.8), start=1.5)
    seconds = np.exp(sung.channels["log_duration"].astype(np.float64))[1:-1]
    melody, loudness = contour.at(1.5 + np.cumsum(seconds) - seconds / 2)
    moves = voiced(own)
    np.testing.assert_allclose(sung.channels["f0"][1:-1], np.where(moves[1:-1], melody, 0), atol=1e-6)
    assert np.ptp(loudness) == 6, "it goes past 2 s"
    np.testing.assert_allclose(
        sung.channels["level"][1:-1], own.channels["level"][1:-1] + loudness / 10, atol=1e-6
    )
    np.testing.assert_array_equal(sung.channels["level"][[0, -1]], own.channels["level"][[0, -1]])


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0])
def test_the_last_phrase_ends_where_the_utterance_does_at_any_rate(rate):
    russian = load_russian()
    plans = [plan_last(russian, np.random.default_rng(seed), 1.5, Prosody(rate=rate)) for seed in range(10)]
    lengths = [np.exp(one.channels["log_duration"])[1:-1].sum() for one in plans]
    assert np.median(lengths) == pytest.approx(1.5, rel=0.1)
    phones = [len(one.phones) / length for one, length in zip(plans, lengths, strict=True)]
    own = plan_last(russian, np.random.default_rng(0), 1.5)
    assert np.median(phones) / rate == pytest.approx(len(own.phones) / 1.5, rel=0.35)


def test_backchannels_and_languages_without_prosody():
    russian, english = load_russian(), load_shipped("en")
    own, higher = (plan_short(russian, np.random.default_rng(1), Prosody(pitch=pitch)) for pitch in (0, 6))
    moves = voiced(own)
    np.testing.assert_allclose((higher.channels["f0"] - own.channels["f0"])[moves], 0.5, atol=1e-6)
    phrase = Phrase((english.model.draw_word(np.random.default_rng(0)),), True)
    plain, other = (
        plan_phrase(english, phrase, np.random.default_rng(0), PAUSE, prosody)
        for prosody in (NEUTRAL, Prosody(entropy=0))
    )
    assert plain == other
    assert not plain.channels
