"""A live agent made from names: its players, and the folder of each session."""

import dataclasses
import gc
import json

import numpy as np
import pytest

from babble_jax.agent.live_agent import AgentConfig, LiveAgent, SessionFactory, freeze_heap
from babble_jax.agent.server.protocol import Hello
from babble_jax.agent.voices import session_voice
from babble_jax.agent.voices.session_voice import SessionVoice
from babble_jax.errors import BabbleError
from babble_jax.timing.floor.knobs import Knobs

CLICKS = AgentConfig(voice="clicks")
RTTM = "SPEAKER talk 1 {} {} <NA> <NA> {} <NA> <NA>\n"


@pytest.fixture(scope="module")
def agent():
    return LiveAgent(dataclasses.replace(CLICKS, knobs=Knobs(patience=2.0, perturb=(0.0, 0.2)), seed=5))


def test_a_folder_that_cannot_be_written_is_refused_before_anybody_talks(agent, tmp_path):
    file = tmp_path / "file"
    file.touch()
    for out in (file, file / "below"):
        with pytest.raises(BabbleError, match="is no folder; choose another place"):
            SessionFactory(agent, out)
    SessionFactory(agent, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_sessions_have_folders_and_seeds_of_their_own(agent, tmp_path):
    factory = SessionFactory(agent, tmp_path / "out")
    parts = [factory(Hello(16_000, output_delay=0.1)) for _ in range(2)]
    for one in parts:
        one.engine.step(np.zeros(640, np.float32))
        one.recorder.write(np.zeros(640, np.float32), np.zeros(640, np.float32), one.engine.drain())
        one.recorder.close()
    assert parts[0].folder != parts[1].folder
    description = json.loads((parts[1].folder / "session.json").read_text())
    assert description["config"]["seed"] == 6
    assert description["config"]["knobs"]["perturb"] == [0.0, 0.2]
    assert description["config"]["output_delay"] == 0.1
    about = agent.describe()
    assert about["knobs"]["patience"] == 2.0
    assert about["adjustable"]
    assert sum(about["people"]["density"]) * 0.05 == pytest.approx(1, abs=0.02)
    json.dumps(about)


def test_the_level_of_a_voice_is_measured_once_for_all_sessions(monkeypatch):
    babblers = []

    def level_voice(babbler, level_voice=session_voice.level_voice):
        babblers.append(babbler)
        return level_voice(babbler)

    monkeypatch.setattr(session_voice, "level_voice", level_voice)
    agent = LiveAgent(AgentConfig(voice="babblers", speaker="man"))
    engines = [agent.make_engine(0.1, seed) for seed in (1, 2)]
    assert len(babblers) == 1
    own = SessionVoice("babblers", speaker="man", seed=2)
    voice = engines[1].voice
    assert isinstance(voice, SessionVoice)
    assert voice.gain == own.gain
    np.testing.assert_array_equal(voice.step(True, 0, 640), own.step(True, 0, 640))


def test_what_was_loaded_is_out_of_garbage_collection():
    before = gc.get_freeze_count()
    freeze_heap()
    assert gc.get_freeze_count() > before
    gc.unfreeze()


def test_a_recorded_speaker_is_replayed(tmp_path):
    path = tmp_path / "talk.rttm"
    path.write_text(
        RTTM.format(1.0, 1.0, "anna") + RTTM.format(2.5, 1.5, "bert") + RTTM.format(4.5, 2.0, "anna")
    )
    config = dataclasses.replace(CLICKS, control="replay", replay=path, replay_speaker="bert")
    agent = LiveAgent(config)
    assert not agent.describe()["adjustable"]
    sound = agent.make_engine(0.1, 0).step(np.zeros(16_000 * 6, np.float32))
    loud = np.flatnonzero(sound)
    start = 1.0  # observation begins with the first speech
    assert loud[0] / 16_000 == pytest.approx(2.5 - start, abs=0.011)
    assert loud[-1] / 16_000 == pytest.approx(4.0 - start, abs=0.011)
    with pytest.raises(BabbleError, match="anna, bert"):
        LiveAgent(dataclasses.replace(config, replay_speaker="carl"))
    with pytest.raises(BabbleError, match="belong together"):
        LiveAgent(dataclasses.replace(CLICKS, control="replay"))
