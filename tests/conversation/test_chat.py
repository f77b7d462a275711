"""CHAT files: bullets, laughter, language, broken lines; and that pylangacq reads the same."""

import numpy as np
import pylangacq
import pytest

from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.formats.chat import parse
from babble_jax.conversation.source import Source
from tests.conversation import annotations

HEAD = "@UTF8\n@Begin\n@Languages:\teng\n"


def segments(text: str):
    (conversation,), skipped = annotations.parse_conversations(parse, Source("x/talk.cha", text))
    rows = zip(conversation.speaker, conversation.onset, conversation.end, strict=True)
    return [(conversation.speakers[s], a, b) for s, a, b in rows], [
        (skip.line, skip.reason) for skip in skipped
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_dialogue_comes_back(newline: str):
    text = annotations.chat().replace("\n", newline)
    assert segments(text) == (annotations.SEGMENTS, [])
    (talk,), _ = annotations.parse_conversations(parse, Source("x/talk.cha", text))
    assert talk.mark.tolist() == [Mark.SPEECH, Mark.LAUGHTER, Mark.SPEECH, Mark.SPEECH]
    assert (talk.id, talk.corpus, talk.language, talk.unit, talk.time_resolution) == (
        "talk",
        "x",
        "en",
        "utterance",
        0.001,
    )
    assert talk.windows.tolist() == [[0.5, 5.125]]


def test_pylangacq_says_the_same():
    text = annotations.chat()
    theirs = pylangacq.CHAT.from_strs([text], strict=False).utterances()
    marks = [(u.participant, *(ms / 1000 for ms in u.time_marks or ())) for u in theirs]
    assert segments(text)[0] == marks


@pytest.mark.parametrize(
    ("content", "mark"),
    [
        ("&=laughs .", 1),
        ("&=laughs &=coughs .", 1),
        ("&=chuckles (.) &=laughing !", 1),
        ("&=laughs . [+ exc]", 1),
        ("0 [=! laughs] .", 1),
        ("&=coughs .", None),
        ("&=points:book (1.5) .", None),
        ("0 .", None),
        ("yes &=laughs .", 0),
        ("yes [=! laughing] .", 0),
        ("xxx .", 0),
        ("www .", 0),
        ("&-uh +...", 0),
        ("ah@i", 0),
        ("", 0),
        (".", 0),
        ("&=babbles .", 2),
        ("&=vocalizes . [+ nc]", 2),
        ("&=vocalises &=coughs .", 2),
        ("&=laughs &=squeals .", 1),
        ("&=coos !", 2),
        ("&=coordinates .", None),
        ("&=imit:dog .", 2),
        ("yyy a mama [=! babbles] .", 0),
    ],
)
def test_marks(content: str, mark: int | None):
    (talk,), skipped = annotations.parse_conversations(
        parse, Source("x", f"{HEAD}*A:\t{content} \x15500_1250\x15\n@End\n")
    )
    assert (talk.mark.tolist(), skipped) == ([] if mark is None else [mark], [])


def test_bullets_of_all_kinds():
    text = (
        '*A:\tone . \x15%snd:"a b.wav"_0_100\x15\n*A:\ttwo \x15200_300\x15 and three . \x15300_450-\x15\n'
        "%wor:\ttwo \x151_2\x15\n*B:\tfour\n\tfive .\n\t\x15 500_600 \x15\n"
    )
    expected = [("A", 0, 0.1), ("A", 0.2, 0.3), ("A", 0.3, 0.45), ("B", 0.5, 0.6)]
    assert segments(HEAD + text) == (expected, [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("*A:\twell .", "without a time bullet"),
        ("*A:\twell . \x15900_150\x15", "the end 150 is before the start 900"),
        ("*A:\twell . \x15x_150\x15", "'x' is not a time in milliseconds"),
        ("*A:\twell . \x15-5_150\x15", "negative"),
        ("*A:\twell . \x151.5_150\x15", "'1.5' is not a time"),
        ("*A:\twell . \x155_99999999999999\x15", "later than"),
        ("*A:\twell . \x15150\x15", "no time bullet"),
        ("*A:\twell . \x15\x15", "no time bullet"),
        ("*A:\twell . \x151_2", "does not end"),
        ("*A well . \x151_2\x15", "without a speaker and a colon"),
        ("*A said: well . \x151_2\x15", "without a speaker and a colon"),
        ("*:\twell . \x151_2\x15", "without a speaker and a colon"),
        ("A:\twell . \x151_2\x15", "begins with none of"),
        ("*\ufffd:\twell . \x151_2\x15", "UTF-8"),
    ],
)
def test_broken_lines_are_listed_and_the_others_are_read(line: str, reason: str):
    good = "*A:\tyes . \x15100_200\x15\n"
    rows, ((number, message),) = segments(f"{HEAD}{good}{line}\n{good}")
    assert (number, rows) == (5, [("A", 0.1, 0.2)] * 2)
    assert reason in message
    assert "well" not in message


def test_a_broken_bullet_has_the_line_it_stands_on():
    rows, skipped = segments(f"{HEAD}*A:\tyes \x15100_200\x15\n\tand no\n\tnever . \x15300_x\x15\n")
    assert (rows, skipped[0][0]) == ([("A", 0.1, 0.2)], 6)


@pytest.mark.parametrize("text", ["", "@Begin\n@End\n", "\n\n", "\tx\n", HEAD + "*A:\tno .\n"])
def test_nothing_to_read(text: str):
    conversations, skipped = annotations.parse_conversations(parse, Source("x", text))
    assert conversations == []
    assert len(skipped) == 1


@pytest.mark.parametrize(
    ("codes", "language"),
    [
        ("eng, spa", "en"),
        ("yue", "yue"),
        ("zho", "zh"),
        ("cmn", "zh"),
        ("de", "de"),
        ("English", None),
        ("", None),
    ],
)
def test_languages(codes: str, language: str | None):
    (talk,), _ = annotations.parse_conversations(parse, Source("x", annotations.chat(codes)))
    assert talk.language == language


def test_the_folder_knows_the_language_where_the_file_does_not():
    (talk,), _ = annotations.parse_conversations(
        parse, Source("CallHomeGerman/4000.cha", annotations.chat("?"))
    )
    assert (talk.corpus, talk.language) == ("CallHomeGerman", "de")


def test_many_lines_take_time_in_proportion():
    line = "*A:\twell I see . \x15500_1250\x15\n"
    (talk,), _ = annotations.parse_conversations(
        parse, Source("x", HEAD + line * 20_000 + "*A:\t" + "\x15" * 20_001 + "\n")
    )
    np.testing.assert_array_equal(talk.onset, 0.5)


def test_a_code_may_hold_spaces():
    text = (
        "*MS. A:\tone . \x150_1000\x15\n*BO:\ttwo . \x151300_2000\x15\n*MS.  A:\tthree . \x152200_3000\x15\n"
    )
    assert segments(HEAD + text) == ([("MS. A", 0, 1), ("BO", 1.3, 2), ("MS. A", 2.2, 3)], [])


def test_turns_of_small_children_are_noise_of_the_voice():
    text = "*CHI:\t&=babbles . \x150_1000\x15\n*MOT:\toh ? \x151300_2000\x15\n*CHI:\t&=vocalizes . \x152200_3000\x15\n"
    rows, skipped = segments(HEAD + text)
    assert (rows, skipped) == ([("CHI", 0, 1), ("MOT", 1.3, 2), ("CHI", 2.2, 3)], [])
