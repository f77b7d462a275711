"""A session on disk is complete at every moment, whatever happens to the process or the disk."""

import itertools
import json
import os
import signal
import time
import traceback
import warnings
from pathlib import Path

import numpy as np
import parselmouth
import pympi.Elan
import pytest
import soundfile

from babble_jax.agent.session import record
from babble_jax.agent.session.record import SessionRecorder
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.reading import read
from babble_jax.errors import BabbleError
from tests.agent.session.stand_in import HOP, RATE, StandIn

LAG = 0.04
SUFFIXES = ("TextGrid", "eaf", "rttm", "csv")


def feed(recorder: SessionRecorder, seconds: float, seed: int = 0) -> tuple[np.ndarray, list]:
    """Records a stand-in's conversation at once; returns its sound [T, 2] and hops."""
    stand_in, sounds, hops = StandIn(seed), [], []
    for _ in range(round(seconds * RATE / HOP)):
        user, agent, hop = stand_in.next()
        recorder.write(user, agent, [hop])
        sounds.append(np.stack([user, agent], axis=1))
        hops.append(hop)
    return np.concatenate(sounds), hops


def begin(folder: Path, **options) -> SessionRecorder:
    return SessionRecorder(folder, sample_rate=RATE, config={"timing": "switchboard"}, lag=LAG, **options)


def segments(path: Path) -> list[tuple[str, float, float]]:
    """Speaker, onset and end of each segment of a file of annotation, in order."""
    (conversation,) = read([path]).conversations
    return sorted_segments(conversation)


def sorted_segments(conversation: Conversation) -> list[tuple[str, float, float]]:
    names = [conversation.speakers[i] for i in conversation.speaker]
    return sorted(zip(names, conversation.onset.tolist(), conversation.end.tolist(), strict=True))


def check_opens(folder: Path) -> float:
    """Opens all that is in a folder, with Praat and pympi too; returns the seconds of sound."""
    path = folder / "session.wav"
    seconds = 0.0
    if path.exists() and path.stat().st_size > 44:
        sound = parselmouth.Sound(str(path))
        audio, rate = soundfile.read(path)
        assert sound.n_channels == 2
        assert (rate, len(audio)) == (RATE, sound.n_samples)
        seconds = len(audio) / rate
        if (folder / "session.TextGrid").exists():
            grid = parselmouth.read(str(folder / "session.TextGrid"))
            assert parselmouth.praat.call(grid, "Get number of tiers") == 2
            assert grid.xmax <= seconds + 1e-9
        if (folder / "session.eaf").exists():
            assert {"user", "agent"} <= set(pympi.Elan.Eaf(str(folder / "session.eaf")).get_tier_names())
    assert json.loads((folder / "session.json").read_text())["kind"] == "babble_jax session"
    for line in (folder / "events.jsonl").read_text().split("\n")[:-1]:
        json.loads(line)
    return seconds


def test_a_session_holds_all_that_was_given(tmp_path):
    recorder = begin(tmp_path / "session")
    recorder.log({"event": "hello", "output_delay": 0.08, "strange": float("nan"), "object": object()})
    audio, hops = feed(recorder, 20)
    recorder.close()
    recorder.close()
    recorder.write(audio[:HOP, 0], audio[:HOP, 1], [])  # after the end: nothing
    assert recorder.problem is None
    folder = tmp_path / "session"
    stored, rate = soundfile.read(folder / "session.wav", dtype="int16")
    np.testing.assert_array_equal(stored, np.rint(audio * 32768))
    assert rate == RATE
    values = json.loads((folder / "session.json").read_text())
    assert (values["complete"], values["samples"], values["config"]) == (
        True,
        len(audio),
        {"timing": "switchboard"},
    )
    assert values["passport"]["output_delay"] == 0.08
    assert values["passport"]["strange"] is None
    table = np.genfromtxt(folder / "decisions.csv", delimiter=",", names=True)
    frames = [frame for hop in hops for frame in hop.frames]
    assert table["uniform"].tolist() == [frame.uniform for frame in frames]
    assert table["log_hazard_backchannel"].tolist() == [frame.log_hazard[1] for frame in frames]
    assert table["on"].tolist() == [frame.on for frame in frames]
    events = [event for hop in hops for event in hop.events]
    written = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    assert [one["event"] for one in written] == ["hello", *(one["event"] for one in events)]
    assert set(SUFFIXES) == {path.suffix[1:] for path in folder.glob("session.*")} - {"wav", "json"}
    assert not list(folder.glob(".*unfinished*"))


def test_ipus_are_exact_to_the_sample_for_the_agent_and_lag_free_for_the_user(tmp_path):
    recorder = begin(tmp_path / "session")
    _, hops = feed(recorder, 30)
    recorder.close()
    events = [event for hop in hops for event in hop.events]
    onsets = [event["sample"] for event in events if event["event"] == "turn"]
    ends = [event["sample"] for event in events if event["event"] == "end"] + [round(30 * RATE)]
    rows = segments(tmp_path / "session" / "session.csv")
    agent = [(round(onset * RATE), round(end * RATE)) for who, onset, end in rows if who == "agent"]
    assert agent == list(zip(onsets, ends, strict=False))[: len(agent)]
    assert len(agent) == len(onsets)
    user = [(onset, end) for who, onset, end in rows if who == "user"]
    began = [event["sample"] / RATE - HOP / RATE - LAG for event in events if event["event"] == "user began"]
    assert all(min(abs(onset - one) for one in began) < 1e-6 for onset, _ in user)
    assert all(after[0] - before[1] >= 0.2 - 1e-6 for before, after in itertools.pairwise(user))
    assert all(end - onset >= 0.05 - 1e-6 for onset, end in user)


def test_the_annotation_of_a_running_session_is_that_of_one_that_is_over(tmp_path, monkeypatch):
    monkeypatch.setattr(record, "write_all", lambda *arguments: None)
    recorder = begin(tmp_path / "session")
    feed(recorder, 30)
    time.sleep(0.4)
    recorder._annotation.write(30 * RATE)
    live = {suffix: segments(tmp_path / "session" / f"session.{suffix}") for suffix in SUFFIXES}
    monkeypatch.undo()
    recorder.close()
    for suffix in SUFFIXES:
        final = segments(tmp_path / "session" / f"session.{suffix}")
        assert [name for name, *_ in live[suffix]] == [name for name, *_ in final]
        np.testing.assert_allclose(
            [row[1:] for row in live[suffix]],
            [row[1:] for row in final],
            atol=2e-3 if suffix == "eaf" else 2e-6,
        )


def test_a_folder_with_other_things_is_refused(tmp_path):
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(BabbleError, match="not empty"):
        begin(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == ["note.txt"]


def test_a_defect_ends_the_recording_and_not_the_session(tmp_path):
    notices = []
    recorder = begin(tmp_path / "session", tell=notices.append)
    feed(recorder, 1)
    time.sleep(0.4)
    recorder.write(np.zeros(HOP), np.zeros(HOP), ["no hop"])
    time.sleep(0.4)
    recorder.write(np.zeros(HOP), np.zeros(HOP), [])
    recorder.close()
    assert "failed" in recorder.problem
    assert recorder.problem in notices
    assert check_opens(tmp_path / "session") == 1
    assert not json.loads((tmp_path / "session" / "session.json").read_text())["complete"]


def kill_while_recording(folder: Path, seconds: float, head: float = 0.0) -> float:
    """Records in a copy of this process, in real time, and kills it.

    Args:
      folder: of the session.
      seconds: after which the process is killed.
      head: seconds of conversation that are given at once in the beginning.

    Returns:
      Seconds of sound that the recorder had been given.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        process = os.fork()
    if process == 0:
        try:
            recorder = begin(folder)
            if head:
                feed(recorder, head)
            stand_in, start = StandIn(1), time.monotonic()
            os.write(writer, b"0")
            for number in range(10_000):
                user, agent, hop = stand_in.next()
                recorder.write(user, agent, [hop])
                os.write(writer, b"x")
                time.sleep(max(0.0, start + 0.02 * number - time.monotonic()))
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        pipe.read(1)
        time.sleep(seconds)
        os.kill(process, signal.SIGKILL)
        status = os.waitpid(process, 0)[1]
        count = len(pipe.read())
    assert os.WTERMSIG(status) == signal.SIGKILL
    return head + count * HOP / RATE


def test_a_killed_session_opens_in_praat_and_lost_a_second_at_most(tmp_path):
    for number, seconds in enumerate(np.random.default_rng().uniform(0.0, 1.6, 4)):
        position = kill_while_recording(tmp_path / str(number), seconds)
        assert check_opens(tmp_path / str(number)) >= position - 1.0, seconds


@pytest.mark.slow
@pytest.mark.parametrize("head", [0.0, 600.0])
def test_a_session_killed_at_any_moment_opens_in_praat(tmp_path, head):
    """A hundred moments each of a young session and of one whose annotation takes longer."""
    worst = 0.0
    for number, seconds in enumerate(np.random.default_rng().uniform(0.0, 3.0, 100)):
        folder = tmp_path / str(number)
        position = kill_while_recording(folder, seconds, head)
        worst = max(worst, position - check_opens(folder) if seconds > 1 else 0.0)
    print(f"at most {worst:.2f} s lost")
    assert worst <= 1.0


def resident() -> float:
    """Memory of this process, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.slow
def test_an_hour_takes_flat_memory_and_little_time(tmp_path):
    """An hour of a lively conversation, a hundred times as fast as time."""
    recorder, stand_in = begin(tmp_path / "session"), StandIn(2)
    memory, longest, start, spent = [], 0.0, time.process_time(), 0.0
    for second in range(3600):
        for _ in range(RATE // HOP):
            began = time.process_time()
            user, agent, hop = stand_in.next()
            spent += time.process_time() - began
            began = time.thread_time()
            recorder.write(user, agent, [hop])
            longest = max(longest, time.thread_time() - began)
        time.sleep(0.01)
        if second % 600 == 599:
            memory.append(resident())
    per_hop = (time.process_time() - start - spent) / (3600 * RATE / HOP)
    began = time.process_time()
    recorder.close()
    count = len(segments(tmp_path / "session" / "session.rttm"))
    print(
        f"{1e6 * per_hop:.0f} us a hop, longest write {1e3 * longest:.2f} ms, {count} IPUs, MB: {np.round(memory)}"
    )
    print(f"closed in {time.process_time() - began:.1f} s of computing")
    assert recorder.problem is None
    assert memory[-1] - memory[0] < 30
    assert per_hop < 1e-3
    assert check_opens(tmp_path / "session") == 3600
