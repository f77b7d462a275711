"""An ear that listens reports what it would of the recording."""

import numpy as np
import pytest

from babble_jax.audio.level import active_level_db
from babble_jax.ear.decoding.greedy import decode_greedy
from babble_jax.ear.leveling import LEVEL_KEY
from babble_jax.ear.session import EarSession
from babble_jax.errors import BabbleError
from tests.ear.tone_ear import RATE, make_tones, tone_ear


def listen(session, audio, block):
    """Pushes audio in blocks; returns the events, and how long after its step each came, in seconds."""
    events, delays = [], []
    for first in range(0, len(audio), block):
        new = session.push(audio[first : first + block])
        events += new
        delays += [session.seconds - event.time for event in new]
    return events + session.finish(), delays


@pytest.mark.parametrize(("rate", "block"), [(RATE, 320), (RATE, 1234), (44_100, 882)])
def test_blocks_give_what_the_recording_gives(rate, block):
    ear = tone_ear("forward")
    audio = make_tones("a_b__ab", 0.2, rate)
    session = EarSession(ear, rate)
    events, delays = listen(session, audio, block)
    log_probs = ear.log_probs(audio, rate)
    symbols, steps = decode_greedy(log_probs.ctc)
    assert [event.symbol for event in events] == [ear.config.symbols[i] for i in symbols]
    np.testing.assert_allclose(
        [event.time for event in events], ear.config.step_centers(len(log_probs.ctc))[steps]
    )
    if rate == RATE:
        assert max(delays) < ear.config.latency + block / rate
    segments, expected = session.segments(), ear.hear(audio, rate, beam=None)
    assert segments.symbols == expected.symbols
    np.testing.assert_allclose(segments.onset, expected.onset)
    np.testing.assert_allclose(segments.end, expected.end)
    assert session.seconds_decided >= session.seconds == pytest.approx(1.4)


def test_a_session_remembers_its_last_seconds():
    session = EarSession(tone_ear("forward"), RATE, memory=1.0)
    audio = np.tile(make_tones("ab", 0.5), 4)
    events, _ = listen(session, audio, 320)
    assert "".join(event.symbol for event in events) == "ab" * 4
    onset, log_probs = session.recent()
    assert len(log_probs.ctc) == len(log_probs.frames) == 50
    assert onset == pytest.approx(session.seconds_decided - 1, abs=0.01)
    segments = session.segments(0.4)
    assert segments.end[-1] == 4.0
    assert segments.onset[0] >= 3.59
    assert len(session._past) <= 52


def test_a_session_of_a_given_level_is_the_recording_at_the_level():
    """Given the level of the whole sound it hears what `hear` does; else it comes to the level after some seconds."""
    ear = tone_ear("forward")
    loud = make_tones("ab", 0.5)
    ear.card[LEVEL_KEY] = active_level_db(loud, RATE)
    soft = np.float32(0.01) * loud  # 40 dB, of which 30 are made good
    exact, running = EarSession(ear, RATE, level=ear.card[LEVEL_KEY] - 40), EarSession(ear, RATE)
    listen(exact, soft, 320)
    expected = ear.log_probs(np.float32(10**1.5) * soft, RATE)
    np.testing.assert_allclose(exact.recent()[1].ctc, expected.ctc, atol=1e-4)
    events, _ = listen(running, 10 * np.tile(soft, 12), 320)  # 20 dB
    late = "".join(event.symbol for event in events if event.time > 11)
    assert late == "ab"


def test_a_session_that_cannot_be_is_refused():
    with pytest.raises(BabbleError, match="direction forward"):
        EarSession(tone_ear("both"), RATE)
    ear = tone_ear("forward")
    with pytest.raises(BabbleError, match="at least 1"):
        EarSession(ear, RATE, memory=0.5)
    with pytest.raises(BabbleError, match="a finite one"):
        EarSession(ear, RATE, level=float("nan"))
    session = EarSession(ear, RATE)
    assert session.finish() == [] or session.seconds == 0
    assert session.finish() == []
    with pytest.raises(BabbleError, match="has ended"):
        session.push(np.zeros(320))
