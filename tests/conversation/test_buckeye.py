"""Words of the Buckeye corpus: the one who is interviewed, the interviewer, and what is neither."""

import pytest

from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.layout.layout import Layout
from babble_jax.conversation.reading import inspect, read
from tests.conversation import annotations
from tests.conversation.annotations import segments

WORDS = [(0.5, 0.7), (0.7, 0.9), (1.5, 2.0), (2.2, 2.5), (4.0, 4.2)]


def test_words_of_the_one_who_is_interviewed(tmp_path):
    (tmp_path / "s0101a.words").write_text(annotations.buckeye())
    reading = inspect(tmp_path, text=True)
    assert (reading.skipped, reading.conversations) == ((), ())
    (talk,) = reading.monologues
    assert segments(talk) == [("s01", a, b) for a, b in WORDS]
    assert talk.mark.tolist() == [0, 0, Mark.LAUGHTER, 0, 0]
    assert talk.labels == ("well", "<LAUGH-yes>", "<LAUGH>", "<CUTOFF-th=this>", "no")
    assert (talk.id, talk.corpus, talk.group, talk.language, talk.unit) == (
        "s0101a",
        "buckeye",
        "s01",
        "en",
        "word",
    )
    assert talk.windows.tolist() == [[0.1, 4.2]]
    assert [(tier.tier, tier.segments) for tier in reading.tiers if tier.speaker is None] == [
        ("interviewer", 2)
    ]


def test_the_interviewer_is_taken_where_the_user_says_so(tmp_path):
    (tmp_path / "s0101a.words").write_text(annotations.buckeye())
    (talk,) = read(tmp_path, layout=Layout(tiers=".")).conversations
    assert segments(talk) == sorted(
        [*(("s01", a, b) for a, b in WORDS), ("interviewer", 0.9, 1.5), ("interviewer", 2.5, 4.0)],
        key=lambda row: row[1],
    )


def test_the_speaker_of_a_file_of_another_name_has_it(tmp_path):
    (tmp_path / "x.words").write_text(annotations.buckeye().replace("<IVER>", "<SIL>"))
    assert inspect(tmp_path).monologues[0].speakers == ("x",)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("   3.0  121 no; n; n; NN", "the end 3.0 is before that of the row above"),
        ("   x  121 no; n; n; NN", "'x' is not a time"),
        ("   9.0", "no row of a word"),
    ],
)
def test_broken_rows_are_listed(tmp_path, row: str, reason: str):
    text = annotations.buckeye()
    (tmp_path / "s0101a").write_text(f"{text}{row}\n   7.0  121 <SIL>; S; S; null\n")
    reading = inspect(tmp_path)
    (skip,) = reading.skipped
    assert (skip.line, reason in skip.reason) == (text.count("\n") + 1, True)
    assert len(reading.monologues[0].onset) == 5


def test_phones_of_the_same_form_are_not_taken_for_words(tmp_path):
    (tmp_path / "s0101a.phones").write_text("signal s0101a\n#\n  0.1 121 w\n  0.2 121 eh\n")
    (tmp_path / "talk").write_text(annotations.rttm())
    assert [skip.file[-6:] for skip in inspect(tmp_path).skipped] == ["phones"]
