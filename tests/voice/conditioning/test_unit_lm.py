"""Unit sequences from the language model: transitions are those of the recordings, lengths are exact."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.audio.units import HOP, UnitFrame, UnitSequence
from babble_jax.errors import BabbleError
from babble_jax.voice.conditioning import unit_lm
from babble_jax.voice.conditioning.unit_lm import medoid
from babble_jax.voice.conditioning.unit_models import fit_unit_lm
from babble_jax.voice.conditioning.unit_runs import dedup

UNITS = np.repeat([9, 1, 2, 3, 9, 1, 2, 4, 9, 3, 1, 2, 9], [20, 3, 4, 5, 30, 2, 6, 7, 25, 8, 1, 2, 20])
ACTIVE = np.array([(0.2, 0.32), (0.62, 0.77), (1.02, 1.13)])
# Not voiced in units 3; each run as high as it is long; the last frame of a run a quarter of a step higher.
PITCH = np.where(UNITS == 3, np.nan, 0.0)
PITCH[20:27] = np.repeat([3, 4], [3, 4]) / 64
PITCH[22] += 1 / 256
LEVEL = np.where(UNITS == 9, LOWEST_RMS_DB, -20.0 - UNITS)
SEQUENCE = UnitSequence(UNITS, PITCH, LEVEL)
RECORDED = fit_unit_lm([SEQUENCE, SEQUENCE], [ACTIVE, ACTIVE], [1.33, 1.33])


def test_a_unit_lm_by_hand():
    np.testing.assert_array_equal(RECORDED.units, [1, 2, 3, 1, 2, 4, 3, 1, 2] * 2)
    np.testing.assert_array_equal(RECORDED.durations, [3, 4, 5, 2, 6, 7, 8, 1, 2] * 2)
    np.testing.assert_array_equal(RECORDED.ends_phrase, [False, False, True] * 6)
    np.testing.assert_array_equal(RECORDED.ends_recording, [False, False, True] * 2)
    np.testing.assert_allclose(RECORDED.pauses, [0.3, 0.25, 0.4, 0.3, 0.25])  # 0.2 + 0.2 between the two
    assert RECORDED.silence_unit == 9
    low = [3 / 64, 4 / 64, np.nan, 0, 0, 0, np.nan, 0, 0]
    np.testing.assert_array_equal(RECORDED.pitch, low * 2)
    # In whole steps of 2 dB, -21 to even.
    np.testing.assert_array_equal(RECORDED.rms_db, [-20, -22, -24, -20, -22, -24, -24, -20, -22] * 2)


def test_pitch_and_level_glide_from_run_to_run_and_begin_where_they_begin():
    sequence = UnitSequence.from_frames(RECORDED.run_frames(4, UnitFrame(7, -0.5, -10.0)))
    np.testing.assert_array_equal(sequence.units, [2] * 6)
    np.testing.assert_allclose(sequence.pitch, [-0.375, -0.25, -0.125, 0, 0, 0])
    np.testing.assert_allclose(sequence.rms_db, [-16, -22, -22, -22, -22, -22])
    first = UnitSequence.from_frames(RECORDED.run_frames(0, RECORDED.silence(1)[0]))
    np.testing.assert_array_equal(first.pitch, [3 / 64] * 3)
    np.testing.assert_array_equal(first.rms_db, [-20] * 3)
    assert np.isnan(UnitSequence.from_frames(RECORDED.run_frames(2, UnitFrame(7, 0.0, -10.0))).pitch).all()
    voiced = RECORDED.run_frames(4, UnitFrame(7, -0.5, -10.0))
    assert UnitSequence.from_frames(voiced).frames() == voiced


def test_a_continuation_at_the_same_pitch_is_likelier():
    lines = UnitSequence(
        np.tile([9, 1, 2, 3, 9, 1, 2, 4, 9], 1).repeat(10),
        np.repeat([np.nan, 0, 0, 0, np.nan, 0, 0.2, 0, np.nan], 10),
        np.full(90, -20.0),
    )
    two = fit_unit_lm([lines], [np.array([(0.1, 0.4), (0.5, 0.8)])], [0.9])
    draws = np.random.default_rng(0)
    walks = [tuple(two.units[list(two.walk(draws))]) for _ in range(2000)]
    from_low = np.mean([walk[-1] == 3 for walk in walks])
    assert from_low == pytest.approx(0.5, abs=0.04)  # begun at either, and symmetric
    after = [two._draw_similar(1, np.array([1, 4]), draws) for _ in range(2000)]
    assert np.mean(np.array(after) == 4) == pytest.approx(np.exp(-2) / (1 + np.exp(-2)), abs=0.03)


def test_a_continuation_at_the_same_level_is_likelier():
    level = np.repeat([LOWEST_RMS_DB, -20, -20, -20, LOWEST_RMS_DB, -20, -32, -20, LOWEST_RMS_DB], 10)
    units = np.repeat([9, 1, 2, 3, 9, 1, 2, 4, 9], 10)
    two = fit_unit_lm(
        [UnitSequence(units, np.full(90, np.nan), level)], [np.array([(0.1, 0.4), (0.5, 0.8)])], [0.9]
    )
    draws = np.random.default_rng(0)
    after = [two._draw_similar(1, np.array([1, 4]), draws) for _ in range(2000)]
    assert np.mean(np.array(after) == 4) == pytest.approx(np.exp(-2) / (1 + np.exp(-2)), abs=0.03)


def test_voiced_runs_continue_as_voiced_runs():
    """Half of the runs of each unit are voiced, and as many lead from voiced to unvoiced as back: so does a walk."""
    voiced = np.tile(np.repeat([True, False], 20), 10)
    pitch = np.where(voiced, np.random.default_rng(1).normal(0, 0.3, 400), np.nan)
    sequence = UnitSequence(np.tile([1, 2], 200), pitch, np.full(400, -20.0))
    line = fit_unit_lm([sequence], [np.array([(0.0, 4.0)])], [4.0])
    draws = np.random.default_rng(0)
    walk = line.walk(draws, endless=True)
    is_voiced = np.isfinite([line.pitch[next(walk)] for _ in range(20_000)])
    assert np.mean(is_voiced) == pytest.approx(0.5, abs=0.1)


def spoken(runs):
    return tuple(RECORDED.units[list(runs)].tolist())


def test_walks_are_what_pairs_allow_and_reach_all_of_it():
    draws = np.random.default_rng(0)
    walks = {spoken(RECORDED.walk(draws)) for _ in range(300)}
    # 1 2 may go on to 3, to 4, or end; 3 1 is only ever followed by 2.
    assert walks == {(1, 2), (1, 2, 3), (1, 2, 4), (3, 1, 2), (3, 1, 2, 3), (3, 1, 2, 4)}


def test_phrases_are_the_same_whether_similarities_are_stored_or_not(monkeypatch):
    phrases, contexts = [], []
    for stored in (4_000_000, 12, -1):  # all contexts, the small ones, none
        monkeypatch.setattr(unit_lm, "_STORED", stored)
        lm = dataclasses.replace(RECORDED)
        phrases.append([lm.draw_phrase(np.random.default_rng(seed), 60) for seed in range(20)])
        contexts.append(len(lm._stored_sums))
    assert contexts[0] > contexts[1] > contexts[2] == 0
    for others in phrases[1:]:
        for phrase, other in zip(phrases[0], others, strict=True):
            for values, expected in zip(phrase, other, strict=True):
                np.testing.assert_array_equal(values, expected)


def test_a_walk_without_end_goes_on():
    draws = np.random.default_rng(0)
    walk = RECORDED.walk(draws, endless=True)
    runs = [next(walk) for _ in range(500)]
    assert set(runs) == set(range(len(RECORDED.units)))


@settings(deadline=None)
@given(st.integers(1, 400), st.integers(0, 2**31))
def test_a_phrase_has_the_length_of_the_request(frames, seed):
    line = RECORDED.draw_phrase(np.random.default_rng(seed), frames)
    assert line.units.shape == line.pitch.shape == line.rms_db.shape == (frames,)
    assert set(line.units.tolist()) <= {1, 2, 3, 4}
    np.testing.assert_array_equal(np.isnan(line.pitch), line.units == 3)
    if frames >= 8:  # begins as phrases begin
        assert line.units[0] in (1, 3)


@settings(deadline=None)
@given(st.floats(0.01, 20), st.integers(0, 2**31))
def test_drawn_activity_has_the_phrases_and_pauses_of_the_recordings(seconds, seed):
    active = RECORDED.draw_activity(np.random.default_rng(seed), seconds)
    assert np.all(active >= 0)
    assert np.all(active <= seconds)
    assert np.all(np.diff(active.ravel()) > 0)
    lengths, pauses = np.diff(active, axis=1)[:, 0], active[1:, 0] - active[:-1, 1]
    phrases = np.tile(np.array([12, 15, 11]) * HOP, len(active))  # the two recordings are alike
    np.testing.assert_allclose(lengths[:-1], phrases[: max(len(active) - 1, 0)])
    np.testing.assert_allclose(pauses, np.tile([0.3, 0.25, 0.4], len(active))[: len(pauses)])


def test_recordings_of_a_pattern_come_in_any_order():
    still = np.full(40, 9)
    lines = [np.concatenate([np.full(length, 1), still]) for length in (10, 20, 30)]
    sequences = [UnitSequence(line, np.full(len(line), np.nan), np.full(len(line), -20.0)) for line in lines]
    spans = [np.array([(0.0, (len(line) - 40) * HOP)]) for line in lines]
    three = fit_unit_lm(sequences, spans, [len(line) * HOP for line in lines])
    active = three.draw_activity(np.random.default_rng(0), 600.0)
    lengths = np.rint(np.diff(active, axis=1)[:-1, 0] / HOP).astype(int)
    pairs = {(a, b) for a, b in itertools.pairwise(lengths.tolist())}
    assert pairs == set(itertools.product((10, 20, 30), repeat=2))


def test_a_single_recording_pauses_before_it_comes_again():
    one = fit_unit_lm([SEQUENCE], [ACTIVE], [1.33])
    active = one.draw_activity(np.random.default_rng(0), 3.0)
    np.testing.assert_allclose(
        active[1:, 0] - active[:-1, 1], np.tile([0.3, 0.25, 0.2], len(active))[: len(active) - 1]
    )


def test_recordings_without_speech_are_refused():
    with pytest.raises(BabbleError, match="no speech to learn units from"):
        fit_unit_lm([SEQUENCE], [np.zeros((0, 2))], [1.33])


def test_the_medoid_by_hand():
    assert medoid(np.array([[0.0, 0.0], [3.0, 0.0], [4.0, 0.0], [20.0, 1.0]])) == 1
    assert medoid(np.array([[5.0]])) == 0


def test_patterns_and_phrases_are_the_more_typical_ones():
    """Recordings of one phrase, short or long, at random voiced or not: what is drawn varies less than they do."""
    draws = np.random.default_rng(4)
    lengths, voiced = draws.integers(20, 120, 60), draws.random(60)
    sequences, spans = [], []
    for length, share in zip(lengths, voiced, strict=True):
        units = draws.integers(1, 5, length)
        sequences.append(
            UnitSequence(
                np.append(units, [9] * 40),
                np.append(np.where(draws.random(length) < share, 0.0, np.nan), [np.nan] * 40),
                np.append(np.full(length, -20.0), np.full(40, LOWEST_RMS_DB)),
            )
        )
        spans.append(np.array([(0.0, length * HOP)]))
    line = fit_unit_lm(sequences, spans, [len(one.units) * HOP for one in sequences])
    many = [
        [line._draw_pattern(draws, 10.0) for _ in range(200)],
        [line.draw_activity(draws, 10.0) for _ in range(200)],
    ]
    spread = [np.std([np.diff(one, axis=1).sum() for one in own]) for own in many]
    assert spread[1] < 0.7 * spread[0]
    assert np.mean([len(one) for one in many[1]]) == pytest.approx(
        np.mean([len(one) for one in many[0]]), abs=1
    )


def test_dedup_by_hand():
    """Units are unchanged, pitch and level are means of runs, and the rest is silence, as in a walk."""
    reduced = dedup(SEQUENCE, ACTIVE, 9)
    np.testing.assert_array_equal(reduced.units, UNITS)
    np.testing.assert_array_equal(np.isnan(reduced.pitch), (UNITS == 3) | (UNITS == 9))
    np.testing.assert_array_equal(
        reduced.rms_db[:32],
        [LOWEST_RMS_DB] * 20 + [-20] * 3 + [-21, -22, -22, -22] + [-23, -24, -24, -24, -24],
    )
    np.testing.assert_array_equal(reduced.rms_db[32:62], [LOWEST_RMS_DB] * 30)
    some = dedup(SEQUENCE, ACTIVE[1:2], 9)
    inside = (np.arange(133) >= 62) & (np.arange(133) < 77)
    np.testing.assert_array_equal(some.units, np.where(inside, UNITS, 9))
    assert set(dedup(SEQUENCE, np.zeros((0, 2)), 9).units.tolist()) == {9}
    beyond = dedup(SEQUENCE, np.array([(1.0, 9.0)]), 9)
    np.testing.assert_array_equal(beyond.units, np.where(np.arange(133) < 100, 9, UNITS))


def test_a_long_run_goes_on_as_another():
    line = UnitSequence(np.repeat([9, 1, 9], [10, 600, 10]), np.full(620, np.nan), np.full(620, -20.0))
    active = np.array([(0.1, 6.1)])
    long = fit_unit_lm([line], [active], [6.2])
    np.testing.assert_array_equal(long.durations, [255, 255, 90])
    np.testing.assert_array_equal(long.ends_phrase, [False, False, True])
    np.testing.assert_array_equal(dedup(line, active, 9).units, line.units)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 400)), max_size=4), st.integers(0, 2**31))
def test_dedup_preserves_length_and_is_idempotent_in_units(gaps, seed):
    edges = np.cumsum([x for pair in gaps for x in pair]).reshape(-1, 2) * HOP
    draws, frames = np.random.default_rng(seed), 700
    line = UnitSequence(
        np.repeat(draws.integers(0, 5, 100), 7),
        np.full(frames, np.nan),
        draws.uniform(LOWEST_RMS_DB, 0, frames),
    )
    reduced = dedup(line, edges, 9)
    assert [len(x) for x in reduced] == [frames] * 3
    speaks = np.isin(
        np.arange(frames), np.concatenate([[-1], *(np.arange(*x) for x in np.rint(edges / HOP).astype(int))])
    )
    np.testing.assert_array_equal(reduced.units, np.where(speaks, line.units, 9))
    np.testing.assert_array_equal(dedup(reduced, edges, 9).units, reduced.units)
