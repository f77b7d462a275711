"""Exact designs: so many turns, at stated offsets, measured in the delivered files."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import scipy.signal
import soundfile

from babble_jax.errors import BabbleError
from babble_jax.stimuli.spec_reading import read_spec
from babble_jax.stimuli.specification import StimulusSpec
from babble_jax.stimuli.stimulus_set import StimuliReport, make_stimuli
from tests.dialogue.fake_babbler import FakeBabbler

RATE = 16_000
VOICES = (FakeBabbler("low", sample_rate=RATE), FakeBabbler("high", pitch=200.0, sample_rate=RATE))
GAPS = (
    "turns = 2\ngap = [0.0, 0.2, 0.7, -0.25]\nturn_seconds = [0.6, 0.9]\nitems = 4\n[output]\nlead_in = 0.1\n"
)


def spec(folder: Path, text: str, **options) -> StimulusSpec:
    (folder / "spec.toml").write_text(text)
    return read_spec(folder / "spec.toml", **options)


def make(folder: Path, text: str, **options) -> StimuliReport:
    return make_stimuli(spec(folder, text, **options), folder / "out", babblers=VOICES, overwrite=True)


def rows(report: StimuliReport, name: str = "stimuli.csv") -> list[dict[str, str]]:
    with (report.folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def gaps(tmp_path_factory) -> StimuliReport:
    return make(tmp_path_factory.mktemp("gaps"), GAPS)


def edges(channel: np.ndarray) -> tuple[int, int]:
    """First sample of the sound in a channel, and the one after the last."""
    loud = np.flatnonzero(np.abs(channel) > 0.9e-3)
    return int(loud[0]), int(loud[-1]) + 1


def test_two_turns_at_the_offsets_asked_for(gaps):
    for row in rows(gaps):
        sound, rate = soundfile.read(gaps.folder / row["file"])
        first = 0 if row["speaker_1"] == row["starts"] else 1
        (onset, end), (next_onset, next_end) = edges(sound[:, first]), edges(sound[:, 1 - first])
        requested = {"0ms": 0, "200ms": 200, "700ms": 700, "minus250ms": -250}[row["gap"]]
        assert float(row["fto_requested_ms"]) == requested
        assert onset == rate // 10
        assert next_end == len(sound)
        assert abs(1000 * (next_onset - end) / rate - requested) < 0.13
        assert abs(float(row["fto_measured_ms"]) - requested) < 0.13
        assert float(row["worst_error_ms"]) < 0.13
        assert float(row["turn_onset_ms"]) == pytest.approx(1000 * next_onset / rate, abs=0.07)
        assert float(row["previous_end_ms"]) == pytest.approx(1000 * end / rate, abs=0.07)
        assert float(row["duration_ms"]) == pytest.approx(1000 * len(sound) / rate, abs=1e-3)


def test_the_turns_of_an_item_are_the_same_in_all_conditions_to_the_sample(gaps):
    for item in "1234":
        turns = []
        for row in (row for row in rows(gaps) if row["item"] == item):
            sound, _ = soundfile.read(gaps.folder / row["file"], dtype="int16")
            turns.append([channel[slice(*edges(channel / 32768))] for channel in sound.T])
        assert len(turns) == 4
        assert all(np.array_equal(a, b) for one in turns for a, b in zip(one, turns[0], strict=True))


def test_list_files_are_what_presentation_software_reads(gaps):
    pandas = pytest.importorskip("pandas")
    names = sorted(path.name for path in gaps.folder.glob("list[0-9].csv"))
    assert names == ["list1.csv", "list2.csv", "list3.csv", "list4.csv"]
    for name in names:
        text = (gaps.folder / name).read_bytes()
        assert text.startswith(b"position,file,item,condition,gap,fto_requested_ms,fto_measured_ms,")
        assert b"\r" not in text
        table = pandas.read_csv(gaps.folder / name)
        assert table.position.tolist() == [1, 2, 3, 4]
        assert sorted(table.item) == [1, 2, 3, 4]
        assert sorted(table.fto_requested_ms) == [-250, 0, 200, 700]
        assert all((gaps.folder / file).is_file() for file in table.file)
    everything = pandas.read_csv(gaps.folder / "lists.csv")
    assert everything.groupby("list").size().tolist() == [4] * 4
    assert len(pandas.read_csv(gaps.folder / "transfers.csv")) == 16


@pytest.mark.parametrize(("format", "rate"), [("flac", 44_100), ("ogg", 48_000), ("mp3", 16_000)])
def test_other_types_and_rates_keep_the_offsets(gaps, tmp_path, format, rate):
    text = GAPS.replace("items = 4", "items = 1\n[factors.gap]\na = {gap = 0.2}\n").replace(
        "gap = [0.0, 0.2, 0.7, -0.25]\n", ""
    )
    report = make(tmp_path, text, format=format, sample_rate=rate)
    (row,) = rows(report)
    assert Path(row["file"]).suffix == f".{format}"
    sound, own_rate = soundfile.read(report.folder / row["file"])
    assert own_rate == rate
    # The turns as they are in the wav at the rate of the voice, an independent file.
    reference, voice_rate = soundfile.read(gaps.folder / "item001-200ms.wav")
    first = 0 if row["speaker_1"] == row["starts"] else 1
    times = []
    for channel in (first, 1 - first):
        onset, end = edges(reference[:, channel])
        turn = scipy.signal.resample_poly(reference[onset:end, channel], rate // 100, voice_rate // 100)
        correlation = scipy.signal.correlate(sound[:, channel], turn, "valid", method="fft")
        times.append((int(np.argmax(correlation)) / rate, (end - onset) / voice_rate))
    assert times[1][0] - times[0][0] - times[0][1] == pytest.approx(0.2, abs=2e-4)
    assert float(row["fto_measured_ms"]) == pytest.approx(200, abs=0.2)


def find_turn(channel: np.ndarray, turn: np.ndarray) -> float:
    """Finds where a turn begins in a channel: sample of the largest product with it, between samples by a parabola."""
    size = 2 ** int(np.ceil(np.log2(len(channel) + len(turn))))
    product = np.fft.irfft(np.fft.rfft(channel, size) * np.conj(np.fft.rfft(turn, size)), size)
    at = int(np.argmax(product))
    before, peak, after = product[[at - 1, at, (at + 1) % size]]
    return at + 0.5 * (before - after) / (before - 2 * peak + after)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_gaps_are_measured_anew_in_every_type_of_file(tmp_path, rate):
    text = GAPS.replace("[0.0, 0.2, 0.7, -0.25]", "[0.0, 0.2, 0.7]").replace("items = 4", "items = 3")
    turns, worst = {}, {}
    for format in ("wav", "flac", "ogg", "mp3"):
        report = make(tmp_path, text, format=format, sample_rate=rate)
        table = rows(report)
        assert len(table) == 9
        for row in table:
            sound, own_rate = soundfile.read(report.folder / row["file"])
            assert own_rate == rate
            onsets, seconds = [], []
            for channel in (0, 1) if row["speaker_1"] == row["starts"] else (1, 0):
                key = row["item"], channel
                if key not in turns:  # as it was rendered: in the first wav, with digital silence around it
                    loud = np.flatnonzero(sound[:, channel])
                    turns[key] = sound[loud[0] : loud[-1] + 1, channel]
                onsets.append(find_turn(sound[:, channel], turns[key]) / rate)
                seconds.append(len(turns[key]) / rate)
            assert seconds[0] > 0.55
            fto = 1000 * (onsets[1] - onsets[0] - seconds[0])
            requested = {"0ms": 0, "200ms": 200, "700ms": 700}[row["gap"]]
            worst[format] = max(worst.get(format, 0), abs(fto - requested))
            assert abs(float(row["fto_measured_ms"]) - requested) < 1
    assert max(worst.values()) < 1


SCRIPT = """
items = 2
critical = 2
turn_seconds = 0.5

[[script]]
speaker = "Ann"
seconds = 1.2

[[script]]
speaker = "Ben"
seconds = [0.5, 0.8]
gap = 0.1

[[script]]
speaker = "Ann"
gap = -0.15

[factors.delay]
no = {}
yes = { gap = 0.6, backchannels = [0.4] }

[catch]
trials = 1
gap = 2.5
"""


def test_a_script_says_who_how_long_and_at_which_offset(tmp_path):
    report = make(tmp_path, SCRIPT)
    for one in report.manifest["stimuli"]:
        turns = {ipu["label"]: ipu["realised"] for ipu in one["ipus"]}
        assert sorted(turns)[:3] == sorted(turns)[: len(turns) - ("Ben4" in turns)]
        first, second, third = (turns[name] for name in ("Ann1", "Ben2", "Ann3"))
        assert first["end"] - first["onset"] == pytest.approx(1.2, abs=1e-4)
        assert 0.5 - 1e-4 <= second["end"] - second["onset"] <= 0.8
        assert third["end"] - third["onset"] == pytest.approx(0.5, abs=1e-4)
        gap = 2.5 if one["catch"] else {"no": 0.1, "yes": 0.6}[one["levels"]["delay"]]
        assert second["onset"] - first["end"] == pytest.approx(gap, abs=2e-4)
        assert third["onset"] - second["end"] == pytest.approx(-0.15, abs=2e-4)
        assert one["critical"]["fto_requested_ms"] == pytest.approx(1000 * gap)
        assert [transfer["incoming"] for transfer in one["transfers"]] == ["Ben2", "Ann3"]
        if one["levels"].get("delay") == "yes":
            assert turns["Ben4"]["onset"] == pytest.approx(0.4, abs=1e-4)
            assert turns["Ben4"]["end"] == pytest.approx(0.7, abs=1e-4)


def test_relative_manipulations_of_an_exact_design(tmp_path):
    text = SCRIPT.replace("yes = { gap = 0.6, backchannels = [0.4] }", "yes = { shift_gaps = 0.3 }")
    report = make(tmp_path, text)
    for one in report.manifest["stimuli"]:
        if one["levels"].get("delay") == "yes":
            assert one["critical"]["fto_requested_ms"] == pytest.approx(400)
            assert one["critical"]["fto_measured_ms"] == pytest.approx(400, abs=0.2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("turns = 2\nitems = 1\nturn_seconds = 0.5\ngap = [-0.6]", "item 1: an overlap of 0.6 s leaves nothing of"),
        ("turns = 3\nitems = 1\nturn_seconds = 0.5\ngap = [-0.4]", None),
        ("turns = 3\nitems = 1\nturn_seconds = 0.5\ngap = -0.2\n[factors.a]\nb = { gap = -0.4 }", "pause; move or"),
        ("turns = 2\nitems = 1\ngap = [3.0]\nturn_seconds = 0.5\nbackchannels = [2.0]", "at 2 s nobody has the floor"),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_is_said(tmp_path, text, message):
    if message is None:
        make(tmp_path, text)
        return
    with pytest.raises(BabbleError, match=message):
        make(tmp_path, text)
    assert not (tmp_path / "out").exists()


def test_an_adaptive_procedure_has_a_file_at_every_offset(tmp_path):
    text = "turns = 2\nturn_seconds = 0.7\nitems = 2\n[adaptive]\nfrom = -0.4\nto = 0.4\nstep = 0.2\n"
    report = make(tmp_path, text)
    for number in (1, 2):
        table = rows(report, f"list{number}.csv")
        assert [float(row["fto_requested_ms"]) for row in table] == [-400, -200, 0, 200, 400]
        assert [row["file"].split("-", 1)[1] for row in table][:2] == ["minus400ms.wav", "minus200ms.wav"]
        assert {row["item"] for row in table} == {str(number)}
        assert max(float(row["worst_error_ms"]) for row in table) < 0.13


def test_mono_mixes_levels_and_folders_for_lists(tmp_path):
    text = (
        'turns = 2\ngap = [-0.2, 0.1]\nturn_seconds = 0.6\nitems = 2\n[output]\nmix = "both"\nfolders = true\n'
        "level = { lufs = -30.0 }\n"
    )
    report = make(tmp_path, text)
    for number in (1, 2):
        folder = report.folder / f"list{number}"
        with (folder / f"list{number}.csv").open(newline="") as file:
            table = list(csv.DictReader(file))
        assert {path.name for path in folder.iterdir()} == {f"list{number}.csv"} | {
            row[name] for row in table for name in ("file", "file_mono")
        }
        for row in table:
            stereo, _ = soundfile.read(folder / row["file"])
            mono, _ = soundfile.read(folder / row["file_mono"])
            np.testing.assert_allclose(mono, stereo.sum(axis=1), atol=2 / 32768)
    values = json.loads((report.folder / "manifest.json").read_text())
    assert "list1/list1.csv" in values["sha256"]
    make(tmp_path, text)  # its own folders are replaced
    (report.folder / "list1" / "notes.txt").write_text("mine")
    with pytest.raises(BabbleError, match="holds other files than"):
        make(tmp_path, text)


def test_a_mono_file_is_measured_as_well(tmp_path):
    text = 'turns = 2\ngap = [-0.3, 0.2]\nturn_seconds = 0.8\nitems = 2\n[output]\nmix = "mono"\n'
    report = make(tmp_path, text)
    assert {soundfile.info(report.folder / row["file"]).channels for row in rows(report)} == {1}
    assert max(float(row["worst_error_ms"]) for row in rows(report)) < 0.5
