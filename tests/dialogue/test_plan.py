"""A real conversation's timing, replayed and shifted: measured from the sound alone."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.conversation.reading import read
from babble_jax.dialogue.detection import measure_ipus
from babble_jax.dialogue.duet import perform
from babble_jax.dialogue.plan import Plan, manipulate_plan, replay_plan, select_conversation
from babble_jax.dialogue.read_folder import is_dialogue_folder, read_dialogue_folder
from babble_jax.dialogue.render import place, render
from babble_jax.dialogue.utterance import LeveledVoice
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, Kind, floor_transfers, ipus, transitions
from babble_jax.timing.manipulation.manipulations import Manipulations
from babble_jax.voice.babbler import make_speaker_pair
from tests.dialogue.fake_babbler import RATE, FakeBabbler, conversation
from tests.dialogue.few_pieces import few_pieces  # noqa: F401

VOICES = make_speaker_pair(FakeBabbler())
LEVELED = tuple(LeveledVoice.measure(voice) for voice in VOICES)
# Gaps of 250, 210 and 0 ms among overlaps, pauses and a contained IPU; times that fit no sample.
TALK = conversation(
    [
        (0, 0.50013, 1.7),
        (1, 1.95013, 2.85007),
        (0, 2.7, 5.4),
        (1, 4.2, 4.5),
        (0, 5.6, 6.1001),
        (1, 6.3101, 8.76543),
        (0, 8.76543, 9.31),
    ],
    12.0,
)


def plan(**manipulations) -> Plan:
    return manipulate_plan(replay_plan(TALK, None, 100.0), Manipulations(**manipulations), 1)


def waveforms(plan: Plan) -> dict[tuple[int, int], np.ndarray]:
    """By speaker and number."""
    rendering = render(plan.dialogue, LEVELED, 1, 0, plan.number)
    place_ = rendering.placement
    keys = zip(place_.speaker.tolist(), place_.number.tolist(), strict=True)
    return {key: rendering.waveform(row) for row, key in enumerate(keys)}


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> list[Path]:
    """The dialogue as it was, and with every gap 300 ms longer."""
    folder = tmp_path_factory.mktemp("pair")
    return [perform(plan(shift_gaps=shift), VOICES, 1, folder / str(shift)).folder for shift in (0.0, 0.3)]


def measure_folder(folder: Path) -> list[tuple[int, float, float]]:
    """(channel, onset, end) of the IPUs in the sound, in order."""
    audio, rate = soundfile.read(folder / "dialogue.wav")
    rows = [
        (channel, a, b)
        for channel in (0, 1)
        for a, b in zip(*measure_ipus(audio[:, channel], rate), strict=True)
    ]
    return sorted(rows, key=lambda row: row[1:])


def test_every_gap_in_the_sound_is_300_ms_longer_and_every_waveform_the_same(pair):
    natural, shifted = map(measure_folder, pair)
    assert [row[0] for row in natural] == [row[0] for row in shifted] == [0, 1, 0, 1, 0, 1, 0]
    onsets = [np.array([row[1] for row in rows]) for rows in (natural, shifted)]
    moved = onsets[1] - onsets[0]
    np.testing.assert_allclose(moved, [0, 0.3, 0.3, 0.3, 0.3, 0.6, 0.9], atol=0.0002)  # three samples
    sounds = [soundfile.read(folder / "dialogue.wav", dtype="int16")[0] for folder in pair]
    rows = [json.loads((folder / "manifest.json").read_text())["ipus"] for folder in pair]
    for one, other in zip(*rows, strict=True):
        assert one["label"] == other["label"]
        parts = []
        for sound, row in ((sounds[0], one), (sounds[1], other)):
            first, count = row["realised"]["first_sample"], row["realised"]["samples"]
            parts.append(sound[first : first + count, "AB".index(row["speaker"])])
        assert np.array_equal(*parts)
        assert np.max(np.abs(parts[0])) > 1000
        assert one["waveform_sha256"] == other["waveform_sha256"]


def test_the_replay_has_the_timing_of_the_conversation(pair):
    for (channel, a, b), row in zip(measure_folder(pair[0]), range(7), strict=True):
        assert channel == TALK.speaker[row]
        assert abs(a - TALK.onset[row]) < 0.01  # what every rendering promises
        assert abs(b - TALK.end[row]) < 0.01


def test_the_manifest_tells_source_and_manipulation(pair):
    natural, shifted = (json.loads((folder / "manifest.json").read_text())["timing"] for folder in pair)
    assert natural["replay"]["conversation"] == "duet"
    assert (natural["replay"]["ipus"], natural["manipulations"]) == (7, [])
    (step,) = shifted["manipulations"]
    assert (step["manipulation"], step["value"], step["transfers"], step["clipped"]) == (
        "shift_gaps",
        0.3,
        3,
        [],
    )


def test_the_folder_is_read_back_exactly(pair, tmp_path):
    for folder, seconds in zip(pair, (12.0, 12.9), strict=True):
        assert is_dialogue_folder(folder)
        back = read_dialogue_folder(folder)
        (annotation,) = read(folder / "dialogue.csv").conversations
        order = np.lexsort((annotation.speaker, annotation.onset))
        np.testing.assert_allclose(back.onset, annotation.onset[order], atol=1e-6)
        assert np.array_equal(np.rint(back.onset * RATE) / RATE, back.onset)
        assert back.seconds == pytest.approx(seconds)
    assert not is_dialogue_folder(tmp_path)
    (tmp_path / "manifest.json").write_text('{"kind": "babble_jax duet"}')
    with pytest.raises(BabbleError, match=r"manifest\.json: no manifest of a dialogue"):
        read_dialogue_folder(tmp_path)


@pytest.mark.parametrize(
    "manipulations",
    [
        {"shift_gaps": 0.1234567},
        {"shift_gaps": -0.1},
        {"scale_gaps": 0.3},
        {"shift_offsets": -0.3},
        {"shift_offsets": 0.2},
        {"remove_overlaps": True},
        {"add_overlaps": 1.0},
        {"swap_offsets": "switchboard"},
        {"backchannels": 0.0},
        {"remove_overlaps": True, "shift_gaps": 0.3},
    ],
    ids=lambda manipulations: "-".join(manipulations),
)
def test_no_manipulation_changes_a_waveform(manipulations):
    natural, changed = waveforms(plan()), waveforms(plan(**manipulations))
    assert set(changed) <= set(natural)
    assert len(changed) >= 5
    for key, sound in changed.items():
        assert np.array_equal(sound, natural[key]), key
    # A wrong number would not go unseen: no two IPUs begin alike.
    assert len({sound[:800].tobytes() for sound in natural.values()}) == 7


def test_what_is_left_out_leaves_the_others_their_labels(tmp_path):
    folder = perform(plan(remove_overlaps=True), VOICES, 1, tmp_path / "out").folder
    labels = [row["label"] for row in json.loads((folder / "manifest.json").read_text())["ipus"]]
    assert labels == ["A1", "B1", "A2", "A3", "B3", "A4"]
    text = (folder / "dialogue.TextGrid").read_text() + (folder / "dialogue.eaf").read_text()
    assert text.count("B3") == 2
    assert "B2" not in text


def test_durations_in_samples_do_not_depend_on_the_place():
    """Whole nanoseconds are counted: also where the duration is whole samples and float64 loses digits."""
    for start in (0.0, 1 / 3, 977.123456789):
        for length, samples in ((0.1, 1600), (0.25000625, 4000), (0.250062499, 4000), (0.2500625, 4001)):
            onset = round(start, 9)
            moved = conversation([(0, onset, round(onset + length, 9))], 1000.0)
            assert place(moved, RATE).samples.item() == samples


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.tuples(st.integers(50_000_000, 300_000_000), st.integers(0, 100_000)), min_size=2, max_size=20
    ),
    st.sampled_from([8000, 16_000, 22_050, 44_100]),
)
def test_what_does_not_overlap_in_the_plan_does_not_in_the_sound(turns, rate):
    """Turns of two that follow each other after 0 to 100 microseconds: not even a sample is shared."""
    rows, time = [], 123
    for turn, (length, gap) in enumerate(turns):
        rows.append((turn % 2, time / 1e9, (time + length) / 1e9))
        time += length + gap
    # Each speaker needs 0.18 s between two IPUs.
    rows = [row for i, row in enumerate(rows) if i < 2 or row[1] - rows[i - 2][2] >= 0.18]
    rows = [row for i, row in enumerate(rows) if i == 0 or row[0] != rows[i - 1][0]]
    placement = place(conversation(rows, 100.0), rate)
    assert np.all(placement.first[1:] >= (placement.first + placement.samples)[:-1])
    onset = np.array([row[1] for row in rows])
    assert np.all(np.abs(placement.first - onset * rate) <= 0.5 + 1e-6)


def test_a_stretch_of_one_of_several_conversations():
    conversations = [dataclasses.replace(TALK, id=name) for name in "abc"]
    assert select_conversation(conversations, "b") is conversations[1]
    assert select_conversation(conversations[:1], None) is conversations[0]
    for id, message in [
        (None, "3 conversations .*: a, b, c"),
        ("x", "0 conversations .* id 'x'"),
    ]:
        with pytest.raises(BabbleError, match=message):
            select_conversation(conversations, id)
    part = replay_plan(TALK, 1.9, 4.0)
    assert part.dialogue.seconds == 4.0
    assert part.record["replay"]["ipus_cut_by_the_edges_and_left_out"] == 1
    assert part.dialogue.onset[0] == 0.05013
    with pytest.raises(BabbleError, match="duet has 3 speakers"):
        replay_plan(conversation([(0, 1.0, 2.0)], 5.0, ("A", "B", "C")), None, 5.0)
    with pytest.raises(BabbleError, match=r"replay of duet .* 0\.18 s and 0\.05 s"):
        replay_plan(TALK, None, 5.0, Definitions(merge=0.1))


def test_measured_gaps_and_runs_agree():
    """What `transitions` calls a gap is what the sweep shifts."""
    before, after = (ipus(plan(shift_gaps=shift).dialogue, Definitions()) for shift in (0.0, 0.3))
    lengths = []
    for units in (before, after):
        runs = transitions(units)
        lengths.append((runs.end - runs.start)[runs.kind == Kind.GAP])
    np.testing.assert_allclose(lengths[0], [0.25013, 0.21], atol=1e-9)  # the gap of 0 s is no run
    np.testing.assert_allclose(lengths[1], [0.55013, 0.51, 0.3], atol=1e-9)
    fto = [floor_transfers(units, "ipu", Definitions()).fto for units in (before, after)]
    np.testing.assert_allclose((fto[1] - fto[0])[[1, 5, 6]], 0.3, atol=1e-9)


@pytest.mark.slow
def test_map_task_replayed(corpora, tmp_path):
    """The real thing, with the timing of a minute of Map Task."""
    reading = read(sorted((corpora / "maptask").rglob("q1ec1.*.timed-units.xml")))
    real = replay_plan(select_conversation(reading.conversations, None), 30.0, 60.0)
    folders = [
        perform(
            manipulate_plan(real, Manipulations(shift_gaps=shift), 0), VOICES, 0, tmp_path / str(shift)
        ).folder
        for shift in (0.0, 0.3)
    ]
    natural, shifted = map(measure_folder, folders)
    assert len(natural) == len(shifted) == len(real.dialogue.onset)
    transfers = floor_transfers(ipus(real.dialogue, Definitions()), "ipu", Definitions())
    rows = np.flatnonzero(transfers.defined & (transfers.fto >= 0))
    assert len(rows) > 5
    for row in rows:
        gaps = [rows_[row][1] - rows_[transfers.previous[row]][2] for rows_ in (natural, shifted)]
        assert gaps[1] - gaps[0] == pytest.approx(0.3, abs=0.01)
