"""Units of a live stream: phrases of the recordings while it speaks, silence where it does not."""

import pytest

from babble_jax.pretrained.pretrained import load_voice
from babble_jax.voice.conditioning.unit_stream import UnitStream
from tests.voice.unit_voice import build_unit_voice


@pytest.fixture(scope="module")
def unit_lm():
    models = build_unit_voice().unit_models
    assert models is not None
    return models.unit_lms[1]


def walk(stream, active, state=None):
    state = stream.initial_state() if state is None else state
    states = []
    for now in active:
        state = stream.push(state, now)
        states.append(state)
    return states


def test_runs_have_the_units_and_durations_of_recordings_and_glide_as_in_a_plan(unit_lm):
    states = walk(UnitStream(unit_lm, (1, 2)), [True] * 300)
    at = 0
    while at < 250:
        run, before = states[at].run, states[at].before
        length = unit_lm.durations[run]
        assert repr([s.frame for s in states[at : at + length]]) == repr(unit_lm.run_frames(run, before))
        assert [s.position for s in states[at : at + length]] == list(range(1, length + 1))
        at += length
    assert {state.frame.unit for state in states} == {0, 2, 3}


def test_a_phrase_begins_at_each_onset_and_silence_is_silent(unit_lm):
    states = walk(UnitStream(unit_lm, (1, 2)), [False] * 5 + [True] * 8 + [False] * 3 + [True] * 8)
    (silence,) = unit_lm.silence(1)
    for at, state in enumerate(states):
        active = 5 <= at < 13 or at >= 16
        assert (state.frame.unit == silence.unit) == (not active)
        assert (state.run < 0) == (not active)
    for onset in (5, 16):
        assert states[onset].run == 0  # the first run of the only phrase
        assert states[onset].before.rms_db == silence.rms_db


def test_units_depend_on_the_key_and_the_state_alone(unit_lm):
    stream = UnitStream(unit_lm, (1, 2))
    states = walk(stream, [True] * 400)
    assert repr(walk(UnitStream(unit_lm, (1, 2)), [True] * 300, states[99])) == repr(states[100:])


def test_keys_draw_other_units():
    models = load_voice("babblers").unit_models
    assert models is not None
    lines = {
        tuple(state.frame.unit for state in walk(UnitStream(models.unit_lms[0], (0, key)), [True] * 50))
        for key in range(5)
    }
    assert len(lines) == 5
