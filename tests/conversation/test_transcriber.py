"""Transcriber's files: turns of one and of several speakers, events, sections, broken elements."""

import pytest

from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.formats.transcriber import parse
from babble_jax.conversation.reading import inspect
from babble_jax.conversation.source import Source
from babble_jax.errors import BabbleError
from tests.conversation import annotations
from tests.conversation.annotations import MARKS, marks, segments


def turns(content: str, speakers: str = '<Speaker id="s1" name="Ann"/><Speaker id="s2" name="Ben"/>') -> str:
    return f"<Trans><Speakers>{speakers}</Speakers><Episode>{content}</Episode></Trans>"


def one(text: str):
    (conversation,), skipped = annotations.parse_conversations(parse, Source("x/talk.trs", text))
    return conversation, skipped


def test_the_dialogue_comes_back():
    talk, skipped = one(annotations.transcriber())
    assert skipped == []
    assert segments(talk) == annotations.SEGMENTS
    assert marks(talk) == MARKS
    assert (talk.id, talk.corpus, talk.language, talk.unit) == ("talk", "x", "fr", "utterance")
    assert talk.windows.tolist() == [[0, 6]]


def test_points_in_time_divide_a_turn_and_each_speaker_has_what_follows_their_number():
    text = turns(
        '<Turn speaker="s1 s2" startTime="1" endTime="6"><Sync time="1"/><Who nb="1"/>well<Who nb="2"/>oh'
        '<Sync time="2"/><Who nb="2"/> yes <Sync time="4"/><Who nb="1"/>no<Who nb="1"/>never</Turn>'
        '<Turn speaker="s2 s1" startTime="7" endTime="8"><Sync time="7"/>together</Turn>'
    )
    talk, skipped = one(text)
    assert skipped == []
    assert sorted(segments(talk)) == [
        ("Ann", 1, 2), ("Ann", 4, 6), ("Ann", 7, 8), ("Ben", 1, 2), ("Ben", 2, 4), ("Ben", 7, 8),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "mark"),
    [
        ("well", Mark.SPEECH), ("", None), ("  \n ", None), ('<Event desc="rire" type="noise"/>', Mark.LAUGHTER),
        ('<Event desc="i"/>', None), ('<Event desc="tx"/><Event desc="laughter"/>', Mark.LAUGHTER),
        ('<Event desc="rire" extent="begin"/>well<Event desc="rire" extent="end"/>', Mark.SPEECH),
        ('<Event desc="en" type="language" extent="begin"/>', None), ('<Background time="1" type="music"/>', None),
        ("((laughs))", Mark.LAUGHTER), ("<Comment desc='door'/>", None),
    ],
)  # fmt: skip
def test_events_and_text(content: str, mark: Mark | None):
    other = '<Turn speaker="s2" startTime="3" endTime="4"><Sync time="3"/>yes</Turn>'
    turn = f'<Turn speaker="s1" startTime="1" endTime="2"><Sync time="1"/>{content}</Turn>'
    talk, skipped = one(turns(turn + other))
    assert skipped == []
    assert talk.speakers == ("Ann", "Ben")
    assert talk.mark[talk.onset == 1].tolist() == ([] if mark is None else [mark])


def test_sections_that_were_not_transcribed_are_not_observed():
    content = "".join(
        f'<Section type="{kind}" startTime="{a}" endTime="{b}"><Turn speaker="{who}" startTime="{a}" endTime="{b}">'
        f'<Sync time="{a}"/>{text}</Turn></Section>'
        for kind, a, b, who, text in [("report", 0, 2, "s1", "a"), ("filler", 2, 3, "s2", "b"),
                                      ("nontrans", 3, 9, "", ""), ("report", 9, 12, "s1", "c"),
                                      ("nontrans", 12, 15, "s1", ""), ("nontrans", 16, 18, "s2", "d")]
    )  # fmt: skip
    assert one(turns(content))[0].windows.tolist() == [[0, 3], [9, 12], [16, 18]]  # the last one has text


def test_speakers_without_a_name_or_with_the_same_one_have_their_id():
    turn = '<Turn speaker="{0}" startTime="{1}" endTime="{2}"><Sync time="{1}"/>a</Turn>'
    content = "".join(turn.format(f"s{n}", n, n + 1) for n in range(1, 5))
    names = '<Speaker id="s1" name=""/><Speaker id="s2" name="Ann"/><Speaker id="s3" name="Ann"/>'
    assert one(turns(content, names))[0].speakers == ("Ann (s2)", "Ann (s3)", "s1", "s4")


@pytest.mark.parametrize(
    ("broken", "reason", "left"),
    [
        ('<Turn speaker="s1" startTime="5" endTime="4"><Sync time="5"/>a</Turn>', "before the start", 1),
        (f'<Turn speaker="{"s1 " * 21}" startTime="4" endTime="6"><Sync time="4"/>a</Turn>', "21 speakers", 1),
        ('<Turn speaker="s1" endTime="4"><Sync time="5"/>a</Turn>', "'' is not a time", 1),
        ('<Turn speaker="s1" startTime="4" endTime="6"><Sync time="x"/>a</Turn>', "'x' is not a time", 2),
        ('<Turn speaker="s1" startTime="4" endTime="6"><Sync time="7"/>a</Turn>', "the end 6 is before the start 7", 1),
        ('<Turn speaker="s1" startTime="4" endTime="6"><Sync time="4"/><Who nb="2"/>a</Turn>', "number '2'", 1),
    ],
)  # fmt: skip
def test_broken_elements_are_listed(broken: str, reason: str, left: int):
    good = '<Turn speaker="s2" startTime="1" endTime="2"><Sync time="1"/>yes</Turn>'
    talk, (skip,) = one(turns(good + "\n" + broken))
    assert skip.line == 2
    assert reason in skip.reason
    assert len(talk.onset) == left


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (annotations.transcriber()[:-20], "not well-formed"),
        (annotations.transcriber().replace('"trans-14.dtd"', '"t" [<!ENTITY a "ha">]'), "entities"),
        ("<Trans></Trans>", "no turn with text"),
    ],
)
def test_files_that_are_refused(tmp_path, text: str, reason: str):
    (tmp_path / "x.trs").write_text(text)
    with pytest.raises(BabbleError, match=reason):
        inspect(tmp_path / "x.trs")
