"""Timed units of the Map Task."""

import pytest

from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.reading import read
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
