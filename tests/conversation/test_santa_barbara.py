"""Transcripts of the Santa Barbara Corpus: both forms, speakers, sounds, and who is nobody."""

import pytest

from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.formats.santa_barbara import parse
from babble_jax.conversation.reading import inspect
from babble_jax.conversation.source import Source
from tests.conversation import annotations
from tests.conversation.annotations import MARKS, marks, segments


def one(text: str):
    (conversation,), skipped = annotations.parse_conversations(parse, Source("x/SBC001.trn", text))
    return conversation, skipped


def test_the_dialogue_comes_back(tmp_path):
    (tmp_path / "SBC001.trn").write_text(annotations.santa_barbara())
    reading = inspect(tmp_path)
    assert reading.skipped == ()
    (talk,) = reading.conversations
    assert segments(talk) == annotations.SEGMENTS
    assert (marks(talk), talk.id, talk.time_resolution) == (MARKS, "SBC001", 0.01)
    assert [(tier.tier, tier.reason) for tier in reading.tiers if tier.speaker is None] == [
        (">ENV", "sounds of the surroundings")
    ]


@pytest.mark.parametrize("between", [" ", "\t"])
def test_a_line_without_a_name_is_of_the_speaker_before(between: str):
    text = f"0.00{between}9.21\tLENORE: \t... So you\n9.21{between}9.52\t        \tto\n"
    text += f"9.52{between}14.10\tLYNNE:\tfeet?\n"
    assert segments(one(text)[0]) == [("LENORE", 0, 9.21), ("LENORE", 9.21, 9.52), ("LYNNE", 9.52, 14.1)]


@pytest.mark.parametrize(
    ("name", "speaker"),
    [("X_2", "X_2"), ("*DORIS", "DORIS"), ("#RICKIE", "RICKIE"), ("DR. B", "DR. B"), (">DOG", None), ("MANY", None),
     ("BOTH", None)],
)  # fmt: skip
def test_names(name: str, speaker: str | None):
    conversation, _ = one(f"0 1\tANN:\tyes\n1 2\t{name}:\twell\n")
    assert set(conversation.speakers) == {"ANN", *([speaker] if speaker else [])}


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("... well,", 0), ("(H)", None), ("... (H) ..", None), ("(TSK)", None), ("@@@", 1), ("[2@@2] (H)", 1), ("X", 0),
        ("(LAUGH)", 1), ("...(1.2)", None), ("@yes", 0), ("<@ yes @>", 0), ("((DOOR SLAMS))", None), ("<X okay X>", 0),
        ("[Mhm]", 0), ("(Hx)=", None), ("", None),
    ],
)  # fmt: skip
def test_sounds(text: str, mark: int | None):
    conversation, skipped = one(f"0 1\tANN:\tyes\n1 2\tBEN:\t{text}\n")
    assert skipped == []
    assert conversation.mark[conversation.onset == 1].tolist() == ([] if mark is None else [Mark(mark)])


@pytest.mark.parametrize(
    ("line", "reason"),
    [("1.0 ANN: yes", "begin with two times"), ("2 1\tANN:\tyes", "the end 1 is before the start 2")],
)
def test_broken_lines_are_listed(line: str, reason: str):
    conversation, (skip,) = one(f"0 1\tANN:\tyes\n{line}\n1 2\tBEN:\tno\n")
    assert (skip.line, reason in skip.reason, len(conversation.onset)) == (2, True, 2)


def test_a_first_line_without_a_name_is_nobodys():
    conversation, (skip,) = one("0 1\t\tyes\n1 2\tBEN:\tno\n")
    assert (skip.line, conversation.speakers) == (1, ("BEN",))
