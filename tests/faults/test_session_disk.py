"""A session on a disk that is full: one sentence, what is there opens, and the agent goes on."""

import time

import numpy as np
import soundfile

from babble_jax.agent.session import record
from babble_jax.agent.session.read import read_session
from babble_jax.agent.session.record import SessionRecorder
from babble_jax.errors import BabbleError
from tests.agent.session.stand_in import HOP, RATE, StandIn
from tests.agent.session.test_record import begin, check_opens

ROOM = 400  # kilobytes: some ten seconds


def feed_until(recorder: SessionRecorder, stand_in: StandIn, condition, most: float = 20.0) -> np.ndarray:
    """Records until a condition holds, 40 times as fast as time; returns the sound [T, 2]."""
    sounds, end = [], time.monotonic() + most
    while not condition() and time.monotonic() < end:
        for _ in range(10):
            user, agent, hop = stand_in.next()
            recorder.write(user, agent, [hop])
            sounds.append(np.stack([user, agent], axis=1))
        time.sleep(0.005)
    assert condition(), recorder.problem
    return np.concatenate([np.zeros((0, 2)), *sounds])


def pcm(sound: np.ndarray) -> np.ndarray:
    return np.rint(sound * 32768).astype(np.int16)


def check_sentence(sentence: str) -> None:
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert "no space left" in sentence.lower() or "no room left" in sentence


def test_what_waits_for_room_is_not_lost(disk):
    folder, notices, stand_in = disk(ROOM) / "session", [], StandIn()
    recorder = begin(folder, tell=notices.append)
    first = feed_until(recorder, stand_in, lambda: recorder.problem is not None)
    time.sleep(0.6)
    check_opens(folder)
    disk(2**16)
    second = feed_until(recorder, stand_in, lambda: recorder.problem is None)
    recorder.close()
    assert len(notices) == 1
    check_sentence(notices[0])
    stored, _ = soundfile.read(folder / "session.wav", dtype="int16")
    np.testing.assert_array_equal(stored, pcm(np.concatenate([first, second])))
    session = read_session(folder)
    assert session.complete
    assert session.notes == ()
    assert len(session.decisions["on"]) == 2 * len(stored) // HOP


def test_a_disk_that_stays_full_ends_the_recording_and_not_the_session(disk, monkeypatch):
    monkeypatch.setattr(record, "_PATIENCE", 1.0)
    folder, notices, stand_in = disk(ROOM) / "session", [], StandIn()
    recorder = begin(folder, tell=notices.append)
    sound = feed_until(recorder, stand_in, lambda: any("goes on" in one for one in notices))
    feed_until(recorder, stand_in, lambda: not recorder._thread.is_alive())
    longest = 0.0
    for _ in range(50):
        start = time.perf_counter()
        recorder.write(*stand_in.next()[:2], [])
        longest = max(longest, time.perf_counter() - start)
    assert longest < 0.1
    recorder.close()
    check_sentence(notices[0])
    assert len(notices) == 2
    assert "the session goes on without it" in notices[1]
    seconds = check_opens(folder)
    stored, _ = soundfile.read(folder / "session.wav", dtype="int16")
    np.testing.assert_array_equal(stored, pcm(sound)[: len(stored)])
    session = read_session(folder)
    assert not session.complete
    assert session.seconds == seconds == len(stored) / RATE > 1


def test_a_disk_without_any_room_is_refused_at_once(disk):
    folder = disk(4)
    (folder / "full").write_bytes(b"")
    try:
        recorder = begin(folder / "session")
    except BabbleError as error:
        check_sentence(str(error))
    else:
        recorder.close()
        check_opens(folder / "session")
