"""ELAN files: what is a speaker, what is a segment, and that pympi reads the same."""

import re

import numpy as np
import pympi.Elan
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.conversation.formats.elan import parse, write_eaf
from babble_jax.conversation.reading import inspect
from babble_jax.conversation.source import Source
from babble_jax.errors import BabbleError
from tests.conversation import annotations


def rows(conversation: Conversation) -> list[tuple[str, float, float]]:
    segments = zip(conversation.speaker, conversation.onset, conversation.end, strict=True)
    return sorted((conversation.speakers[s], float(a), float(b)) for s, a, b in segments)


def one(text: str) -> Conversation:
    (conversation,), skipped = annotations.parse_conversations(parse, Source("x/dinner.eaf", text))
    assert skipped == []
    return conversation


def test_the_dialogue_comes_back():
    dinner = one(annotations.eaf())
    assert rows(dinner) == sorted(annotations.SEGMENTS)
    assert dinner.mark[np.argsort(dinner.onset)].tolist() == [
        Mark.SPEECH,
        Mark.LAUGHTER,
        Mark.SPEECH,
        Mark.SPEECH,
    ]
    assert (dinner.id, dinner.corpus, dinner.unit, dinner.time_resolution) == (
        "dinner",
        "x",
        "utterance",
        0.001,
    )
    assert dinner.windows.tolist() == [[0.5, 5.125]]


def test_speakers():
    text = annotations.eaf()
    assert one(text.replace(' PARTICIPANT="A"', "")).speakers == ("A", "B")
    assert one(text.replace('PARTICIPANT="A"', 'PARTICIPANT=" "')).speakers == ("A", "B")
    assert one(text.replace('PARTICIPANT="A"', 'PARTICIPANT="B"')).speakers == ("B",)
    assert rows(one(text.replace('PARTICIPANT="A"', 'PARTICIPANT="B"'))) == sorted(
        ("B", a, b) for _, a, b in annotations.SEGMENTS
    )


@pytest.mark.parametrize(("attribute", "speaker"), [("", "A"), (' PARTICIPANT="C"', "C")])
def test_a_tier_below_another_is_of_its_speaker_unless_it_names_one(attribute: str, speaker: str):
    text = annotations.eaf().replace('TIME_SLOT_ID="ts90"', 'TIME_SLOT_ID="ts90" TIME_VALUE="700"')
    text = text.replace('TIER_ID="words@A"', f'TIER_ID="words@A"{attribute}')
    more = {(speaker, 0.5, 0.7)} if speaker == "C" else set()  # a part of what A says, not something else
    assert set(rows(one(text))) - set(annotations.SEGMENTS) == more


@pytest.mark.parametrize(
    ("label", "mark"),
    [("", 0), ("  ", 0), ("<b>", 0), ("sil", None), ("[Pause]", None), ("Laughter", 1), ("x" * 10**6, 0)],
)
def test_labels(label: str, mark: int | None):
    """Three annotations have the label, one laughs."""
    escaped = label.replace("<", "&lt;")
    marks = one(re.sub("he said[^<]*", lambda _: escaped, annotations.eaf())).mark.tolist()
    assert sorted(marks) == sorted([Mark.LAUGHTER, *([] if mark is None else [mark] * 3)])


@pytest.mark.parametrize(
    "kind", ["REF_ANNOTATION ANNOTATION_REF=''", "ALIGNABLE_ANNOTATION TIME_SLOT_REF1=''"]
)
def test_a_label_is_of_its_own_annotation_only(kind: str):
    """Neither one without times nor a broken one says what the annotation before it holds."""
    other = f"<{kind}><ANNOTATION_VALUE>laughter</ANNOTATION_VALUE></{kind.split()[0]}>"
    text = re.sub("he said[^<]*(.*</ANNOTATION>)", rf"\1<ANNOTATION>{other}</ANNOTATION>", annotations.eaf())
    (conversation,), _ = annotations.parse_conversations(parse, Source("x", text))
    assert sorted(conversation.mark.tolist()) == [Mark.SPEECH] * 3 + [Mark.LAUGHTER]


def at(text: str, part: str) -> int:
    """The number of the first line that holds `part`."""
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"', 'TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="ts1"', "before the start"),
        ('TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"', 'TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="no"', "'no' is missing"),
        ('TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"', 'TIME_SLOT_REF1="ts1"', "without TIME_SLOT_REF2"),
    ],
)  # fmt: skip
def test_a_broken_annotation_is_listed_with_its_line_and_the_others_are_read(old: str, new: str, reason: str):
    text = annotations.eaf().replace(old, new, 1)
    (conversation,), (skip,) = annotations.parse_conversations(parse, Source("x", text))
    assert skip.line == at(text, new)
    assert reason in skip.reason
    assert len(conversation.onset) == 3


@pytest.mark.parametrize("value", ["12.5x", "-3", "-0.5", "1e3", ".", "nan", "x", "", "1_0", "2000000000"])
def test_broken_time_slots(value: str):
    text = annotations.eaf().replace('TIME_VALUE="500"', f'TIME_VALUE="{value}"')
    (conversation,), (skip,) = annotations.parse_conversations(parse, Source("x", text))
    assert skip.line == at(text, 'ANNOTATION_ID="a0"')
    assert len(conversation.onset) == 3


@pytest.mark.parametrize(
    ("value", "seconds"), [("500.0", 0.5), ("500.", 0.5), (" 500 ", 0.5), ("437.1234", 0.4371234)]
)
def test_time_slots_with_decimals(value: str, seconds: float):
    talk = one(annotations.eaf().replace('TIME_VALUE="500"', f'TIME_VALUE="{value}"'))
    assert rows(talk) == sorted([("A", seconds, 1.25), *annotations.SEGMENTS[1:]])


def tier(name: str, segments, **attributes: str) -> str:
    """A tier of segments, label, start and end in ms, with time slots of their own before it."""
    slots = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{name}{ms}" TIME_VALUE="{ms}"/>'
        for _, *times in segments
        for ms in set(times)
    )
    own = "".join(
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{name}{n}" TIME_SLOT_REF1="{name}{a}" '
        f'TIME_SLOT_REF2="{name}{b}">'
        f"<ANNOTATION_VALUE>{label}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
        for n, (label, a, b) in enumerate(segments)
    )
    more = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'{slots}<TIER TIER_ID="{name}"{more}>{own}</TIER>'


def document(*tiers: str) -> str:
    vocabulary = '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="states" CONTROLLED_VOCABULARY_REF="list"/>'
    return "<ANNOTATION_DOCUMENT>" + "".join(tiers) + vocabulary + "</ANNOTATION_DOCUMENT>"


TALK = [
    ("ann", [("so", 1000, 2000), ("right", 5000, 5600)]),
    ("ben", [("well", 2500, 4000), ("yes", 6000, 6800)]),
]
SPOKEN = [("ann", 1, 2), ("ann", 5, 5.6), ("ben", 2.5, 4), ("ben", 6, 6.8)]


def test_a_type_with_a_controlled_vocabulary_holds_codes(tmp_path):
    codes = [("on", 900, 2100), ("off", 2400, 4100), ("on", 4900, 7000)]
    text = document(*(tier(*one) for one in TALK), tier("state", codes, LINGUISTIC_TYPE_REF="states"))
    (tmp_path / "x.eaf").write_text(text)
    reading = inspect(tmp_path)
    assert rows(reading.conversations[0]) == SPOKEN
    assert [(one.tier, one.reason) for one in reading.tiers if one.speaker is None] == [
        ("state", "its labels are codes of a fixed vocabulary")
    ]
    (tmp_path / "x.eaf").write_text(document(*(tier(*one, LINGUISTIC_TYPE_REF="states") for one in TALK)))
    assert rows(inspect(tmp_path).conversations[0]) == SPOKEN  # no tier would be left


def test_the_type_of_a_tier_says_what_it_is(tmp_path):
    """As in the example that comes with ELAN."""
    gestures = tier("K-RGU", [("left", 500, 3500), ("right", 4000, 4600)], LINGUISTIC_TYPE_REF="gestures")
    (tmp_path / "x.eaf").write_text(
        document(*(tier(*one, LINGUISTIC_TYPE_REF="utterance") for one in TALK), gestures)
    )
    reading = inspect(tmp_path)
    assert rows(reading.conversations[0]) == SPOKEN
    assert [one.reason for one in reading.tiers if one.speaker is None] == ["its type is gestures"]


def test_tiers_over_all_of_the_file_and_of_gestures_are_no_speakers(tmp_path):
    more = tier("context", [("sampled", 0, 10_000)]), tier("gestures", [("nod", 500, 6500)])
    (tmp_path / "x.eaf").write_text(document(*(tier(*one) for one in TALK), *more))
    assert rows(inspect(tmp_path).conversations[0]) == SPOKEN


def test_empty_annotations_of_a_tier_that_divides_its_time_are_silence(tmp_path):
    tiers = []
    for name, own in TALK:
        edges = [0, *(ms for _, a, b in own for ms in (a, b)), 10_000]
        labels = ["", own[0][0], "", own[1][0], ""]
        tiers.append(tier(name, list(zip(labels, edges[:-1], edges[1:], strict=True))))
    (tmp_path / "x.eaf").write_text(document(*tiers))
    assert rows(inspect(tmp_path).conversations[0]) == SPOKEN


def test_the_participant_counts_before_the_name_of_the_tier_above(tmp_path):
    above = tier("words@A", [("so", 1000, 2000)], PARTICIPANT="Ann"), tier("other", [("well", 2500, 4000)])
    below = tier("pieces", [("no", 5000, 6000)], PARENT_REF="words@A", PARTICIPANT="Cleo")
    (tmp_path / "x.eaf").write_text(document(*above, below))
    assert rows(inspect(tmp_path).conversations[0]) == [("Ann", 1, 2), ("Cleo", 5, 6), ("other", 2.5, 4)]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("</ANNOTATION_DOCUMENT>", "", "not well-formed"),
        ("<HEADER", "&lol;<HEADER", "not well-formed"),
        ("<ANNOTATION_DOCUMENT", '<!DOCTYPE x [<!ENTITY lol "ha">]><ANNOTATION_DOCUMENT', "entities"),
        ('TIME_UNITS="milliseconds"', 'TIME_UNITS="PAL-frames"', "PAL-frames"),
    ],
)
def test_files_that_are_refused(tmp_path, old: str, new: str, reason: str):
    path = tmp_path / "x.eaf"
    path.write_text(annotations.eaf().replace(old, new, 1))
    with pytest.raises(BabbleError, match=rf"{path}, line \d+: .*{reason}"):
        inspect(path)


def test_tiers_above_themselves_end():
    text = annotations.eaf().replace('PARENT_REF="utterance@A"', 'PARENT_REF="words@A"')
    text = text.replace('TIME_SLOT_ID="ts90"', 'TIME_SLOT_ID="ts90" TIME_VALUE="700"')
    (conversation,), (skip,) = annotations.parse_conversations(parse, Source("x", text))
    assert rows(conversation) == sorted(annotations.SEGMENTS)
    assert "above itself" in skip.reason


dialogues = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 10**6), st.integers(1, 10**5)), min_size=1, max_size=20
)


@settings(max_examples=50, deadline=None)
@given(dialogues)
def test_our_own_files_and_pympi_say_the_same(tmp_path_factory, dialogue):
    folder = tmp_path_factory.mktemp("eaf")
    speaker, onset, length = np.array(dialogue).T
    conversation = Conversation(
        "talk", "x", ("Ann", "Bob", "Çe"), speaker.astype(np.int32), onset / 1000, (onset + length) / 1000,
        np.zeros(len(onset), np.uint8), "ipu", None, "talk", np.array([[0.0, 2000.0]]),
    )  # fmt: skip
    write_eaf(folder / "talk.eaf", conversation, "talk.wav")
    reading = inspect(folder / "talk.eaf")
    assert reading.skipped == ()
    (again,) = (*reading.conversations, *reading.monologues)
    assert rows(again) == rows(conversation)  # to the bit: whole milliseconds
    eaf = pympi.Elan.Eaf(str(folder / "talk.eaf"))
    theirs = [(t, a / 1000, b / 1000) for t in eaf.tiers for a, b, _ in eaf.get_annotation_data_for_tier(t)]
    assert rows(again) == sorted(theirs)
