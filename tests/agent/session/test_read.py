"""A session is read back as it was recorded; of one that was cut short, what is there."""

import json

import numpy as np
import pytest

from babble_jax.agent.session import record
from babble_jax.agent.session.read import read_session
from babble_jax.agent.session.record import SessionRecorder
from babble_jax.errors import BabbleError
from tests.agent.session.simulated_session import LAG, RATE, simulate
from tests.agent.session.stand_in import StandIn
from tests.agent.session.test_record import sorted_segments


def cut_short(folder) -> None:
    """Leaves a folder as a killed recorder does, in the midst of a write."""
    path = folder / "session.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"complete": False, "samples": 0}))
    for name in ("decisions.csv", "events.jsonl"):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) - 20])


def test_a_session_is_read_as_it_was_recorded(recorded):
    session = read_session(recorded)
    dialogue = simulate(60.0, 3)
    assert session.complete
    assert session.notes == ()
    assert session.seconds == 60
    assert session.decisions["on"].tolist() == [frame.on for frame in dialogue.frames]
    assert session.decisions["other_on"].tolist() == [frame.other_on for frame in dialogue.frames]
    agent = session.conversation.speaker == 1
    toggles = np.flatnonzero(np.diff([False, *(frame.on for frame in dialogue.frames)]))
    edges = np.stack([session.conversation.onset[agent], session.conversation.end[agent]], axis=1).ravel()
    np.testing.assert_allclose(edges[: len(toggles)], toggles / 100, atol=1e-6)
    onset = np.flatnonzero(np.diff([0, *dialogue.user.astype(int)]) > 0) / 100
    distance = np.abs(session.conversation.onset[~agent][:, None] - onset).min(axis=1)
    assert distance.max() <= 0.02 + 1e-9


def test_of_a_session_that_was_cut_short_the_log_tells_the_rest(recorded, own):
    complete = sorted_segments(read_session(recorded).conversation)
    cut_short(own)
    session = read_session(own)
    assert not session.complete
    assert len(session.notes) == 1
    assert "cut short" in session.notes[0]
    assert len(session.decisions["on"]) == 6000 - 1
    rest = sorted_segments(session.conversation)
    assert len(rest) >= len(complete) - 1  # the last entry of the log is cut off
    onsets = np.array([onset for _, onset, _ in complete])
    assert all(np.abs(onsets - onset).min() < 1e-6 for _, onset, _ in rest)


def test_annotation_that_was_corrected_takes_the_place_of_the_own(own):
    rows = (own / "session.csv").read_text().splitlines()
    (own / "mine.csv").write_text("\n".join(rows[:-1]) + "\n")
    few, all_ = read_session(own, own / "mine.csv"), read_session(own)
    assert len(few.conversation.onset) == len(all_.conversation.onset) - 1
    (own / "mine.csv").write_text("\n".join(rows).replace(",user,", ",anybody,") + "\n")
    with pytest.raises(BabbleError, match="user and agent"):
        read_session(own, own / "mine.csv")


@pytest.mark.parametrize("seconds", [0.0, 0.5])
def test_a_session_in_which_nobody_speaks_is_read(tmp_path, seconds):
    recorder = SessionRecorder(tmp_path / "session", sample_rate=RATE, config={}, lag=LAG)
    sound = np.zeros(round(seconds * RATE))
    recorder.write(sound, sound, [])
    recorder.close()
    session = read_session(tmp_path / "session")
    assert session.complete
    assert session.seconds == seconds
    assert len(session.conversation.onset) == 0


def test_a_session_of_one_voice_is_read(tmp_path):
    recorder = SessionRecorder(tmp_path / "session", sample_rate=8000, config={})
    stand_in = StandIn()
    for _ in range(400):
        user, _, hop = stand_in.next()
        recorder.write(user, 0 * user, [hop._replace(events=[e for e in hop.events if "frame" not in e])])
    recorder.close()
    session = read_session(tmp_path / "session")
    assert set(session.conversation.speaker) == {0}


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("session.json", lambda text: text.replace("babble_jax session", "other"), "describes no session"),
        ("session.json", lambda text: text.replace('"version": 1', '"version": 2'), "another version"),
        ("session.json", lambda text: text.replace('"lag": 0.06', '"lag": -1'), "its lag"),
        ("decisions.csv", lambda text: text.replace("other_on", "other"), "lacks the column other_on"),
        ("decisions.csv", lambda text: text.replace("\n5,", "\n9,", 1), "its frame is out of order"),
        ("decisions.csv", lambda text: text.replace("\n5,", "\nx,", 1), "line 7: 'x' is no number"),
        ("decisions.csv", lambda text: text.replace("\n5,", "\n5,7,", 1), "line 7: has"),
        ("events.jsonl", lambda text: "{}\n" + text, "line 1: is no entry"),
        ("session.csv", lambda text: text + "session,agent,70,71\n", "within the 60.000 s"),
        ("session.csv", lambda text: text + "session,agent,x,71\n", "line"),
    ],
)
def test_what_is_damaged_is_one_sentence(own, name, change, sentence):
    (own / name).write_text(change((own / name).read_text()))
    with pytest.raises(BabbleError, match=sentence):
        read_session(own)


@pytest.mark.parametrize(
    "name", ["session.json", "session.wav", "session.csv", "decisions.csv", "events.jsonl"]
)
def test_what_is_missing_is_one_sentence(own, name):
    (own / name).unlink()
    with pytest.raises(BabbleError, match="no such file"):
        read_session(own)


def test_the_folder_of_all_sessions_names_the_last_one(own):
    with pytest.raises(BabbleError, match=rf"name one of them, the last is .*{own.name}"):
        read_session(own.parent)


def test_a_folder_of_another_kind_is_no_session(tmp_path):
    with pytest.raises(BabbleError, match="no folder"):
        read_session(tmp_path / "nowhere")
    assert record.KIND == "babble_jax session"
