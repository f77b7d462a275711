"""Logs of verbs other than train: a fit, a dialogue, a session; the sound of a participant stays where it was asked."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from babble_jax.cli.track_fit import log_fit
from babble_jax.cli.tracking import TrackOptions
from babble_jax.errors import BabbleError
from babble_jax.launch.board.board_runs import find_board_runs
from babble_jax.launch.board.content import collect_content
from babble_jax.track import jsonl
from tests.agent.session.simulated_session import record, simulate

SEED = 3


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sessions") / "session"
    record(folder, simulate(60.0, SEED), SEED)
    return folder


def test_a_log_has_a_folder_of_its_own(tmp_path):
    options = TrackOptions(folder=tmp_path / "log")
    assert options.is_on
    assert not TrackOptions().is_on
    options.check("fit")
    with options.open("fit", {"seed": 1}) as tracker:
        tracker.log_metrics(1, {"nats/normal": -1.0})
    with pytest.raises(BabbleError, match="holds the log of another run"):
        options.check("fit")
    (run,) = find_board_runs([tmp_path])
    assert (run.name, run.label, run.values) == ("fit", "log", {"seed": 1})


@pytest.mark.slow
def test_a_fit_logs_leaderboard_densities_and_transforms(tmp_path):
    from babble_jax.timing.evaluation.offsets.ranking import fit
    from babble_jax.timing.preset import load_timing

    report = fit(
        load_timing("switchboard").draw_dialogues(0, 12, 120.0),
        families=("normal", "logistic"),
        heldout=False,
    )
    with TrackOptions(folder=tmp_path).open("fit", {}) as tracker:
        log_fit(tracker, report)
    tables = {one["name"]: one for one in jsonl.read_lines(tmp_path / jsonl.TABLES)}
    assert [row[0] for row in tables["leaderboard"]["rows"]] == [one.name for one in report.families]
    density = np.array(tables["densities"]["rows"], float)
    assert tables["densities"]["columns"][:2] == ["offset s", "observed 1/s"]
    np.testing.assert_allclose(density[:, 1:].sum(axis=0) * 0.05, 1, atol=0.1)
    transforms = np.array(tables["PIT"]["rows"], float)
    np.testing.assert_allclose(transforms[:, 1:3].mean(axis=0), 1)
    names = [one["name"] for one in jsonl.read_lines(tmp_path / jsonl.HISTOGRAMS)]
    assert sorted(names) == ["PIT/logistic", "PIT/normal", "offsets/observed"]
    assert jsonl.read_summary(tmp_path / jsonl.SUMMARY)["best"] == report.families[0].name
    assert (tmp_path / "media" / "00000001-offsets.png").exists()


@pytest.mark.slow
@pytest.mark.parametrize("participant", [False, True])
def test_a_session_logs_the_participant_where_that_is_asked_for(session, tmp_path, participant):
    from babble_jax.cli.track_session import log_sessions

    log_sessions(TrackOptions(folder=tmp_path), [session], participant)
    folder = tmp_path / session.name
    tables = {one["name"]: one for one in jsonl.read_lines(folder / jsonl.TABLES)}
    assert {row[0] for row in tables["timeline"]["rows"]} == {"user", "agent"}
    assert tables["measures"]["rows"]
    sounds = {path.stem for path in (folder / "media").glob("*.wav")}
    assert sounds == {"00000001-agent", *(["00000001-user"] if participant else [])}
    assert (folder / "media" / "00000001-session.png").exists()
    (run,) = collect_content(find_board_runs([tmp_path]))["runs"]
    assert run["values"]["experiment"] == "live"
    assert [sound["name"] for sound in run["sounds"]] == (["agent", "user"] if participant else ["agent"])


@pytest.mark.slow
def test_a_dialogue_logs_timeline_table_and_sound(tmp_path):
    from babble_jax.cli.track_dialogue import log_dialogue
    from babble_jax.dialogue.duet import converse

    report = converse(tmp_path / "dialogue", seconds=10.0, typical=1)
    with TrackOptions(folder=tmp_path / "log").open("converse", {}) as tracker:
        log_dialogue(tracker, report)
    tables = {one["name"]: one for one in jsonl.read_lines(tmp_path / "log" / jsonl.TABLES)}
    onsets = [row[1] for row in tables["timeline"]["rows"]]
    assert onsets == sorted(onsets)
    assert len(onsets) == len(report.dialogue.onset)
    assert tables["events"]["columns"][:2] == ["measure", "this dialogue"]
    assert {path.name for path in (tmp_path / "log" / "media").iterdir()} == {
        *("00000001-dialogue.wav", "00000001-timeline.png", "00000001-ftos.png")
    }


def test_nobody_is_logged_unasked():
    from babble_jax.cli.live import Live
    from babble_jax.cli.session import SessionReport

    for verb in (Live, SessionReport):
        defaults = {field.name: field.default for field in dataclasses.fields(verb)}
        assert defaults["log_participant_audio"] is False
        assert not SimpleNamespace(**defaults).log.is_on
