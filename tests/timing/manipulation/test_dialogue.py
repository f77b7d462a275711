"""Dialogues of IPUs cut out of a conversation."""

import pytest

from babble_jax.errors import BabbleError
from babble_jax.timing.manipulation.dialogue import cut_excerpt
from tests.timing.manipulation.dialogues import STANDARD, talk


def test_an_excerpt_begins_at_0_and_holds_whole_ipus():
    conversation = talk(
        (0, 8.0, 11.0), (1, 10.5, 12.0), (0, 12.3, 13.1), (1, 14.0, 16.0), windows=((5.0, 20.0),)
    )
    dialogue, cut = cut_excerpt(conversation, STANDARD, 10.1, 5.0)
    assert dialogue.onset.tolist() == [0.4, 2.2]
    assert dialogue.end.tolist() == [1.9, 3.0]
    assert (dialogue.windows.tolist(), cut) == ([[0.0, 5.0]], 2)
    longest, cut = cut_excerpt(conversation, STANDARD, None, 100.0)
    assert (longest.onset.tolist(), longest.windows.tolist(), cut) == ([3.0, 5.5, 7.3, 9.0], [[0.0, 15.0]], 0)
    empty, _ = cut_excerpt(conversation, STANDARD, 16.5, 2.0)
    assert (len(empty.onset), empty.seconds) == (0, 2.0)
    for start, seconds, message in [
        (3.0, 5.0, "nothing was observed at 3 s, only from 5.00 to 20.00 s"),
        (6.0, 0.0, "lasts more than 0 s"),
    ]:
        with pytest.raises(BabbleError, match=message):
            cut_excerpt(conversation, STANDARD, start, seconds)
