"""Own recordings as turns: the same in every condition, alone, joined, degraded, or beside babble."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from babble_jax.audio.level import active_level_db
from babble_jax.errors import BabbleError
from babble_jax.stimuli.recordings import RecordingFolder, natural_order, read_times
from babble_jax.stimuli.spec_reading import read_spec
from babble_jax.stimuli.stimulus_set import StimuliReport, make_stimuli
from tests.dialogue.fake_babbler import FakeBabbler
from tests.stimuli.turn_recordings import RATE, write_turns

VOICES = (FakeBabbler("low", sample_rate=8000), FakeBabbler("high", pitch=200.0, sample_rate=8000))
SPEC = """
turns = 2
gap = [0.0, 0.3]
recordings = "turns"
recording_times = "times.csv"
items = 2
"""


def make(folder: Path, text: str, names: tuple[str, ...] = ("t1.wav", "t2.wav", "t3.wav", "t10.wav")):
    (folder / "times.csv").write_text(write_turns(folder / "turns", names))
    (folder / "spec.toml").write_text(text)
    return make_stimuli(read_spec(folder / "spec.toml"), folder / "out", babblers=VOICES, overwrite=True)


def read_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def cut(report: StimuliReport, one: dict, label: str) -> np.ndarray:
    """The samples of a turn in the file of a stimulus, int16."""
    sound, _ = soundfile.read(report.folder / one["file"], dtype="int16")
    ipu = next(ipu for ipu in one["ipus"] if ipu["label"] == label)
    channel = next(c["channel"] - 1 for c in one["channels"] if c["speaker"] == ipu["speaker"])
    first, count = ipu["realised"]["first_sample"], ipu["realised"]["samples"]
    return sound[first : first + count, channel]


def test_names_are_sorted_by_the_numbers_in_them():
    assert sorted(["t10.wav", "t2.wav", "b1", "T1.wav"], key=natural_order) == [
        *("b1", "T1.wav", "t2.wav", "t10.wav")
    ]


def test_recordings_are_the_same_in_every_condition_to_the_sample(tmp_path):
    report = make(tmp_path, SPEC)
    assert [ipu["recordings"] for ipu in report.manifest["stimuli"][0]["ipus"]] == [["t1.wav"], ["t2.wav"]]
    assert [ipu["recordings"] for ipu in report.manifest["stimuli"][2]["ipus"]] == [["t3.wav"], ["t10.wav"]]
    for item in (0, 1):
        a, b = (one for one in report.manifest["stimuli"] if one["item"] == item)
        for label in ("A1", "B2"):
            assert np.array_equal(cut(report, a, label), cut(report, b, label))
        assert b["critical"]["fto_measured_ms"] - a["critical"]["fto_measured_ms"] == pytest.approx(
            300, abs=0.1
        )
    times = {row["file"]: row for row in read_rows(tmp_path / "times.csv")}
    for label, name in (("A1", "t1.wav"), ("B2", "t2.wav")):
        sound, _ = soundfile.read(tmp_path / "turns" / name)
        own = sound[round(float(times[name]["onset"]) * RATE) : round(float(times[name]["end"]) * RATE)]
        turn = cut(report, report.manifest["stimuli"][0], label) / 32768
        gain = np.median(turn[200:-200] / np.where(own[200:-200] == 0, 1, own[200:-200]))
        np.testing.assert_allclose(turn[100:-100], gain * own[100:-100], atol=3e-4)
        assert active_level_db(turn, RATE) == pytest.approx(-26, abs=0.1)
        assert abs(turn[0]) < 0.01 * np.max(np.abs(turn))  # one ramp at either edge
    table = read_rows(report.folder / "recordings.csv")
    assert [row["how"] for row in table] == ["stated"] * 4
    assert {channel["voice"] for channel in report.manifest["stimuli"][0]["channels"]} == {None}


def test_onset_and_end_are_detected_and_printed_as_a_csv_that_can_be_named(tmp_path):
    report = make(tmp_path, SPEC.replace('recording_times = "times.csv"\n', ""))
    truth = {row["file"]: row for row in read_rows(tmp_path / "times.csv")}
    for row in read_rows(report.folder / "recordings.csv"):
        assert row["how"] == "detected"
        for name in ("onset", "end"):
            assert float(row[name]) == pytest.approx(float(truth[row["file"]][name]), abs=0.05)
    (tmp_path / "times.csv").write_text((report.folder / "recordings.csv").read_text())
    (tmp_path / "spec.toml").write_text(SPEC)
    again = make_stimuli(tmp_path / "spec.toml", tmp_path / "again")
    for a, b in zip(report.manifest["stimuli"], again.manifest["stimuli"], strict=True):
        assert [i["waveform_sha256"] for i in a["ipus"]] == [i["waveform_sha256"] for i in b["ipus"]]


def test_a_click_before_the_speech_and_a_bump_after_it_are_left_out_and_named(tmp_path):
    write_turns(tmp_path / "turns", ("t1.wav",))
    sound, _ = soundfile.read(tmp_path / "turns" / "t1.wav")
    sound = np.concatenate([sound, np.zeros(RATE // 2)])
    rng = np.random.default_rng(5)
    sound[round(0.05 * RATE) :][:48] += 0.3 * rng.standard_normal(48)
    bump = round(0.06 * RATE)
    sound[-round(0.3 * RATE) :][:bump] += (
        0.2 * np.hanning(bump) * np.sin(2 * np.pi * 150 * np.arange(bump) / RATE)
    )
    soundfile.write(tmp_path / "turns" / "t1.wav", sound, RATE)
    (tmp_path / "spec.toml").write_text(
        'items = 1\ngap = [0.2]\nrecordings = "turns"\n'
        '[[script]]\nspeaker = "A"\n[[script]]\nspeaker = "B"\nrecording = false\n'
    )
    recording = RecordingFolder(read_spec(tmp_path / "spec.toml")).read("t1.wav", RATE)
    assert recording.onset == pytest.approx(0.2, abs=0.01)
    click, bump_warning = recording.warnings
    at = len(sound) / RATE - 0.3
    assert re.fullmatch(
        r"leaves out a click or knock of \d ms at 0\.05\d s, \d+ dB \w+ the speech, before the onset, "
        rf"{recording.onset:.3f} s; if it belongs to the turn, state the onset \(recording_times\)",
        click,
    )
    assert re.match(r"leaves out a sound \(a bump, breath, noise\?\) of \d\d ms at ", bump_warning)
    assert float(bump_warning.split(" at ")[1].split()[0]) == pytest.approx(at, abs=0.03)
    assert f"after the end, {recording.end:.3f} s; if it belongs to the turn, state the end" in bump_warning


def test_a_folder_for_each_speaker_and_babble_for_who_has_none(tmp_path):
    report = make(tmp_path, SPEC, ("B/1.wav", "B/2.wav"))
    for one in report.manifest["stimuli"]:
        voices = {channel["speaker"]: channel["voice"] for channel in one["channels"]}
        assert voices == {"A": "low", "B": None}
        assert one["sample_rate"] == RATE
        assert "recordings" not in one["ipus"][0]
        assert one["ipus"][1]["recordings"] == [f"B/{one['item'] + 1}.wav"]
    a, b = report.manifest["stimuli"][:2]
    assert np.array_equal(cut(report, a, "A1"), cut(report, b, "A1"))


def test_parts_are_joined_with_one_ramp(tmp_path):
    text = SPEC.replace("turns = 2\n", "").replace("items = 2", "items = 2\nramp = 0.01") + (
        '[[script]]\nspeaker = "A"\nrecording = ["t1.wav", "t3.wav"]\n[[script]]\nspeaker = "B"\nrecording = "t2.wav"\n'
    )
    report = make(tmp_path, text, ("t1.wav", "t2.wav", "t3.wav"))
    ramp = round(0.01 * RATE)
    times = {row["file"]: row for row in read_rows(tmp_path / "times.csv")}
    counts = [round((float(times[n]["end"]) - float(times[n]["onset"])) * RATE) for n in ("t1.wav", "t3.wav")]
    turns = [cut(report, one, "A1") for one in report.manifest["stimuli"]]
    assert len(turns[0]) == sum(counts) - ramp
    assert all(np.array_equal(turn, turns[0]) for turn in turns)


@pytest.mark.parametrize("kind", ["low-pass", "noise-vocoded", "reversed", "rotated"])
def test_degraded_turns_stand_where_the_clear_ones_do(tmp_path, kind):
    text = SPEC.replace("gap = [0.0, 0.3]", "gap = 0.3") + (
        f'[factors.speech]\nclear = {{}}\ncontrol = {{ degrade = "{kind}" }}\n'
    )
    report = make(tmp_path, text)
    clear, control = report.manifest["stimuli"][:2]
    assert [ipu["realised"] for ipu in clear["ipus"]] == [ipu["realised"] for ipu in control["ipus"]]
    assert max(clear["worst_error_ms"], control["worst_error_ms"]) < 0.13
    turns = [cut(report, one, "A1") / 32768 for one in (clear, control)]
    assert not np.array_equal(*turns)
    assert active_level_db(turns[1], RATE) == pytest.approx(active_level_db(turns[0], RATE), abs=0.1)
    if kind == "reversed":
        gain = np.dot(turns[1][::-1], turns[0]) / np.dot(turns[0], turns[0])
        assert gain == pytest.approx(1, abs=0.01)  # the frames of the level are others
        np.testing.assert_allclose(turns[1][::-1], gain * turns[0], atol=2e-4)


def test_a_speaker_s_folder_with_too_few_recordings_says_how_many_are_needed(tmp_path):
    with pytest.raises(
        BabbleError, match=r"B: holds 1 recordings, but the turns of B in 2 items need 2; add some"
    ):
        make(tmp_path, SPEC, ("B/1.wav",))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("items = 2", "items = 4"), r"holds 4 recordings, but 4 items of 2 recorded turns need 8"),
        (("", 't1.wav,0.2,99\n'), r"t1\.wav: lasts .* but its end is stated as 99 s"),
        (("", "t1.wav,0.5,0.2\n"), r"times\.csv, line 6: onset and end must be seconds"),
        (("", "nobody.wav,0.5,0.8\n"), r"times\.csv: nobody\.wav is no recording of an item"),
        (("items = 2", "items = 2\n[output]\nlevel = { active = -6.0 }"), r"exceeds full scale by"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_recordings_is_said(tmp_path, change, message):
    times = write_turns(tmp_path / "turns", ("t1.wav", "t2.wav", "t3.wav", "t10.wav"))
    old, new = change
    (tmp_path / "times.csv").write_text(times if old else times + new)
    (tmp_path / "spec.toml").write_text(SPEC.replace(old, new) if old else SPEC)
    with pytest.raises(BabbleError, match=message):
        make_stimuli(tmp_path / "spec.toml", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "text",
    [
        "file,onset,end\nA/q.wav,0.381,1.5\n",
        "\ufefffile;onset;end;how\r\nA\\q.wav;0,381;1,5;stated\r\n",
        'file,onset,end\nA/q.wav,"0,381","1,5"\n',
        "file\tonset\tend\nA/q.wav\t0,381\t1,5\n",
    ],
)
def test_times_as_spreadsheets_write_them(tmp_path, text):
    path = tmp_path / "times.csv"
    path.write_bytes(text.encode("utf-8"))
    assert read_times(path) == {"A/q.wav": (0.381, 1.5)}


def test_times_without_a_column_are_refused(tmp_path):
    path = tmp_path / "times.csv"
    path.write_text("name;onset;end\nq.wav;0,381;1,5\n")
    with pytest.raises(BabbleError, match="line 1: names no column file, but 'name, onset, end'"):
        read_times(path)
