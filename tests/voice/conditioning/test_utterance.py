"""Live utterances: the features of a plan that knows the end, a gate that closes in time, in any order of orders."""

import numpy as np
import pytest

from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.voice.conditioning import activity
from babble_jax.voice.conditioning.unit_stream import UnitStream
from babble_jax.voice.conditioning.utterance import RELEASE, UtteranceControl
from tests.voice.unit_voice import RATE, build_unit_voice

FRAME = 8
SECONDS = FRAME / RATE


@pytest.fixture(scope="module")
def control():
    voice = build_unit_voice()
    assert voice.unit_models is not None
    return UtteranceControl(voice.config, UnitStream(voice.unit_models.unit_lms[0], (1,)))


def push(control, active):
    state, frames = control.initial_state(), []
    for n, now in enumerate(active):
        frame, state = control.push(state, bool(now), n * FRAME, FRAME)
        frames.append(frame)
    return frames


def test_features_are_those_of_a_plan_from_the_moment_on_at_which_the_end_is_set(control):
    frames = push(control, np.repeat([0, 1, 0], [20, 100, 80]))
    rows = np.array([[frame.channels[name] for name in activity.FEATURES] for frame in frames])
    middles = (np.arange(200) + 0.5) * SECONDS
    onset, stop = 20 * SECONDS, 120 * SECONDS
    np.testing.assert_allclose(rows[:120], activity.features([[onset, np.inf]], middles)[:120], atol=1e-6)
    planned = activity.features([[onset, stop + RELEASE]], middles)
    np.testing.assert_allclose(rows[120:], planned[120:], atol=1e-6)


def test_the_level_falls_to_silence_over_the_release(control):
    frames = push(control, np.repeat([1, 0], [100, 80]))
    level = np.array([frame.channels["rms_db"] for frame in frames])
    assert np.all(level[:100] > LOWEST_RMS_DB)
    assert np.all(np.diff(level[99:126]) <= 0)
    assert np.all(level[125:] == LOWEST_RMS_DB)


def test_the_gate_opens_and_closes_without_a_step(control):
    frames = push(control, np.repeat([0, 1, 0], [5, 60, 75]))
    gain = np.concatenate([frame.gain for frame in frames])
    assert np.abs(np.diff(gain)).max() < 0.1  # of 20 samples from 0 to 1
    assert not gain[: 5 * FRAME].any()
    assert np.all(gain[5 * FRAME + 19 : 65 * FRAME + round(0.03 * RATE)] == 1)
    assert not gain[65 * FRAME + round(0.06 * RATE) :].any()
    restarts = [n for n, frame in enumerate(frames) if frame.restarts]
    assert restarts == [65 + 30]  # the first frame after 60 ms


def test_whatever_it_is_told_a_stop_is_carried_out(control):
    draws = np.random.default_rng(0)
    for _ in range(10):
        active = np.repeat(np.arange(40) % 2, draws.integers(1, 60, 40))
        frames = push(control, active)
        gain = np.concatenate([frame.gain for frame in frames])
        assert np.abs(np.diff(gain)).max() < 0.1
        first = np.flatnonzero(active)[0]
        speaking = True  # from the first onset on
        at = first
        while at < len(active):
            if speaking and not active[at]:
                silent = at * FRAME + round(0.06 * RATE) - 1
                assert silent >= len(gain) or gain[silent] == 0
                at += 30
                speaking = False
            elif not speaking and active[at]:
                speaking = True
            else:
                assert frames[at].channels["active"] == speaking
                at += 1
