import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import parselmouth
import pympi.Elan
import pytest
from parselmouth.praat import call

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.formats.elan import write_eaf
from babble_jax.conversation.formats.rttm import write_rttm
from babble_jax.conversation.formats.table import write_csv
from babble_jax.conversation.formats.textgrid import write_textgrid
from babble_jax.conversation.reading import read
from babble_jax.dialogue.render import place, snap_to_samples
from tests.dialogue.fake_babbler import DIALOGUE, RATE, conversation

DIALOGUE_IN_SAMPLES = snap_to_samples(DIALOGUE, place(DIALOGUE, RATE))
ONE_SIDED = conversation([(0, 1.0, 2.0)], 4.0)
ROWS = [  # by hand: samples 4802 + 22398 and so on, over 16000
    ("A", 0.300125, 1.7),
    ("B", 1.55, 2.85),
    ("A", 3.01, 5.4),
    ("B", 4.2, 4.5),
    ("A", 5.6, 6.1),
    ("B", 6.312375, 8.7654375),
    ("A", 9.0, 9.05),
]


def of(rows: list[tuple[str, float, float]], speaker: str) -> list[tuple[float, float]]:
    return [(start, end) for name, start, end in rows if name == speaker]


def test_praat_finds_the_same_intervals(tmp_path: Path):
    write_textgrid(tmp_path / "d.TextGrid", DIALOGUE_IN_SAMPLES)
    grid = parselmouth.read(str(tmp_path / "d.TextGrid"))
    assert call(grid, "Get number of tiers") == 2
    assert call(grid, "Get end time") == 10
    for tier, speaker in enumerate("AB", start=1):
        assert call(grid, "Get tier name", tier) == speaker
        intervals, labels = [], []
        for i in range(1, call(grid, "Get number of intervals", tier) + 1):
            if label := call(grid, "Get label of interval", tier, i):
                labels.append(label)
                intervals.append(
                    (
                        call(grid, "Get start time of interval", tier, i),
                        call(grid, "Get end time of interval", tier, i),
                    )
                )
        assert np.allclose(intervals, of(ROWS, speaker), rtol=0, atol=1e-12)
        assert labels == [f"{speaker}{i + 1}" for i in range(len(intervals))]


def test_elan_finds_the_same_intervals_to_the_millisecond(tmp_path: Path):
    write_eaf(tmp_path / "d.eaf", DIALOGUE_IN_SAMPLES, "dialogue.wav")
    eaf = pympi.Elan.Eaf(str(tmp_path / "d.eaf"))
    assert sorted(eaf.get_tier_names()) == ["A", "B"]
    for speaker in "AB":
        intervals = sorted(eaf.get_annotation_data_for_tier(speaker))
        assert [(a, b) for a, b, _ in intervals] == [
            (round(1000 * a), round(1000 * b)) for a, b in of(ROWS, speaker)
        ]
    assert eaf.get_linked_files()[0]["RELATIVE_MEDIA_URL"] == "./dialogue.wav"
    assert (tmp_path / "d.eaf").read_text().startswith('<?xml version="1.0" encoding="UTF-8"?>')
    assert [path.name for path in tmp_path.iterdir()] == ["d.eaf"]


def test_rttm_and_csv_to_the_microsecond(tmp_path: Path):
    write_rttm(tmp_path / "d.rttm", DIALOGUE_IN_SAMPLES)
    write_csv(tmp_path / "d.csv", DIALOGUE_IN_SAMPLES)
    lines = (tmp_path / "d.rttm").read_text().splitlines()
    assert lines[0] == "SPEAKER duet 1 0.300125 1.399875 <NA> <NA> A <NA> <NA>"
    assert lines[5] == "SPEAKER duet 2 6.312375 2.453063 <NA> <NA> B <NA> <NA>"
    lines = (tmp_path / "d.csv").read_text().splitlines()
    assert lines[:2] == ["conversation,speaker,start,end", "duet,A,0.300125,1.700000"]
    assert lines[6] == "duet,B,6.312375,8.765438"
    assert len(lines) == 8


def eaf(path: Path, dialogue: Conversation) -> None:
    write_eaf(path, dialogue, "dialogue.wav")


@pytest.mark.parametrize(
    ("write", "suffix", "rounding"),
    [
        (write_rttm, "rttm", 0.51e-6),
        (write_csv, "csv", 0.51e-6),
        (write_textgrid, "TextGrid", 1e-12),
        (eaf, "eaf", 0.51e-3),
    ],
)
def test_the_readers_give_the_dialogue_back(
    write: Callable[[Path, Conversation], None], suffix: str, rounding: float, tmp_path: Path
):
    write(tmp_path / f"d.{suffix}", DIALOGUE_IN_SAMPLES)
    reading = read(tmp_path / f"d.{suffix}")
    assert reading.skipped == ()
    (back,) = reading.conversations
    order = np.lexsort((back.speaker, back.onset))
    assert [back.speakers[s] for s in back.speaker[order]] == [name for name, _, _ in ROWS]
    assert np.allclose(back.onset[order], [a for _, a, _ in ROWS], rtol=0, atol=rounding)
    assert np.allclose(back.end[order], [b for _, _, b in ROWS], rtol=0, atol=rounding)


@pytest.mark.parametrize("write", [write_rttm, write_csv, write_textgrid, eaf])
def test_a_speaker_without_ipus_is_no_trouble_and_bytes_repeat(
    write: Callable[[Path, Conversation], None], tmp_path: Path
):
    first, second = tmp_path / "1.txt", tmp_path / "2.txt"
    write(first, ONE_SIDED)
    write(second, ONE_SIDED)
    assert first.read_bytes() == second.read_bytes()
    other = dataclasses.replace(ONE_SIDED, end=np.array([2.5]))
    write(second, other)
    assert first.read_bytes() != second.read_bytes()
