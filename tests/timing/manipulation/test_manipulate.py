import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax import config
from babble_jax.errors import BabbleError
from babble_jax.timing.events import backchannels, ipus
from babble_jax.timing.manipulation.dialogue import dialogue_of, excerpt
from babble_jax.timing.manipulation.gaps import shift_gaps
from babble_jax.timing.manipulation.manipulate import manipulate, numbers, step_text
from babble_jax.timing.manipulation.manipulations import Manipulations
from babble_jax.timing.manipulation.rate import set_backchannels
from tests.timing.manipulation.dialogues import STANDARD, dialogues, durations, ns, same, sweep, talk

CHECKED = settings(max_examples=100, deadline=None)


def count(dialogue) -> int:
    return int(np.sum(backchannels(ipus(dialogue, STANDARD), STANDARD)))


def monologues(minutes: int = 2):
    """A tells long stories, B says yes to each once."""
    rows = []
    for start in range(0, 60 * minutes, 10):
        rows += [(0, start + 0.5, start + 9.5), (1, start + 4.0, start + 4.4 + start / 1000)]
    return dialogue_of(talk(*rows, windows=((0.0, 60.0 * minutes),)), STANDARD)


@pytest.mark.parametrize("per_minute", [0, 1, 6, 9.4, 30])
def test_the_rate_of_backchannels_is_set_and_nothing_else_moves(per_minute):
    dialogue = monologues()
    assert count(dialogue) == 12
    edit = set_backchannels(dialogue, per_minute, 5, STANDARD)
    assert count(edit.dialogue) == round(2 * per_minute)
    assert same(edit.dialogue, dialogue_of(edit.dialogue, STANDARD))
    old = edit.source >= 0
    for name in ("speaker", "onset", "offset"):
        np.testing.assert_array_equal(
            getattr(edit.dialogue, name)[old], getattr(dialogue, name)[edit.source[old]]
        )
    assert set(range(0, 24, 2)) <= set(edit.source.tolist())  # the stories
    length = durations(edit.dialogue)[~old]
    assert set(length.tolist()) <= set(durations(dialogue)[1::2].tolist())
    assert same(edit.dialogue, set_backchannels(dialogue, per_minute, 5, STANDARD).dialogue)
    if per_minute not in (0, 6):
        assert not same(edit.dialogue, set_backchannels(dialogue, per_minute, 6, STANDARD).dialogue)


def test_new_backchannels_fall_evenly_over_the_free_time():
    dialogue = talk((0, 0.0, 100.0), (1, 49.8, 50.2))
    starts = []
    for seed in range(1500):
        edit = set_backchannels(dialogue, 1.2, seed, STANDARD)
        starts.append(edit.dialogue.onset[edit.source < 0].item())
    starts = np.array(starts)
    free = np.where(starts < 50, starts, starts - (51.2 - 48.4)) / (100 - 0.4 - 2.8)  # of 1 s to either side
    assert np.all((starts <= 48.4) | (starts >= 51.2))
    assert np.max(np.abs(np.sort(free) - (np.arange(1500) + 0.5) / 1500)) < 1.63 / np.sqrt(1500)  # KS, 1 %


@CHECKED
@given(dialogues(), st.floats(0, 20), st.integers(0, 9))
def test_the_rate_is_what_was_asked_for_or_there_is_no_room(dialogue, per_minute, seed):
    target, had = round(per_minute * dialogue.seconds / 60), count(dialogue)
    if target > had == 0:
        with pytest.raises(BabbleError, match="no backchannel whose duration"):
            set_backchannels(dialogue, per_minute, seed, STANDARD)
        return
    edit = set_backchannels(dialogue, per_minute, seed, STANDARD)
    assert count(edit.dialogue) == target if target <= had else had <= count(edit.dialogue) <= target
    before, after = sweep(dialogue).value, sweep(edit.dialogue).value
    if target >= had:  # what is contained passes no floor
        np.testing.assert_array_equal(ns(after[~np.isnan(after)]), ns(before[~np.isnan(before)]))


def test_ipus_keep_their_numbers_through_everything():
    dialogue = monologues()
    first = numbers(dialogue)
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


def test_they_are_done_in_one_order_and_all_told():
    asked = Manipulations(shift_gaps=0.25, remove_overlaps=True)
    dialogue = talk((0, 0.0, 1.0), (1, 0.9, 3.0), (0, 2.0, 2.3), (0, 3.1, 4.0))
    result = manipulate(dialogue, asked, 0, STANDARD)
    # First the overlap becomes a gap of 0 s, which then is shifted like any other.
    assert result.dialogue.onset.tolist() == [0.0, 1.25, 3.7]
    assert result.number.tolist() == [0, 0, 2]
    assert [step["manipulation"] for step in result.steps] == ["remove_overlaps", "shift_gaps"]
    assert step_text(result.steps[0]).endswith("1 floor transfers asked to change, 1 IPUs left out, 0 added")
    clipped = manipulate(dialogue, Manipulations(shift_gaps=-0.25), 0, STANDARD)
    assert step_text(clipped.steps[0]) == (
        "shift_gaps -0.25: 1 floor transfers asked to change, 1 of them only as far as possible"
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


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"shift_gaps": float("nan")}, "shift_gaps is a number of seconds, not nan"),
        ({"shift_offsets": float("inf")}, "shift_offsets is a number of seconds"),
        ({"scale_gaps": -1.0}, "scale_gaps is a factor from 0, not -1"),
        ({"add_overlaps": 1.5}, "add_overlaps is a share from 0 to 1, not 1.5"),
        ({"backchannels": -2.0}, "backchannels is a number per minute from 0"),
        ({"remove_overlaps": True, "add_overlaps": 0.5}, "contradict each other"),
    ],
)
def test_what_makes_no_sense_is_told(values, message):
    with pytest.raises(ValueError, match=message):
        Manipulations(**values)
    assert config.from_json(Manipulations, {"shift_gaps": 0.3}).to_json() == {"shift_gaps": 0.3}


def test_an_excerpt_begins_at_0_and_holds_whole_ipus():
    conversation = talk(
        (0, 8.0, 11.0), (1, 10.5, 12.0), (0, 12.3, 13.1), (1, 14.0, 16.0), windows=((5.0, 20.0),)
    )
    found, cut = excerpt(conversation, STANDARD, 10.1, 5.0)
    assert found.onset.tolist() == [0.4, 2.2]
    assert found.end.tolist() == [1.9, 3.0]
    assert (found.windows.tolist(), cut) == ([[0.0, 5.0]], 2)
    whole, cut = excerpt(conversation, STANDARD, None, 100.0)
    assert (whole.onset.tolist(), whole.windows.tolist(), cut) == ([3.0, 5.5, 7.3, 9.0], [[0.0, 15.0]], 0)
    nothing, _ = excerpt(conversation, STANDARD, 16.5, 2.0)
    assert (len(nothing.onset), nothing.seconds) == (0, 2.0)
    for start, seconds, message in [
        (3.0, 5.0, "nothing was observed at 3 s, only from 5.00 to 20.00 s"),
        (6.0, 0.0, "lasts more than 0 s"),
    ]:
        with pytest.raises(BabbleError, match=message):
            excerpt(conversation, STANDARD, start, seconds)


@pytest.mark.slow
def test_real_conversations_survive_every_manipulation(corpora):
    """Map Task: IPUs keep their length, the definitions find them again, clips are told."""
    from babble_jax.conversation.reading import read

    for conversation in read(corpora / "maptask").conversations:
        dialogue = dialogue_of(conversation, STANDARD)
        there = shift_gaps(dialogue, 0.3, STANDARD)
        assert there.clipped == ()
        assert same(shift_gaps(there.dialogue, -0.3, STANDARD).dialogue, dialogue)
        for field in dataclasses.fields(Manipulations):
            value = {"remove_overlaps": True, "swap_offsets": "switchboard"}.get(field.name, 0.4)
            result = manipulate(dialogue, Manipulations(**{field.name: value}), 0, STANDARD)
            assert same(result.dialogue, dialogue_of(result.dialogue, STANDARD)), (
                conversation.id,
                field.name,
            )
