"""Notes with the timing of speech: they are those of the phrases drawn, on a scale."""

import itertools

import numpy as np
import pytest

from babble_jax.audio.units import UnitSequence
from babble_jax.errors import BabbleError
from babble_jax.synthesis import notes
from babble_jax.synthesis.notes import Melody


def test_phrases_last_as_drawn_and_their_notes_follow_each_other(unit_lm, phrases):
    active = unit_lm.draw_activity(np.random.default_rng(5), 6.0)
    spans = np.array([[phrase[0].onset, phrase[-1].end] for phrase in phrases]) * 0.01
    np.testing.assert_allclose(spans, active, atol=0.0051)
    held = notes.draw_phrases(unit_lm, np.random.default_rng(5), 6.0, hold=2.0)
    lengths = np.array([phrase[-1].end - phrase[0].onset for phrase in held]) * 0.01
    complete = len(lengths) - 1  # the last one ends with the recording
    np.testing.assert_allclose(lengths[:complete], 2 * np.diff(active, axis=1)[:complete, 0], atol=0.011)
    pauses = [after[0].onset - before[-1].end for before, after in itertools.pairwise(held)]
    speaker_pauses = active[1:, 0] - active[:-1, 1]
    np.testing.assert_allclose(np.array(pauses) * 0.01, speaker_pauses[: len(pauses)], atol=0.011)
    for phrase in (*phrases, *held):
        assert all(before.end == after.onset for before, after in itertools.pairwise(phrase))
        assert all(note.end - note.onset >= 1 for note in phrase)
    assert held[-1][-1].end <= 600
    cut = notes.draw_phrases(unit_lm, np.random.default_rng(5), 3.006)
    ends = [end for end, _ in notes.label(cut, lambda _: "a", 3.006)]
    assert ends == sorted(set(ends))
    assert cut[-1][-1].end <= 300
    assert ends[-1] <= 3.006


def test_runs_of_a_unit_become_notes():
    units = np.array([4] * 5 + [7] * 2 + [7] * 4 + [2] * 6 + [9] * 5)
    pitch = np.array([0.1] * 5 + [0.3] * 2 + [np.nan] * 4 + [0.2] * 6 + [np.nan] * 5)
    made_notes = notes.find_notes(UnitSequence(units, pitch, np.full(22, -20.0)), 100, 9)
    assert [(note.onset, note.end, note.unit) for note in made_notes] == [
        (100, 107, 4),  # two frames of another unit are too short for a note
        (107, 111, 7),
        (111, 117, 2),
        (117, 122, 9),
    ]
    assert [note.voiced for note in made_notes] == [True, False, True, False]
    assert [note.rest for note in made_notes] == [False, False, False, True]
    assert made_notes[0].pitch == pytest.approx((5 * 0.1 + 2 * 0.3) / 7)


def test_a_melody_is_widened_on_a_scale_within_its_range():
    melody = Melody(110.0, 440.0, widening=2.0, scale="chromatic")
    assert melody.frequency(0.0) == pytest.approx(220.0)
    assert melody.frequency(0.25) == pytest.approx(220 * 2**0.5)
    assert melody.frequency(3.0) == pytest.approx(440.0)
    assert melody.frequency(-3.0) == pytest.approx(110.0)
    assert melody.frequency(0.26) == melody.frequency(0.25)
    assert Melody(110.0, 440.0, widening=2.0, scale="none").frequency(0.26) == pytest.approx(220 * 2**0.52)
    minor = Melody(110.0, 440.0, scale="minor", root=9)
    names = {notes.note_name(minor.frequency(pitch)) for pitch in np.linspace(-1, 1, 200)}
    assert {name.rstrip("0123456789") for name in names} == {"A", "B", "C", "D", "E", "F", "G"}
    assert (notes.note_name(440.0), notes.note_name(261.6), notes.note_name(65.4)) == ("A4", "C4", "C2")
    for values in ({"scale": "blues"}, {"lowest": 300.0}, {"widening": -1.0}):
        with pytest.raises(BabbleError):
            Melody(**({"lowest": 100.0, "highest": 400.0} | values))


def test_voiced_runs_join_until_they_are_a_syllable():
    phrase = UnitSequence(
        np.repeat([1, 2, 3, 4], 5), np.repeat([0.0, 0.2, 0.4, np.nan], 5), np.full(20, -20.0)
    )
    made_notes = notes.find_notes(phrase, 0, 9, shortest=10)
    assert [(note.onset, note.end) for note in made_notes] == [(0, 10), (10, 15), (15, 20)]
    assert made_notes[0].pitch == pytest.approx(0.1)
