"""A session of the engine itself: what is recorded is what was decided and played, and it is rescored exactly."""

import numpy as np
import soundfile

from babble_jax.agent.engine import Engine
from babble_jax.agent.hearing.perception import UserFrame
from babble_jax.agent.session import rescore as module
from babble_jax.agent.session.read import read_session
from babble_jax.agent.session.record import SessionRecorder
from babble_jax.agent.session.rescore import recorded_settings, rescore
from babble_jax.agent.voices.agent_voice import ClickVoice
from babble_jax.timing.floor.player import FloorPlayer
from babble_jax.timing.preset import load_timing

RATE, SEED, DELAY, LAG = 16_000, 2, 0.16, 0.04


class LoudPerception:
    """Takes all that is loud for speech, two hops late."""

    lag = LAG

    def __init__(self):
        self.state = (0.0, 0.0)

    def step(self, user: np.ndarray, agent: np.ndarray) -> UserFrame:
        speech, self.state = self.state[0], (self.state[1], float(np.abs(user).max() > 0.05) * 0.97 + 0.01)
        return UserFrame(speech, -20.0, -60.0, 0.0, False)


def talk(folder, seconds: float) -> np.ndarray:
    """Records an engine beside a user of bursts of noise, in blocks of uneven length; returns the user [T]."""
    random, user = np.random.default_rng(0), []
    while sum(map(len, user)) < seconds * RATE:
        user += [
            0.3 * random.normal(size=random.integers(8000, 30000)),
            np.zeros(random.integers(3000, 25000)),
        ]
    sound = np.concatenate(user).astype(np.float32)[: round(seconds * RATE)]
    timing = load_timing("switchboard")
    engine = Engine(FloorPlayer(timing, delay=DELAY, seed=SEED), ClickVoice(RATE), LoudPerception())
    config = {"timing": "switchboard", "seed": SEED, "delay": DELAY, "knobs": {}}
    recorder = SessionRecorder(folder, sample_rate=RATE, config=config, lag=LAG)
    for block in np.split(sound, range(441, len(sound), 441)):
        recorder.write(block, engine.step(block), engine.drain())
    recorder.close()
    assert recorder.problem is None
    return sound


def test_what_is_recorded_is_what_was_decided_and_played(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MIN_EFFECTIVE", 1.0)
    monkeypatch.setattr(module, "MOST_SHARE", 1.0)
    monkeypatch.setattr(module, "DRAWS", 5)
    user = talk(tmp_path / "session", 60.0)
    session = read_session(tmp_path / "session")
    assert session.notes == ()
    stored, _ = soundfile.read(tmp_path / "session" / "session.wav", dtype="float32")
    np.testing.assert_allclose(stored[:, 0], np.clip(user, -1, 1), atol=1e-4)
    conversation = session.conversation
    speaking = [np.zeros(len(stored), bool), np.zeros(len(stored), bool)]
    for who, onset, end in zip(conversation.speaker, conversation.onset, conversation.end, strict=True):
        speaking[who][round(onset * RATE) : round(end * RATE)] = True
    np.testing.assert_array_equal(stored[:, 1] != 0, speaking[1])  # to the sample
    # The user's edges are those of the hops in which the noise began and ended.
    loud = np.abs(user) > 0
    onsets = np.flatnonzero(np.diff(loud.astype(int)) > 0) / RATE
    measured = conversation.onset[conversation.speaker == 0]
    distance = np.abs(measured[:, None] - onsets).min(axis=1)
    assert np.max(distance[measured > 1]) <= 0.02
    name, knobs = recorded_settings(session)
    assert set(rescore(session, load_timing(name), knobs).weights.tolist()) == {1.0}
