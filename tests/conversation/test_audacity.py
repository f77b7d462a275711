"""Labels of Audacity: who speaks, by the labels, by the tracks, or by the files."""

import pytest

from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.formats import audacity
from babble_jax.conversation.reading import inspect
from tests.conversation import annotations
from tests.conversation.annotations import MARKS, marks, read_one, segments


def labels(rows) -> str:
    return "".join(f"{a:.6f}\t{b:.6f}\t{label}\n" for label, a, b in rows)


def test_names_before_a_colon(tmp_path):
    (tmp_path / "talk.txt").write_text(annotations.audacity())
    reading = inspect(tmp_path, text=True)
    assert reading.skipped == ()
    (talk,) = reading.conversations
    assert segments(talk) == annotations.SEGMENTS
    assert (marks(talk), talk.labels) == (MARKS, ("well", "[laughter]", "well", "well"))
    assert "names before the colons" in reading.notes[0]


def test_labels_that_name_the_speakers(tmp_path):
    rows = [(("Ann", "Ben")[n % 2], n, n + 0.9) for n in range(10)]
    (tmp_path / "talk.txt").write_text(labels([*rows, ("", 10, 11), ("[silence]", 11, 12)]))
    reading = inspect(tmp_path)
    assert segments(reading.conversations[0]) == [(name, float(a), b) for name, a, b in rows]
    assert "its labels were taken for names" in reading.notes[0]


def test_tracks_one_after_another_are_speakers(tmp_path):
    words = ["so", "then", "we", "went", "home", "and", "had", "some", "very", "nice", "tea"]
    first = [(word, 2 * n, 2 * n + 0.9) for n, word in enumerate(words)]
    second = [(word, 2 * n + 1, 2 * n + 1.8) for n, word in enumerate(reversed(words))]
    (tmp_path / "talk.txt").write_text(labels(first) + labels(second))
    reading = inspect(tmp_path)
    assert reading.conversations[0].speakers == ("1", "2")
    assert "2 label tracks" in reading.notes[0]


def test_a_file_for_each_speaker(tmp_path):
    for n, name in enumerate(("ann", "ben")):
        rows = [
            ("well", n, n + 0.9),
            ("oh yes", n + 3, n + 4),
            ("<laughter>", n + 5, n + 5.5),
            ("<breath>", n + 8, n + 9),
        ]
        (tmp_path / f"tea_{name}.txt").write_text(labels(rows))
        (tmp_path / f"walk_{name}.txt").write_text(labels(rows[:-1]))
    reading = inspect(tmp_path)
    assert [(one.id, one.speakers) for one in reading.conversations] == [
        ("tea", ("ann", "ben")),
        ("walk", ("ann", "ben")),
    ]
    tea = reading.conversations[0]
    assert tea.mark[tea.speaker == 0].tolist() == [Mark.SPEECH, Mark.SPEECH, Mark.LAUGHTER]


def test_decimal_commas_and_missing_labels(tmp_path):
    (tmp_path / "talk.txt").write_text("0,500000\t1,250000\n2,0\t3,0\twell\n")
    assert segments(read_one(tmp_path)) == [("1", 0.5, 1.25), ("1", 2, 3)]


@pytest.mark.parametrize("text", ["0.1\t0.2\t0.3\n0.2\t0.3\t0.5\n", "0\t1000\n1\tx\n"])
def test_what_is_no_label_track(tmp_path, text: str):
    (tmp_path / "x").write_text(text)
    (tmp_path / "talk").write_text(annotations.rttm())
    assert [skip.file[-1] for skip in inspect(tmp_path).skipped] == ["x"]


def test_blanks_between_the_fields_are_of_another_format():
    assert not audacity.sniff("0.1 0.2 word\n")


def test_broken_labels_are_listed(tmp_path):
    (tmp_path / "talk.txt").write_text(annotations.audacity() * 3 + "2.0\t1.0\tA: x\n")
    (skip,) = inspect(tmp_path).skipped
    assert skip.reason == "the end 1.0 is before the start 2.0"
