"""Timed units of the Map Task."""

import pytest

from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.reading import inspect, read
from babble_jax.errors import BabbleError
from tests.conversation import annotations
from tests.conversation.annotations import MARKS, marks, read_one, segments


def put(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_nxt(tmp_path):
    for speaker in "fg":
        (tmp_path / speaker).write_text(annotations.nxt(speaker))
    conversation = read_one(tmp_path)
    names = {"f": "A", "g": "B"}
    assert [(names[s], a, b) for s, a, b in segments(conversation)] == annotations.SEGMENTS
    assert marks(conversation) == MARKS
    assert (conversation.id, conversation.corpus, conversation.group) == ("q1ec1", "maptask", "q1e")
    assert (conversation.language, conversation.unit, conversation.time_resolution) == (
        "en-GB",
        "word",
        0.0001,
    )
    assert conversation.windows.tolist() == [[0, 5.375]]  # to the later end of the two speakers


def test_nxt_noises(tmp_path):
    kinds = [
        "laugh",
        "unintelligible",
        "inbreath",
        "outbreath",
        "breath",
        "lipsmack",
        "lowamp",
        "nonvocal",
        "cough",
    ]
    rows = [f'<noi start="{i}" end="{i + 1}" type="{kind}"/>' for i, kind in enumerate(kinds)]
    root = '<nite:root xmlns:nite="http://nite.sourceforge.net/" id="tu.q8nc8.{}">{}</nite:root>'
    for speaker in "fg":
        (tmp_path / speaker).write_text(root.format(speaker, "\n".join(rows)))
    conversation = read_one(tmp_path)
    assert conversation.onset.tolist() == [0, 0, 1, 1]
    assert conversation.mark.tolist() == [Mark.LAUGHTER] * 2 + [Mark.SPEECH] * 2


def test_nxt_broken_elements(tmp_path):
    put(tmp_path, "g", annotations.nxt("g"))
    text = annotations.nxt("f").replace(
        '<noi id="out"', '<tu start="5" end="4.5">x</tu>\n<tu start="5"/>\n<noi id="out"'
    )
    put(tmp_path, "f", text)
    first = text.split("\n").index('<tu start="5" end="4.5">x</tu>') + 1
    reading = read(tmp_path)
    assert [skip.line for skip in reading.skipped] == [first, first + 1]
    assert len(reading.conversations[0].onset) == 4


def test_nxt_only_the_outermost_root_says_whose_units_they_are(tmp_path):
    put(tmp_path, "g", annotations.nxt("g"))
    inner = '<nite:root id="tu.q8ec8.g"><tu start="5" end="5.1"/></nite:root><noi id="out"'
    put(tmp_path, "f", annotations.nxt("f").replace('<noi id="out"', inner))
    (conversation,) = read(tmp_path).conversations
    assert (conversation.id, conversation.speakers) == ("q1ec1", ("f", "g"))
    assert conversation.speaker[conversation.onset == 5].tolist() == [0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (annotations.nxt("f")[:-20], "not well-formed"),
        (annotations.nxt("f").replace("tu.q1ec1.f", "nobody"), "names no speaker"),
    ],
)
def test_nxt_broken_files(tmp_path, text, reason):
    path = put(tmp_path, "f", text)
    with pytest.raises(BabbleError, match=f"{path}.*line.*{reason}"):
        read(path)
    put(tmp_path, "g", annotations.nxt("g"))
    put(tmp_path, "talk", annotations.rttm())
    reading = read(tmp_path)
    assert [c.id for c in reading.conversations] == ["talk"]
    assert any(reason in skip.reason for skip in reading.skipped)
    assert any("has only speaker g" in skip.reason for skip in reading.skipped)


def test_words_of_ami(tmp_path):
    for speaker in "AB":
        put(tmp_path, f"EN2001a.{speaker}.words.xml", annotations.ami(speaker))
    reading = inspect(tmp_path, text=True)
    assert reading.skipped == ()
    (conversation,) = reading.conversations
    assert segments(conversation) == annotations.SEGMENTS
    assert marks(conversation) == MARKS
    assert conversation.labels == ("well", "<laugh>", "well", "well")
    assert (conversation.id, conversation.corpus, conversation.group) == ("EN2001a", "ami", "EN2001")
    assert (conversation.language, conversation.unit) == ("en", "word")
    assert conversation.windows.tolist() == [[0.5, 9.5]]


def test_any_number_of_speakers_and_words_of_icsi(tmp_path):
    root = '<nite:root nite:id="Bro018.{0}.words" xmlns:nite="http://nite.sourceforge.net/">{1}</nite:root>'
    for n, speaker in enumerate("ABCDEF"):
        words = f'<w nite:id="a" starttime="{n}" endtime="{n}.5" c="W">Oh</w>'
        words += f'<w starttime="{n}" endtime="{n}.9" c=".">.</w>'
        sounds = '<vocalsound description="laugh"/><vocalsound starttime="9" endtime="9.5" description="breath-laugh"/>'
        put(tmp_path, f"{speaker}.xml", root.format(speaker, words + sounds))
    conversation = read_one(tmp_path)
    assert conversation.speakers == tuple("ABCDEF")
    assert marks(conversation) == [Mark.SPEECH] * 6 + [Mark.LAUGHTER] * 6


def test_words_of_switchboard_nxt(tmp_path):
    word = '<word nite:id="s1_1" nite:start="{0}" nite:end="{1}" orth="{2}" pos="UH"><nite:pointer role="phon"/></word>'
    for speaker, start in (("A", 0.5), ("B", 1.5)):
        words = word.format(start, start + 0.4, "Yeah") + word.format("n/a", "n/a", "so") + '<punc orth="."/>'
        root = f'<nite:terminal_stream nite:id="sw2005-{speaker}-terminals" xmlns:nite="http://nite.sourceforge.net/">'
        more = '<sil nite:id="s"/><trace nite:id="t"/></nite:terminal_stream>'
        put(tmp_path, f"{speaker}.xml", root + words + word.format("non-aligned", "non-aligned", "to") + more)
    reading = inspect(tmp_path, text=True)
    assert reading.skipped == ()
    (conversation,) = reading.conversations
    assert (conversation.id, conversation.labels) == ("sw2005", ("Yeah", "Yeah"))
    assert segments(conversation) == [("A", 0.5, 0.9), ("B", 1.5, 1.9)]


def test_the_name_of_the_file_says_whose_words_they_are_where_the_root_does_not(tmp_path):
    for speaker in "AB":
        put(
            tmp_path,
            f"EN2001a.{speaker}.words.xml",
            annotations.ami(speaker).replace(f'nite:id="EN2001a.{speaker}.words"', ""),
        )
    assert segments(read_one(tmp_path)) == annotations.SEGMENTS


def test_a_word_with_one_time_is_listed(tmp_path):
    text = annotations.ami("A").replace(
        "</nite:root>", '<w starttime="5">x</w><w starttime="5" endtime="4">x</w><w endtime="6"/></nite:root>'
    )
    put(tmp_path, "A", text)
    put(tmp_path, "B", annotations.ami("B"))
    assert [skip.reason for skip in inspect(tmp_path).skipped] == [
        "a word without an end",
        "the end 4 is before the start 5",
        "a word without a start",
    ]


def test_parts_of_a_contraction_are_one_word(tmp_path):
    parts = '<word nite:start="1" nite:end="n/a" orth="it"/><trace/><word nite:start="n/a" nite:end="1.5" orth="\'s"/>'
    for speaker, more in (("A", parts), ("B", '<word nite:start="2" nite:end="3" orth="so"/>')):
        root = f'<nite:root nite:id="sw2005.{speaker}.terminals" xmlns:nite="http://nite.sourceforge.net/">'
        put(tmp_path, speaker, f"{root}{more}</nite:root>")
    (conversation,) = inspect(tmp_path, text=True).conversations
    assert segments(conversation) == [("A", 1, 1.5), ("B", 2, 3)]
    assert conversation.labels == ("it's", "so")
