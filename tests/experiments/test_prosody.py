"""The experiment on prosody: what it regresses and measures."""

import json

import numpy as np
import pytest

from babble_jax.voice.conditioning.prosody_final import MOVEMENTS
from babble_jax.voice.conditioning.prosody_response import LINEAR, ProsodyResponse
from experiments.pipelines.prosody import BEYOND, FINAL, SETTINGS, list_settings, regress, summarize
from experiments.pipelines.prosody_measures import (
    change_rate,
    distinct_pairs,
    final_movement,
    highest_pitch,
    measure_sound,
    spectral_tilt,
)
from experiments.pipelines.prosody_response import SETTINGS as CONDITIONED
from experiments.pipelines.prosody_response import STEEPER, fit_response, respond, use_response
from experiments.pipelines.prosody_speaking import UNNAMED, rows_for_json, rows_of_json
from experiments.pipelines.tempo_check import change_tempo
from tests.pretrained.phone_voice import build_phone_voice
from tests.voice.unit_voice import build_unit_voice


def test_slopes_and_their_intervals_are_those_of_the_utterances():
    targets, own = np.array([-6.0, 0.0, 6.0]), np.array([1.0, 2.0, 4.0])
    line = regress(targets, own + 0.8 * targets[:, None], 0.0, False)
    np.testing.assert_allclose(line["measured"], 0.8 * targets)
    assert line["slope"] == pytest.approx(0.8)
    np.testing.assert_allclose(line["interval"], 0.8)
    factors = np.array([0.5, 1.0, 2.0])
    assert regress(factors, own * factors[:, None], 1.0, True)["slope"] == pytest.approx(1)
    rates = np.array([0.9, 1.1, 0.9])[:, None] * own * factors[:, None] ** 0.6
    assert regress(factors, rates, 1.0, True, True)["slope"] == pytest.approx(0.6)


def test_an_utterance_without_pitch_is_kept_and_counts_in_no_mean():
    text = json.dumps(rows_for_json([{"pitch": np.nan, "level": -20.0}]), allow_nan=False)
    (row,) = rows_of_json(json.loads(text))
    assert np.isnan(row["pitch"])
    assert row["level"] == -20.0
    targets, table = np.array([0.0, 6.0]), np.array([[1.0] * 12, [7.0] * 11 + [np.nan]])
    assert regress(targets, table, 0.0, False)["slope"] == pytest.approx(1)


def test_a_summary_names_what_is_told_apart():
    row = {"spread": 3.0, "units": 12.0, "level": -20.0, "tilt": -6.0, "pairs": 0.9, "agreement": 0.7}
    row |= {"units_conditioned": 12.0, "pairs_conditioned": 0.9}
    moves = dict(zip(MOVEMENTS, (4.0, -3.0, 0.1), strict=True))
    rows = {}
    for name in list_settings({name: (*SETTINGS[name], *BEYOND.get(name, ())) for name in SETTINGS}, True):
        control, _, value = name.partition(" ")
        pitch, change = (float(value) if control == one else 0.0 for one in ("pitch", "rate"))
        own = row | {"change": 20.0 * (change or 1.0), "final": moves.get(value, 0.0)}
        rows[name] = [own | {"pitch": pitch + n} for n in (-1.0, 1.0)]
    rows["final rise"][0]["final"] = -1.0
    rows["final fall"][1]["final"] = np.nan
    values = summarize(rows, (*SETTINGS, FINAL))
    assert values["pitch"]["slope"] == pytest.approx(1)
    assert values["level"]["slope"] == pytest.approx(0)
    assert values["rate"]["slope"] == pytest.approx(1)
    assert values["rate"]["beyond"] == [(0.5, 0.5), (2.0, 2.0)]
    assert values["rate"]["others"]["units"]["slope"] == pytest.approx(0)
    assert values["rate"]["others"].keys() == {"units"}
    assert values["final"]["share"] == 0.5  # of a rise and a fall, and of a rise that falls and of nothing
    assert values["final"]["told_apart"] == 0.5
    assert values["final"]["semitones"]["fall"] == -3
    assert values["final"]["medians"]["rise"] == 1.5
    assert set(summarize(rows, ("pitch",))) == {"pitch"}


def test_a_response_is_that_of_what_was_measured():
    def own(pitch=0.0, spread=2.0, change=20.0, final=0.0):
        return [{"pitch": pitch + n, "spread": spread, "change": change, "final": final} for n in (-1.0, 1.0)]

    rows = {"neutral": own()}
    rows |= {f"pitch {x:g}": own(pitch=0.8 * x) for x in CONDITIONED["pitch"]}
    rows |= {f"pitch_range {x:g}": own(spread=2 + (x - 1)) for x in CONDITIONED["pitch_range"]}
    rows |= {f"rate {x:g}": own(change=20 * x**0.6) for x in CONDITIONED["rate"]}
    rows |= {f"final {x}": own(final=0.7 * STEEPER * MOVEMENTS[x] - 1.5) for x in MOVEMENTS}
    fit = fit_response(rows, (*CONDITIONED, FINAL))
    expected = {"pitch": 0.8, "pitch_range": 0.5, "rate": 0.6, "final": 0.7, "hold": -1.5}
    assert fit["response"] == pytest.approx(expected)
    assert fit["controls"]["rate"]["conditioned"] == [0.5, 1.0, 2.0]
    response = ProsodyResponse(**fit["response"])
    voice = respond(build_unit_voice(), {"ann": LINEAR, "ben": response})
    assert [voice.prosody_response(speaker) for speaker in (0, 1)] == [LINEAR, response]  # pyright: ignore[reportArgumentType]
    phones = respond(build_phone_voice(), {"ben": response})
    assert phones.prosody_response("ben") == response  # pyright: ignore[reportArgumentType]
    assert UNNAMED not in {"ann", "ben"}


def test_what_a_speaker_hardly_follows_is_not_made_up_for():
    slopes = {"pitch": 0.4, "pitch_range": -0.1, "rate": 0.6, "final": 0.2, "hold": -0.5}
    response = use_response(slopes)
    assert response == ProsodyResponse(pitch=0.4, rate=0.6)
    voice = respond(build_unit_voice(), {"ann": response})
    assert voice.prosody_response(0) == response  # pyright: ignore[reportArgumentType]
    assert use_response({**slopes, "final": 0.3}).hold == -0.5


def test_a_final_movement_is_that_of_the_last_voiced_frames_but_for_a_few():
    glide = np.concatenate([np.full(20, 4.0), [np.nan] * 5, np.linspace(0, 5.8, 30), [np.nan] * 3])
    assert final_movement(glide) == pytest.approx(6)
    creak = glide.copy()
    creak[-8:-3] -= 12
    assert final_movement(creak) == pytest.approx(6, abs=1.5)
    assert np.isnan(final_movement(glide[:5]))


def test_the_rate_of_change_is_in_proportion_to_the_tempo():
    rate, draws = 16_000, np.random.default_rng(0)
    noise = draws.normal(0, 0.1, 4 * rate)

    def rates(tempo):  # of noise whose halves of the spectrum come and go
        time = np.arange(len(noise)) / rate * tempo
        spectrum = np.fft.rfft(noise)
        parts = [np.fft.irfft(np.where(np.arange(len(spectrum)) < 16_000, spectrum, 0)), None]
        parts[1] = noise - parts[0]
        gains = [np.exp(np.sin(2 * np.pi * 3 * time + phase) * 2) for phase in (0, 1)]
        return change_rate(sum(gain * part for gain, part in zip(gains, parts, strict=True)), rate)

    slow, own, fast = map(rates, (0.7, 1.0, 1.4))
    assert (slow / own, fast / own) == pytest.approx((0.7, 1.4), rel=0.05)
    assert np.isnan(change_rate(np.zeros(rate, np.float32), rate))
    tone = np.sin(2 * np.pi * 150 * np.arange(rate) / rate)
    assert change_tempo(tone, rate, 1.0) is tone
    assert len(change_tempo(tone, rate, 1.4)) == pytest.approx(rate / 1.4, rel=0.01)


@pytest.mark.slow
def test_a_tone_that_glides_has_the_measures_that_it_was_given():
    rate, median = 16_000, 300.0
    semitones = np.concatenate([np.full(rate, 6.0), np.linspace(6, 9, round(0.3 * rate))])  # 424 to 505 Hz
    phase = 2 * np.pi * np.cumsum(median * 2 ** (semitones / 12)) / rate
    tone = 0.1 * np.sum([np.sin(n * phase) / n for n in range(1, 6)], axis=0)
    measures = measure_sound(tone.astype(np.float32), rate, median)
    assert measures["pitch"] == pytest.approx(6, abs=0.2)
    assert measures["final"] == pytest.approx(3, abs=0.4)
    assert measures["spread"] == pytest.approx(0.5, abs=0.4)
    assert measures["level"] == pytest.approx(10 * np.log10(np.mean(np.square(tone))), abs=0.3)


@pytest.mark.parametrize(("f0", "highest"), [(120.0, 480.0), (260.0, 800.0), (0.0, 800.0)])
def test_pitch_is_sought_up_to_two_octaves_above_the_median(f0, highest):
    rate = 16_000
    phase = 2 * np.pi * f0 * np.arange(rate // 2) / rate
    tone = (0.1 * np.sum([np.sin(n * phase) / n for n in range(1, 6)], axis=0)).astype(np.float32)
    assert highest_pitch([tone, tone], rate) == pytest.approx(highest, rel=0.02)


def test_tilt_and_pairs_are_counted():
    noise = np.random.default_rng(0).normal(0, 0.1, 32_000)
    assert spectral_tilt(noise, 16_000) == pytest.approx(0, abs=0.3)
    assert distinct_pairs(np.array([1, 1, 2, 1, 2, 2, 3])) == 0.75
