"""Groups of conversations that share people, by the names of the speakers."""

import numpy as np
import pytest

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.layout.layout import Layout
from babble_jax.conversation.layout.people import group_by_people


def make(id: str, speakers, corpus: str = "x", group: str | None = None):
    none = np.zeros(0)
    return Conversation(
        id, corpus, tuple(speakers), none.astype(np.int32), none, none, none.astype(np.uint8), "word", None,
        group or id, np.zeros((1, 2)),
    )  # fmt: skip


def groups(*names, same_names=None):
    conversations, note = group_by_people(
        [make(str(n), own) for n, own in enumerate(names)], Layout(same_names=same_names)
    )
    return [int(one.group) for one in conversations], note


@pytest.mark.parametrize(
    "names",
    [
        [("A", "B"), ("A", "B")],
        [("left", "right channel")] * 2,
        [("SPEAKER_00", "SPEAKER_07"), ("SPEAKER_00", "SPEAKER_01")],
        [("spk1", "spk2")] * 2,
        [("P1", "P2"), ("P1", "P2", "P3")],
        [("0", "1")] * 2,
        [("CHI", "MOT")] * 2,
        [("agent", "user 1"), ("agent", "user 2")],
    ],
)
def test_roles_and_channels_make_no_groups(names):
    index, note = groups(*names)
    assert index == list(range(len(names)))
    assert note is not None
    assert "not for" in note
    assert note.endswith("--same-names people says otherwise")
    assert groups(*names, same_names="people") == ([0] * len(names), None)


@pytest.mark.parametrize(
    ("names", "index"),
    [
        ([("anna", "bert"), ("carl", "dora"), ("anna", "emil")], [0, 1, 0]),
        ([("anna", "bert"), ("carl", "dora"), ("bert", "dora")], [0, 0, 0]),
        ([("P12", "P13"), ("P14", "P15"), ("P12", "P14")], [0, 0, 0]),
        ([("interviewer", "KB1"), ("interviewer", "KB2"), ("interviewer", "KB1")], [0, 1, 0]),
        ([("0412", "0733"), ("0412", "0910")], [0, 0]),
        ([("speaker 31", "speaker 32"), ("speaker 31", "speaker 44")], [0, 0]),
    ],
)
def test_people_who_recur_make_a_group(names, index):
    result, note = groups(*names)
    assert result == index
    assert note is not None
    assert f"{len(set(index))} group" in note
    assert "--same-names roles" in note
    assert groups(*names, same_names="roles") == (list(range(len(names))), None)


def test_groups_of_a_known_corpus_and_names_of_another_stay():
    conversations = [
        make("q1", ("anna", "bert"), group="quad"),
        make("a", ("anna", "carl")),
        make("b", ("anna", "x"), "y"),
    ]
    assert group_by_people(conversations, Layout())[0] == conversations
    assert group_by_people(conversations, Layout())[1] is None


def test_another_meaning_of_names_is_refused():
    with pytest.raises(ValueError, match="same-names: 'x' is none of people, roles"):
        Layout(same_names="x")  # pyright: ignore[reportArgumentType]
