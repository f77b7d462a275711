"""RTTM, and the sums of its times."""

from babble_jax.conversation.reading import read
from tests.conversation import annotations
from tests.conversation.annotations import read_one, segments


def test_rttm(tmp_path):
    path = tmp_path / "x"
    others = ";; a comment\nSPKR-INFO talk 1 <NA> <NA> <NA> unknown A <NA>\n"
    path.write_text(others + annotations.rttm("talk.cha") + annotations.rttm("walk"))
    reading = read(path)
    assert reading.skipped == ()
    assert [c.id for c in reading.conversations] == ["talk", "walk"]
    for conversation in reading.conversations:
        assert segments(conversation) == annotations.SEGMENTS
        assert conversation.windows.tolist() == [[0.5, 5.125]]
        assert (conversation.unit, conversation.language) == ("utterance", None)
        assert conversation.corpus == tmp_path.name
        assert conversation.group == conversation.id


def test_sums_of_decimal_times_are_decimal(tmp_path):
    assert 0.1 + 0.2 != 0.3
    (tmp_path / "x").write_text(
        "SPEAKER t 1 0.1 0.2 <NA> <NA> A <NA> <NA>\nSPEAKER t 1 0.3 1 <NA> <NA> B <NA> <NA>\n"
    )
    assert read_one(tmp_path / "x").end.tolist() == [0.3, 1.3]


def test_an_end_is_never_rounded_to_before_its_start(tmp_path):
    (tmp_path / "x").write_text("SPEAKER t 1 0.10000000049 1e-320 <NA> <NA> A <NA> <NA>\n")
    conversation = read_one(tmp_path / "x")
    assert conversation.end.tolist() == conversation.onset.tolist() == [0.10000000049]
