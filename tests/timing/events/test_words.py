"""The words of IPUs and turns."""

import dataclasses

import numpy as np

from babble_jax.timing.events import Definitions, floor_transfers, ipus
from babble_jax.timing.events.turns import turns
from babble_jax.timing.events.words import ipu_words, turn_words
from tests.timing.events.events_reference import random_talk, talk

D = Definitions()


def test_by_hand():
    """A segment without a label, one out of order, one that is dropped, one across the edge of a window."""
    conversation = dataclasses.replace(
        talk(
            (0, 1, 1.5), (0, 0, 1), (1, 0.2, 0.6), (1, 2, 4), (1, 4.1, 4.1), (1, 4.1, 4.5), (0, 9, 11),
            windows=((0, 10), (10, 20)),
        ),
        labels=("there", "hello", "mhm", "", "gone", "yes", "across"),
    )  # fmt: skip
    units = ipus(conversation, D)
    words = ipu_words(conversation, units, D)
    assert words == ["hello there", "mhm", "yes", "across", "across"]
    turn = turns(units, floor_transfers(units, "ipu", D))
    assert turn_words(words, turn) == ["hello there", "yes", "across", "across"]


def test_words_that_are_too_long_are_left_out():
    conversation = dataclasses.replace(
        talk((0, 0, 1), (0, 1, 3), (0, 3, 4), unit="word"), labels=("a", "slip", "b")
    )
    mended = dataclasses.replace(D, max_word=1.5)
    assert ipu_words(conversation, ipus(conversation, mended), mended) == ["a", "b"]


def test_every_word_is_in_one_ipu():
    for seed in range(10):
        conversation = random_talk(seed)
        conversation = dataclasses.replace(conversation, windows=np.array([[0.0, 200.0]]))
        definitions = dataclasses.replace(D, min_ipu=0.0)
        words = " ".join(ipu_words(conversation, ipus(conversation, definitions), definitions)).split()
        assert sorted(words) == sorted(conversation.labels or ())


def test_without_labels_there_are_none():
    conversation = talk((0, 0, 1), (1, 2, 3))
    assert ipu_words(conversation, ipus(conversation, D), D) == ["", ""]
