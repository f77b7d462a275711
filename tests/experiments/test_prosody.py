"""The experiment on prosody: what it regresses and measures."""

import json

import numpy as np
import pytest

from experiments.pipelines.prosody import (
    FINALS,
    distinct_pairs,
    list_settings,
    measure_sound,
    regress,
    rows_for_json,
    rows_of_json,
    spectral_tilt,
    summarize,
)


def test_slopes_and_their_intervals_are_those_of_the_utterances():
    targets, own = np.array([-6.0, 0.0, 6.0]), np.array([1.0, 2.0, 4.0])
    line = regress(targets, own + 0.8 * targets[:, None], 0.0, False)
    np.testing.assert_allclose(line["measured"], 0.8 * targets)
    assert line["slope"] == pytest.approx(0.8)
    np.testing.assert_allclose(line["interval"], 0.8)
    factors = np.array([0.5, 1.0, 2.0])
    assert regress(factors, own * factors[:, None], 1.0, True)["slope"] == pytest.approx(1)


def test_an_utterance_without_pitch_is_kept_and_counts_in_no_mean():
    text = json.dumps(rows_for_json([{"pitch": np.nan, "level": -20.0}]), allow_nan=False)
    (row,) = rows_of_json(json.loads(text))
    assert np.isnan(row["pitch"])
    assert row["level"] == -20.0
    targets, table = np.array([0.0, 6.0]), np.array([[1.0] * 12, [7.0] * 11 + [np.nan]])
    assert regress(targets, table, 0.0, False)["slope"] == pytest.approx(1)


def test_a_summary_names_what_is_told_apart():
    row = {"spread": 3.0, "rate": 12.0, "level": -20.0, "tilt": -6.0, "pairs": 0.9, "agreement": 0.7}
    row |= {"rate_conditioned": 12.0, "pairs_conditioned": 0.9}
    moves = dict(zip(FINALS, (4.0, -3.0, 0.1), strict=True))
    rows = {}
    for name in list_settings():
        control, _, value = name.partition(" ")
        pitch = float(value) if control == "pitch" else 0.0
        rows[name] = [row | {"pitch": pitch + n, "final": moves.get(value, 0.0)} for n in (-1.0, 1.0)]
    rows["final rise"][0]["final"] = -1.0
    values = summarize(rows)
    assert values["pitch"]["slope"] == pytest.approx(1)
    assert values["level"]["slope"] == pytest.approx(0)
    assert values["final"]["share"] == 0.75
    assert values["final"]["semitones"]["fall"] == -3
    assert values["final"]["medians"]["rise"] == 1.5


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


def test_tilt_and_pairs_are_counted():
    noise = np.random.default_rng(0).normal(0, 0.1, 32_000)
    assert spectral_tilt(noise, 16_000) == pytest.approx(0, abs=0.3)
    assert distinct_pairs(np.array([1, 1, 2, 1, 2, 2, 3])) == 0.75
