"""Manipulations one after the other."""

import dataclasses

import pytest

from babble_jax.conversation.reading import read
from babble_jax.errors import BabbleError
from babble_jax.timing.manipulation.dialogue import make_ipu_dialogue
from babble_jax.timing.manipulation.gaps import shift_gaps
from babble_jax.timing.manipulation.manipulate import manipulate, number_ipus, step_text
from babble_jax.timing.manipulation.manipulations import Manipulations
from tests.timing.manipulation.dialogues import (
    STANDARD,
    durations,
    monologues,
    same,
    talk,
)


def test_ipus_keep_their_numbers_through_everything():
    dialogue = monologues()
    first = number_ipus(dialogue)
    assert first.tolist() == [n for pair in range(12) for n in (pair, pair)]
    fewer = manipulate(dialogue, Manipulations(backchannels=3, shift_gaps=0.3), 1, STANDARD)
    by_name = {(s, n): d for s, n, d in zip(dialogue.speaker, first, durations(dialogue), strict=True)}
    left = list(zip(fewer.dialogue.speaker, fewer.number, durations(fewer.dialogue), strict=True))
    assert [n for s, n, _ in left if s == 0] == list(range(12))
    assert len([n for s, n, _ in left if s == 1]) == 6
    assert all(by_name[s, n] == d for s, n, d in left)
    assert [n for s, n, _ in left if s == 1] != list(range(6))
    more = manipulate(dialogue, Manipulations(backchannels=8), 1, STANDARD)
    own = more.number[more.dialogue.speaker == 1]
    assert sorted(own.tolist()) == list(range(16))
    old = [(s, n) for s, n in zip(more.dialogue.speaker, more.number, strict=True) if n < 12]
    assert set(old) == set(by_name)
    assert more.steps[0]["added"] == 4
    assert fewer.steps[0]["left_out"] == 6


def test_they_are_applied_in_one_order_and_all_reported():
    manipulations = Manipulations(shift_gaps=0.25, remove_overlaps=True)
    dialogue = talk((0, 0.0, 1.0), (1, 0.9, 3.0), (0, 2.0, 2.3), (0, 3.1, 4.0))
    result = manipulate(dialogue, manipulations, 0, STANDARD)
    # First the overlap becomes a gap of 0 s, which then is shifted like any other.
    assert result.dialogue.onset.tolist() == [0.0, 1.25, 3.7]
    assert result.number.tolist() == [0, 0, 2]
    assert [step["manipulation"] for step in result.steps] == ["remove_overlaps", "shift_gaps"]
    assert step_text(result.steps[0]).endswith("1 floor transfers asked to change, 1 IPUs left out, 0 added")
    clipped = manipulate(dialogue, Manipulations(shift_gaps=-0.25), 0, STANDARD)
    assert step_text(clipped.steps[0]) == (
        "shift_gaps -0.25: 1 floor transfers asked to change, 1 of them only as far as possible"
    )
    monologue = manipulate(talk((0, 0.0, 1.0), (0, 2.0, 2.3)), Manipulations(shift_gaps=0.3), 0, STANDARD)
    assert step_text(monologue.steps[0]) == (
        "shift_gaps 0.3: nothing was changed, since there is no floor transfer that it concerns"
    )


def test_the_defaults_do_nothing():
    dialogue = monologues()
    result = manipulate(dialogue, Manipulations(), 0, STANDARD)
    assert same(result.dialogue, dialogue)
    assert result.steps == ()
    assert Manipulations().to_json() == {}


def test_a_preset_is_swapped_in_by_its_name():
    result = manipulate(monologues(), Manipulations(swap_offsets="switchboard"), 0, STANDARD)
    assert result.steps[0]["value"] == "switchboard"
    with pytest.raises(BabbleError, match="no preset or file 'klingon'"):
        manipulate(monologues(), Manipulations(swap_offsets="klingon"), 0, STANDARD)


@pytest.mark.slow
def test_real_conversations_survive_every_manipulation(corpora):
    """Map Task: IPUs keep their length, the definitions find them again, clips are reported."""
    for conversation in read(corpora / "maptask").conversations:
        dialogue = make_ipu_dialogue(conversation, STANDARD)
        there = shift_gaps(dialogue, 0.3, STANDARD)
        assert there.clips == ()
        assert same(shift_gaps(there.dialogue, -0.3, STANDARD).dialogue, dialogue)
        for field in dataclasses.fields(Manipulations):
            value = {"remove_overlaps": True, "swap_offsets": "switchboard"}.get(field.name, 0.4)
            result = manipulate(dialogue, Manipulations(**{field.name: value}), 0, STANDARD)
            assert same(result.dialogue, make_ipu_dialogue(result.dialogue, STANDARD)), (
                conversation.id,
                field.name,
            )
