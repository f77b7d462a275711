"""The counts of real corpora: what the definitions must give on the recordings that everybody has.

The reference counts of Switchboard were measured on all 2,438 calls; here are 2,194 of them.
"""

import dataclasses
import importlib.util
from pathlib import Path

import numpy as np
import pandas
import pytest

from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.reading import read
from babble_jax.timing.events import Definitions, Kind, backchannels, events, ipus, pool_ftos, transitions
from babble_jax.timing.events.table_files import write_tables

D = Definitions()
EVENTS = ("ipu", "pause", "gap", "overlap_between", "overlap_within")


@pytest.fixture(scope="module")
def switchboard(corpora):
    return read(corpora / "switchboard-ms98")


def counts(table, row):
    return [table[row][event] for event in EVENTS]


@pytest.mark.slow  # reading takes 5 to 10 s
def test_switchboard(switchboard):
    assert len(switchboard.conversations) == 2194
    assert [Path(skip.file).name for skip in switchboard.skipped] == ["AAREADME.text"]
    table = events(switchboard.conversations, D)
    assert table["hours"] == pytest.approx(233.07, abs=0.01)
    assert counts(table, "per_minute") == pytest.approx([28.4, 13.0, 7.84, 4.76, 2.66], abs=0.02)
    assert counts(table, "seconds_per_minute") == pytest.approx([52.8, 7.36, 2.75, 1.64, 1.45], abs=0.02)
    assert table["per_minute"]["backchannel"] == pytest.approx(4.1, abs=0.02)
    fto = table["fto"]
    # 176,087 in float64 arithmetic, in which half of the silences of exactly 0.2 s are shorter than that, and
    # without the limit of 50 ms.
    assert fto["n"] == 176158
    assert [fto[k] for k in ("median", "mean", "sd")] == pytest.approx([0.105, 0.088, 0.508], abs=0.001)
    shares = [fto[k] for k in ("below_zero", "below_200ms", "above_1s")]
    assert shares == pytest.approx([0.378, 0.626, 0.031], abs=0.001)


@pytest.mark.slow
def test_switchboard_turns(switchboard):
    fto = events(switchboard.conversations, D, "turn")["fto"]
    assert [fto[k] for k in ("median", "mean", "sd")] == pytest.approx([0.076, 0.042, 0.593], abs=0.001)
    assert [fto[k] for k in ("below_zero", "above_1s")] == pytest.approx([0.43, 0.039], abs=0.005)


@pytest.mark.slow
def test_switchboard_tables(switchboard, tmp_path):
    """One line of pandas gives the medians of the README."""
    write_tables(events(switchboard.conversations, tables="numpy"), tmp_path / "out")
    medians = pandas.read_csv(tmp_path / "out" / "ftos.csv").groupby("level")["fto"].median()
    assert (1000 * medians).round().to_dict() == {"ipu": 105, "turn": 76}
    conversations = pandas.read_csv(tmp_path / "out" / "conversations.csv")
    assert len(conversations) == 2194
    gaps, seconds = conversations[["gap_count", "seconds"]].sum()
    assert 60 * gaps / seconds == pytest.approx(7.84, abs=0.02)


@pytest.mark.slow
def test_switchboard_definitions(switchboard):
    units = [ipus(conversation, D) for conversation in switchboard.conversations]
    kinds = np.concatenate([transitions(unit).kind for unit in units])
    by_runs = np.count_nonzero((kinds == Kind.GAP) | (kinds == Kind.OVERLAP_BETWEEN))
    assert pool_ftos(switchboard.conversations, "ipu", D).fto.size - by_runs == 176087 - 176042
    short = np.concatenate([unit.duration[backchannels(unit, D)] for unit in units])
    assert np.median(short) == pytest.approx(0.43, abs=0.002)
    standard = dataclasses.replace(D, merge=0.18)
    assert np.median(pool_ftos(switchboard.conversations, "ipu", standard).fto) == pytest.approx(
        0.103, abs=0.0005
    )
    mended = pool_ftos(switchboard.conversations, "ipu", dataclasses.replace(D, max_word=1.5)).fto
    assert mended.std() == pytest.approx(0.484, abs=0.001)
    assert mended.min() == pytest.approx(-3.55, abs=0.01)


def test_map_task(corpora):
    """The reference counts count words only; with laughter the median is 14 ms lower."""
    reading = read(corpora / "maptask")
    assert len(reading.conversations) == 128
    assert len({conversation.group for conversation in reading.conversations}) == 16
    spoken = []
    for c in reading.conversations:
        above = c.mark == Mark.SPEECH
        spoken.append(
            dataclasses.replace(c, speaker=c.speaker[above], onset=c.onset[above], end=c.end[above])
        )
    pooled = pool_ftos(spoken, "ipu", D)
    assert np.median(pooled.fto) == pytest.approx(0.29, abs=0.005)
    assert np.mean(pooled.fto < 0) == pytest.approx(0.21, abs=0.005)
    contact = np.array([c.id[2] == "e" for c in spoken])[pooled.conversation]
    assert np.median(pooled.fto[contact]) == pytest.approx(0.34, abs=0.005)
    assert np.median(pooled.fto[~contact]) == pytest.approx(0.25, abs=0.005)
    assert np.median(pool_ftos(reading.conversations, "ipu", D).fto) == pytest.approx(0.273, abs=0.001)


@pytest.mark.parametrize(("name", "language", "median"), [("English", "en", 0.06), ("Chinese", "zh", 0.1)])
def test_callhome(corpora, name, language, median):
    reading = read(corpora / "callhome" / f"CallHome{name}")
    assert reading.skipped == ()
    assert {conversation.language for conversation in reading.conversations} == {language}
    assert events(reading.conversations, D)["fto"]["median"] == pytest.approx(median, abs=0.001)


def test_callhome_whole(corpora):
    reading = read(corpora / "callhome")
    assert len(reading.conversations) == 500
    assert {len(conversation.speakers) for conversation in reading.conversations} == {2}


def test_ami_as_rttm(corpora):
    reading = read(corpora / "ami")
    assert len(reading.conversations) == 170
    assert all("was read before" in skip.reason for skip in reading.skipped)
    assert {len(conversation.speakers) for conversation in reading.conversations} == {3, 4, 5}
    assert events(reading.conversations, D)["fto"]["median"] == pytest.approx(0.13, abs=0.001)


def test_ami_as_mdtm(corpora):
    spec = importlib.util.find_spec("AMI")
    if spec is None or spec.origin is None:
        pytest.skip("pyannote.db.odessa.ami is not installed")
    reading = read([Path(spec.origin).parent / "data", corpora / "ami"])
    assert len(reading.conversations) == 170
    assert sum(conversation.time_resolution == 0.001 for conversation in reading.conversations) >= 158
    assert {conversation.language for conversation in reading.conversations} == {"en"}
