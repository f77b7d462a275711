import dataclasses

import numpy as np
import pytest

from babble_jax.agent.cues.cue import Calibration
from babble_jax.agent.cues.ear_cue import LEAST_PHONES, EarCue, lengthening
from babble_jax.ear.segments import PhoneSegments
from babble_jax.errors import BabbleError
from tests.ear.tone_ear import make_tones, tone_ear

PLAIN = Calibration(slope=1.0)


def speak(last):
    """Eight phones of 0.2 s, two of `last` seconds, and half a second of silence."""
    sound = np.concatenate([make_tones("abababab", 0.2), make_tones("ab", last), make_tones("_", 0.5)])
    return sound[: len(sound) // 320 * 320]


def ask(cue, sound, silence, block):
    for first in range(0, len(sound), block):
        cue.push(sound[first : first + block])
    return cue.log_odds(silence)


def test_the_last_phones_are_as_much_longer_whatever_the_blocks():
    ear = tone_ear("forward")
    for last in (0.2, 0.4):
        answers = [ask(EarCue(ear, PLAIN), speak(last), 0.5, block) for block in (320, 1600, 480)]
        assert answers[0] == answers[1] == answers[2]
        assert answers[0] == pytest.approx(np.log(last / 0.2), abs=0.1)


def test_it_answers_in_a_silence_and_the_same_until_it_ends():
    cue = EarCue(tone_ear("forward"), PLAIN)
    assert ask(cue, speak(0.4), 0.1, 320) is None
    answer = cue.log_odds(0.3)
    state = cue.state
    cue.push(make_tones("ab", 0.3))
    assert cue.log_odds(0.9) == answer
    assert cue.log_odds(0.0) is None
    later = cue.log_odds(0.3)
    assert later != answer
    cue.state = state  # nothing of it was changed
    cue.push(make_tones("ab", 0.3))
    assert (cue.log_odds(0.0), cue.log_odds(0.3)) == (None, later)


def test_lengthening_by_hand():
    durations = np.array([0.1] * 6 + [0.3, 0.2, 0.4])
    edges = np.concatenate([[0.0], np.cumsum(durations)])
    phones = PhoneSegments(tuple("aaaaaa_ab"), edges[:-1], edges[1:], np.ones(9))
    assert lengthening(phones, "_") == pytest.approx((np.log(2) + np.log(4)) / 2)
    assert lengthening(phones.select(np.arange(LEAST_PHONES)), "_") is None


def test_too_few_phones_give_no_answer_and_another_ear_is_refused():
    assert ask(EarCue(tone_ear("forward"), PLAIN), make_tones("a_", 0.4), 0.3, 320) is None
    cue = EarCue(tone_ear("forward"), PLAIN)
    cue.push(np.array([np.nan, np.inf, -np.inf, 1e30] * 400))
    assert cue.log_odds(0.3) is None
    ear = tone_ear("forward")
    ear.config = dataclasses.replace(ear.config, sample_rate=8000)
    for wrong in (tone_ear("both"), ear):
        with pytest.raises(BabbleError, match="of direction forward"):
            EarCue(wrong, PLAIN)
