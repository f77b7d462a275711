"""Reduced recordings are those of the language model's own runs, frame by frame, whatever is read at once."""

import numpy as np
import pytest

from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.audio.units import EncodedRecording, UnitFrame, UnitSequence, frame_spans
from babble_jax.voice.conditioning import unit_runs
from babble_jax.voice.conditioning.unit_models import fit_unit_lm


def dedup_by_frames(sequence, active, silence_unit):
    """Reduces a recording by a language model of its own, frame by frame."""
    silence = UnitFrame(silence_unit, np.nan, LOWEST_RMS_DB)
    frames = [silence] * len(sequence.units)
    unit_lm, at = fit_unit_lm([sequence], [active], [len(frames) / 100]), 0
    for first in [first for first, stop in frame_spans(active, len(frames)) if first < stop]:
        phrase = [silence]
        while len(phrase) == 1 or not unit_lm.ends_phrase[at - 1]:
            phrase += unit_lm.run_frames(at, phrase[-1])
            at += 1
        frames[first : first + len(phrase) - 1] = phrase[1:]
    return UnitSequence.from_frames(frames)


@pytest.mark.parametrize("block", [30_000, 300, 7])
def test_reduced_recordings_are_those_by_frames(block, monkeypatch):
    draws = np.random.default_rng(0)
    runs = draws.integers(1, 12, 200)
    runs[50] = 600
    units = np.repeat(draws.integers(0, 5, len(runs)), runs)
    pitch = np.where(draws.random(len(units)) < 0.4, np.nan, draws.normal(0, 0.5, len(units)))
    sequence = UnitSequence(units, pitch, draws.uniform(LOWEST_RMS_DB, 0, len(units)))
    seconds = len(units) / 100
    active = np.array([(0.0, 0.9), (1.0, seconds - 2), (seconds - 1.5, seconds + 1)])
    expected = dedup_by_frames(sequence, active, 9)
    monkeypatch.setattr(unit_runs, "BLOCK", block)
    for values, others in zip(unit_runs.dedup(sequence, active, 9), expected, strict=True):
        np.testing.assert_array_equal(values, others)
    stored = EncodedRecording(units.astype(np.uint8), sequence.read)
    for first, part in unit_runs.dedup_phrases(stored, active):
        for values, others in zip(part, expected.read(first, first + len(part.units)), strict=True):
            np.testing.assert_array_equal(values, others)
