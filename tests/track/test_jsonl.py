"""Metrics as JSON lines: to the bit, cut where a run goes on, whole after a kill."""

import hashlib

import numpy as np
import pytest
import soundfile

from babble_jax.errors import BabbleError
from babble_jax.track import jsonl
from babble_jax.track.jsonl import JsonLines


def test_numbers_come_back_to_the_bit(tmp_path):
    log = JsonLines(tmp_path)
    values = {"a": 0.1 + 0.2, "b": 1e-300, "c": float(np.float32(1) / 3)}
    log.log_metrics(3, values)
    assert jsonl.read_metrics(log.path) == [{"step": 3} | values]  # a line is on disk as soon as it is logged
    log.close()


def test_a_run_that_goes_on_cuts_what_lies_beyond_and_appends(tmp_path):
    log = JsonLines(tmp_path)
    for step in (1, 2, 3, 4):
        log.log_metrics(step, {"x": step / 7})
    log.close()
    with log.path.open("a") as file:
        file.write('{"step": 5, "x"')  # half a line, as a kill leaves it
    again = JsonLines(tmp_path)
    again.resume(2)
    again.log_metrics(3, {"x": -1.0})
    again.close()
    assert [(line["step"], line["x"]) for line in jsonl.read_metrics(log.path)] == [
        (1, 1 / 7),
        (2, 2 / 7),
        (3, -1.0),
    ]


def test_a_line_that_is_none_is_told_with_its_number(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1}\nnonsense\n{"step": 3}\n')
    with pytest.raises(BabbleError) as error:
        JsonLines(tmp_path).resume(1)
    assert "line 2" in str(error.value)
    assert path.read_text().startswith('{"step": 1}\nnonsense')  # nothing is lost


def test_sound_and_pictures_lie_beside_by_step(tmp_path):
    log, picture = JsonLines(tmp_path / "run"), tmp_path / "picture.png"
    picture.write_bytes(b"a picture")
    tone = np.sin(np.arange(800) / 5).astype(np.float32) / 2
    log.log_audio(7, "babble", tone, 8000)
    log.log_picture(7, "babble", picture)
    log.close()
    audio, rate = soundfile.read(tmp_path / "run" / "media" / "00000007-babble.wav")
    assert rate == 8000
    np.testing.assert_allclose(audio, tone, atol=1 / 32768)
    assert (tmp_path / "run" / "media" / "00000007-babble.png").read_bytes() == b"a picture"


def test_tables_histograms_summaries_and_artifacts_come_back(tmp_path):
    log = JsonLines(tmp_path / "run")
    voice = tmp_path / "run" / "voice"
    voice.mkdir()
    (voice / "voice.json").write_bytes(b"a voice")
    log.log_table(2, "leaderboard", ["family", "nats"], [["normal", -0.1 - 0.2], ["kde", None]])
    log.log_histogram(2, "quantized/babble", np.linspace(0, 1, 3), np.array([5, 7]))
    log.log_machine(2, {"machine/updates_per_second": 1 / 3})
    for value in (1.0, 0.5):
        log.log_summary({"best/bits": value, "parameters": 8})
    log.log_artifact("voice", "voice", voice, {"steps": 2})
    log.close()
    folder = tmp_path / "run"
    (table,) = jsonl.read_lines(folder / jsonl.TABLES)
    assert (table["columns"], table["rows"]) == (["family", "nats"], [["normal", -0.1 - 0.2], ["kde", None]])
    (histogram,) = jsonl.read_lines(folder / jsonl.HISTOGRAMS)
    assert (histogram["edges"], histogram["counts"]) == ([0, 0.5, 1], [5, 7])
    assert jsonl.read_metrics(folder / jsonl.MACHINE) == [{"step": 2, "machine/updates_per_second": 1 / 3}]
    assert jsonl.read_summary(folder / jsonl.SUMMARY) == {"best/bits": 0.5, "parameters": 8}
    (artifact,) = jsonl.read_lines(folder / jsonl.ARTIFACTS)
    assert (artifact["path"], artifact["metadata"]) == ("voice", {"steps": 2})
    assert artifact["sha256"] == {"voice.json": hashlib.sha256(b"a voice").hexdigest()}


def test_a_run_that_goes_on_cuts_the_tables_of_an_evaluation_that_was_not_ended(tmp_path):
    for complete, steps in ((True, [2, 4]), (False, [2])):
        log = JsonLines(tmp_path / str(complete))
        log.log_metrics(4, {"train/x": 1.0})
        for step in (2, 4, 6):
            log.log_table(step, "a", [], [])
            log.log_histogram(step, "b", np.arange(2), np.ones(1))
            log.log_machine(step, {"machine/x": 1.0})
        log.close()
        JsonLines(tmp_path / str(complete)).resume(4, complete)
        for name in (jsonl.TABLES, jsonl.HISTOGRAMS):
            assert [one["step"] for one in jsonl.read_lines(tmp_path / str(complete) / name)] == steps
        machine = jsonl.read_lines(tmp_path / str(complete) / jsonl.MACHINE)
        assert [one["step"] for one in machine] == [2, 4]
