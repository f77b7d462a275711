import csv
import itertools
import json
from collections import Counter
from pathlib import Path

import numpy as np
import parselmouth
import pympi.Elan
import pytest
import soundfile
from parselmouth.praat import call

from babble_jax.conversation.formats.textgrid import write_textgrid
from babble_jax.dialogue.detection import measure_ipus
from babble_jax.dialogue.read_folder import conversation_from_manifest
from babble_jax.errors import BabbleError
from babble_jax.stimuli import items
from babble_jax.stimuli.spec_reading import read_spec
from babble_jax.stimuli.specification import StimulusSpec
from babble_jax.stimuli.stimulus_set import StimuliReport, make_stimuli
from babble_jax.timing.events import Definitions, floor_transfers, ipus
from tests.dialogue.fake_babbler import DyingBabbler, FakeBabbler, conversation

RATE = 8000
VOICES = (FakeBabbler("low", sample_rate=RATE), FakeBabbler("high", pitch=200.0, sample_rate=RATE))
SPEC = """
voices = ["unused"]
seconds = 8.0
transfers = 2
items = 6
seed = 3

[factors.gap]
short = { shift_gaps = -0.05 }
natural = {}
long = { shift_gaps = 0.3 }

[factors.overlap]
with = {}
without = { remove_overlaps = true }

[catch]
trials = 1
shift_gaps = 3.0
"""
SUFFIXES = (".wav", ".TextGrid", ".eaf", ".rttm", ".csv")


def spec(folder: Path, text: str = SPEC) -> StimulusSpec:
    (folder / "spec.toml").write_text(text)
    return read_spec(folder / "spec.toml")


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> StimuliReport:
    folder = tmp_path_factory.mktemp("stimuli")
    return make_stimuli(spec(folder), folder / "out", babblers=VOICES)


def rows(report: StimuliReport, name: str) -> list[dict[str, str]]:
    with (report.folder / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_two_by_three_conditions_of_six_items_and_one_catch_trial(report):
    stimuli = rows(report, "stimuli.csv")
    assert len(stimuli) == 2 * 3 * 6 + 1
    names = {Path(row["file"]).stem for row in stimuli}
    expected = {f"{name}{suffix}" for name in names for suffix in SUFFIXES}
    assert {path.name for path in report.folder.iterdir()} == expected | {
        "stimuli.csv", "lists.csv", "transfers.csv", "spec.toml", "manifest.json",
        *(f"list{number}.csv" for number in range(1, 7)),
    }  # fmt: skip
    assert "item003-long-without" in names
    assert Counter((row["gap"], row["overlap"]) for row in stimuli if row["catch"] == "0") == Counter(
        {(gap, overlap): 6 for gap in ("short", "natural", "long") for overlap in ("with", "without")}
    )
    values = json.loads((report.folder / "manifest.json").read_text())
    assert set(values["sha256"]) == {path.name for path in report.folder.iterdir()} - {"manifest.json"}
    assert [one["file"] for one in values["stimuli"]] == [row["file"] for row in stimuli]
    factors = ["start", "channel", "voice"]
    assert values["counterbalanced"] == {"over_items": factors, "constant": factors, "completely": False}
    assert (
        len({(row["starts"], row["speaker_1"], row["voice_1"]) for row in stimuli if row["catch"] == "0"})
        == 1
    )


def test_lists_hold_every_item_once_and_its_conditions_go_round(report):
    trials = rows(report, "lists.csv")
    for number in range(1, 7):
        own = [row for row in trials if row["list"] == str(number)]
        assert [row["position"] for row in own] == [str(n) for n in range(1, 8)]
        real = [row for row in own if row["catch"] == "0"]
        assert sorted(row["item"] for row in real) == list("123456")
        assert len({(row["gap"], row["overlap"]) for row in real}) == 6
        assert [row["file"] for row in own if row["catch"] == "1"] == ["catch001.wav"]
        for row in real:
            assert row["file"] == f"item00{row['item']}-{row['gap']}-{row['overlap']}.wav"
    assert len({row["file"] for row in trials}) == 37


def test_an_ipu_sounds_the_same_in_all_conditions_of_its_item(report):
    for item in range(6):
        sounds: dict[str, np.ndarray] = {}
        for one in report.manifest["stimuli"]:
            if one["item"] != item:
                continue
            sound, _ = soundfile.read(report.folder / one["file"], dtype="int16")
            channel = {entry["speaker"]: entry["channel"] - 1 for entry in one["channels"]}
            for ipu in one["ipus"]:
                first, count = ipu["realised"]["first_sample"], ipu["realised"]["samples"]
                part = sound[first : first + count, channel[ipu["speaker"]]]
                assert np.array_equal(part, sounds.setdefault(ipu["label"], part))
        assert len(sounds) >= 3
        assert len({part[:400].tobytes() for part in sounds.values()}) == len(sounds)


def test_the_sound_has_the_timing_of_its_condition(report):
    for item in range(6):
        one = {tuple(s["levels"].values()): s for s in report.manifest["stimuli"] if s["item"] == item}
        for levels, stimulus in one.items():
            sound, rate = soundfile.read(report.folder / stimulus["file"])
            measured = [measure_ipus(channel, rate) for channel in sound.T]
            assert sum(len(onset) for onset, _ in measured) == len(stimulus["ipus"])
            if levels[1] == "without":  # nobody speaks while the other does
                assert not np.any(np.all(np.abs(sound) > 1e-3, axis=1))
        long, natural = one["long", "with"], one["natural", "with"]
        gaps = long["timing"]["manipulations"][0]["transfers"]
        assert long["samples"] - natural["samples"] == pytest.approx(0.3 * RATE * gaps, abs=1)


def test_praat_and_elan_read_the_same_intervals(report):
    for one in report.manifest["stimuli"]:
        grid = parselmouth.read(str((report.folder / one["file"]).with_suffix(".TextGrid")))
        eaf = pympi.Elan.Eaf(str((report.folder / one["file"]).with_suffix(".eaf")))
        for tier, channel in enumerate(one["channels"], start=1):
            own = [ipu for ipu in one["ipus"] if ipu["speaker"] == channel["speaker"]]
            times = [(ipu["realised"]["onset"], ipu["realised"]["end"]) for ipu in own]
            assert call(grid, "Get tier name", tier) == channel["speaker"]
            labels = [
                (call(grid, "Get label of interval", tier, i), call(grid, "Get start time of interval", tier, i),
                 call(grid, "Get end time of interval", tier, i))
                for i in range(1, call(grid, "Get number of intervals", tier) + 1)
            ]  # fmt: skip
            intervals = [row for row in labels if row[0]]
            assert [row[0] for row in intervals] == [ipu["label"] for ipu in own]
            np.testing.assert_allclose([row[1:] for row in intervals], times, rtol=0, atol=1e-12)
            annotations = sorted(eaf.get_annotation_data_for_tier(channel["speaker"]))
            assert [(a, b, label) for a, b, label in annotations] == [
                (round(1000 * a), round(1000 * b), ipu["label"])
                for (a, b), ipu in zip(times, own, strict=True)
            ]


def test_who_starts_where_with_which_voice_goes_round_over_blocks_of_items(tmp_path):
    text = SPEC.replace("items = 6", "items = 8").replace("seconds = 8.0", "seconds = 4.0")
    text = text[: text.index("[factors.gap]")] + "[factors.gap]\nnatural = {}\n"
    report = make_stimuli(spec(tmp_path, text), tmp_path / "out", babblers=VOICES)
    met = set()
    for row in rows(report, "stimuli.csv"):
        voice = {row["speaker_1"]: row["voice_1"], row["speaker_2"]: row["voice_2"]}
        assert set(voice) == {"A", "B"}
        assert set(voice.values()) == {"low", "high"}
        met.add((row["starts"], row["speaker_1"], voice["A"]))
        sound, _ = soundfile.read(report.folder / row["file"])
        first = [np.flatnonzero(channel)[0] if np.any(channel) else 10**9 for channel in sound.T]
        assert row["starts"] == row[f"speaker_{1 + int(np.argmin(first))}"]
        rttm = (report.folder / row["file"]).with_suffix(".rttm").read_text().split()
        assert rttm[7] == row[f"speaker_{rttm[2]}"]
    assert len(met) == 8
    assert report.manifest["counterbalanced"]["completely"]
    assert report.manifest["counterbalanced"]["constant"] == []


def test_replayed_items_are_successive_stretches(tmp_path):
    lines = ["conversation,speaker,start,end"]
    for turn in range(40):
        lines.append(f"talk,{'ab'[turn % 2]},{1.5 * turn + 0.2},{1.5 * turn + 1.4}")
    (tmp_path / "talk.csv").write_text("\n".join(lines))
    text = 'replay = ["talk.csv"]\n' + SPEC.replace("seconds = 8.0", "seconds = 6.0")
    plain = text[: text.index("[factors.overlap]")].replace("items = 6", "items = 9")
    report = make_stimuli(spec(tmp_path, plain), tmp_path / "out", babblers=VOICES)
    starts = [
        one["timing"]["replay"]["start"]
        for one in report.manifest["stimuli"]
        if one["levels"]["gap"] == "long"
    ]
    np.testing.assert_allclose(starts, 0.2 + 6 * np.arange(9))
    with pytest.raises(
        BabbleError,
        match=r"9 stretches of 6 s .* 12 items",
    ):
        make_stimuli(
            spec(tmp_path, plain.replace("items = 9", "items = 12")), tmp_path / "more", babblers=VOICES
        )


COMPLETE = {  # conversations of 4.125 and 2.75 s: speaker, onset, end; they begin with silence, one ends with speech
    "short": (2.75, [(0, 0.5, 1.25), (1, 1.375, 2.75)]),
    "long": (4.125, [(1, 1.25, 2.0), (0, 1.875, 3.0), (1, 3.5, 3.875)]),
}


def test_without_seconds_a_conversation_is_one_item_of_its_length_with_the_silence_it_begins_with(tmp_path):
    for name, (seconds, turns) in COMPLETE.items():
        write_textgrid(tmp_path / f"{name}.TextGrid", conversation(turns, seconds))
    text = (
        'replay = ["short.TextGrid", "long.TextGrid"]\nitems = 2\ncounterbalance = []\n'
        "[factors.gap]\nas_it_was = {}\nlonger = { shift_gaps = 0.25 }\n[output]\nlead_in = 0.125\n"
    )
    report = make_stimuli(spec(tmp_path, text), tmp_path / "out", babblers=VOICES)
    table = {row["file"]: row for row in rows(report, "stimuli.csv")}
    for item, (seconds, turns) in enumerate(COMPLETE.values(), start=1):
        for level, shift in (("as_it_was", 0.0), ("longer", 0.25)):
            row = table[f"item{item:03d}-{level}.wav"]
            sound, rate = soundfile.read(report.folder / row["file"])
            moves = [0.0, *(shift * (b[1] >= a[2]) for a, b in itertools.pairwise(turns))]
            late = 0.125 + np.cumsum(moves)
            for channel in (0, 1):
                loud = np.zeros(len(sound), bool)
                for (speaker, onset, end), move in zip(turns, late, strict=True):
                    if speaker == channel:
                        first, last = round((onset + move) * rate), round((end + move) * rate)
                        loud[first:last] = True
                        assert np.all(sound[[first, last - 1], channel] != 0)
                assert not np.any(sound[~loud, channel])
            assert len(sound) == round((seconds + late[-1]) * rate)
            fto = 1000 * (turns[-1][1] - turns[-2][2] + moves[-1])
            assert float(row["fto_requested_ms"]) == fto
            assert float(row["fto_measured_ms"]) == pytest.approx(fto, abs=0.13)
    of_three = conversation([(0, 0.0, 1.0), (1, 1.0, 2.0), (2, 2.0, 3.0)], 3.0, ("A", "B", "C"))
    write_textgrid(tmp_path / "long.TextGrid", of_three)
    message = (
        r"give 1 complete conversation with 1 floor transfer or more \(left out, since only two are replayed: long "
        r"\(3 speakers\)\), but 2 items and catch trials are wanted; state seconds,"
    )
    with pytest.raises(BabbleError, match=message):
        make_stimuli(spec(tmp_path, text), tmp_path / "more", babblers=VOICES)


def test_items_hold_the_floor_transfers_asked_for(report, tmp_path, monkeypatch):
    for one in report.manifest["stimuli"]:
        if one["levels"] == {"gap": "natural", "overlap": "with"}:
            dialogue = conversation_from_manifest(one, "item", one["seconds"], one["sample_rate"])
            fto = floor_transfers(ipus(dialogue, Definitions()), "ipu", Definitions()).fto
            assert np.sum(~np.isnan(fto)) >= 2
    draws = [one["draw"] for one in report.manifest["stimuli"]]
    assert draws == sorted(draws)
    monkeypatch.setattr(items, "_DRAWS", 2)
    with pytest.raises(BabbleError, match=r"spec\.toml: 14 draws .* 9 floor transfers"):
        make_stimuli(
            spec(tmp_path, SPEC.replace("transfers = 2", "transfers = 9")), tmp_path / "out", babblers=VOICES
        )


def test_all_or_nothing_and_only_its_own_kind_is_replaced(tmp_path):
    with pytest.raises(BabbleError, match="too silent"):
        make_stimuli(spec(tmp_path), tmp_path / "out", babblers=(VOICES[0], DyingBabbler(sample_rate=RATE)))
    assert [path.name for path in tmp_path.iterdir()] == ["spec.toml"]
    small = spec(tmp_path, SPEC[: SPEC.index("[factors.overlap]")].replace("items = 6", "items = 3"))
    first = make_stimuli(small, tmp_path / "out", babblers=VOICES)
    before = {path.name: path.read_bytes() for path in first.folder.iterdir()}
    with pytest.raises(BabbleError, match=r"holds earlier babble_jax stimuli; .* overwrite them with"):
        make_stimuli(small, tmp_path / "out", babblers=VOICES)
    make_stimuli(small, tmp_path / "out", babblers=VOICES, overwrite=True)
    assert {path.name: path.read_bytes() for path in first.folder.iterdir()} == before


ASKING = (
    SPEC[: SPEC.index("[factors.gap]")].replace("items = 6", "items = 1") + "[factors.gap]\nnatural = {}\n"
)


def test_a_page_needs_a_question(tmp_path):
    with pytest.raises(BabbleError, match=r"has no question.*\[question\]"):
        make_stimuli(spec(tmp_path, ASKING), tmp_path / "out", babblers=VOICES, page=True)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_pages_are_part_of_the_set(tmp_path):
    asking = spec(tmp_path, ASKING + '[question]\ntext = "Natural?"\nkeys = { f = "no", j = "yes" }\n')
    report = make_stimuli(asking, tmp_path / "out", babblers=VOICES, page=True, jspsych=True)
    make_stimuli(asking, tmp_path / "out", babblers=VOICES, page=True, jspsych=True, overwrite=True)
    digests = json.loads((report.folder / "manifest.json").read_text())["sha256"]
    assert {"index.html", "jspsych.html", "page/trials.js", "page/sound0001.js"} <= digests.keys()
