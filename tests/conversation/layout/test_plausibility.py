"""Warnings of what no people do."""

import dataclasses
import re

import numpy as np
import pytest

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.layout.interpret import TierReading
from babble_jax.conversation.layout.plausibility import doubt_tiers, warnings


def make(rows, seconds, speakers=("A", "B")):
    speaker, onset, end = np.array(rows, float).T
    return Conversation(
        "talk", "x", speakers, speaker.astype(np.int32), onset, end, np.zeros(len(rows), np.uint8), "utterance", None,
        "talk", np.array([[0.0, seconds]]),
    )  # fmt: skip


TURNS = [(n % 2, 3.0 * n, 3.0 * n + 2.5) for n in range(40)]


@pytest.mark.parametrize(
    ("rows", "seconds", "text"),
    [
        ([(s, 1000 * a, 1000 * b) for s, a, b in TURNS], 120_000, "the median segment lasts 2500 s"),
        ([(s, a / 1000, b / 1000) for s, a, b in TURNS], 0.12, "the median segment lasts 0.0025 s"),
        ([*TURNS, (1, 0.0, 80.0), (0, 40.0, 120.0)], 90, "s of speech in a minute of 2 speakers"),
        ([*((0, a, b) for _, a, b in TURNS), (1, 0.0, 120.0)], 120, "the speaker B has one segment over all"),
        (
            [(s, a, b) for _, a, b in TURNS for s in (0, 1)],
            120,
            "the speakers A and B have the same segments",
        ),
        (TURNS[:2], 3600, "segments in a minute"),
    ],
)
def test_what_is_implausible_is_said_with_an_option(rows, seconds, text):
    texts = [one for one in warnings([make(rows, seconds)]) if re.search(text, one)]
    assert len(texts) == 1
    assert "--" in texts[0] or "inspect" in texts[0]


def test_six_speakers():
    rows = [(n % 6, a, b) for n, (_, a, b) in enumerate(TURNS)]
    (one,) = warnings([make(rows, 120, tuple("ABCDEF"))])
    assert "it has 6 speakers" in one


def test_a_plausible_conversation_and_many_of_one_kind():
    assert warnings([make(TURNS, 120)]) == []
    (one,) = warnings([make([(s, 1000 * a, 1000 * b) for s, a, b in TURNS], 120_000)] * 3)
    assert "conversation talk and 2 more: " in one


def reading(tier: str, speaker: str | None):
    return TierReading("talk", "textgrid", "talk", tier, speaker, 10, 1.0)


def test_phones_are_not_taken_without_a_word():
    (line,) = doubt_tiers(
        [reading("A - phones", "A"), reading("A - words", None), reading("B - phones", "B")]
    )
    assert (
        line
        == "the tiers A - phones, B - phones hold phones, not words; without --tiers A - words would be taken"
    )
    (line,) = doubt_tiers([reading("translation", "A")])
    assert line == "the tier translation holds a translation, not what is said"
    assert not doubt_tiers([reading("A - words", "A"), reading("A - phones", None), reading("anna", "anna")])


def test_two_people_at_the_same_times_are_asked_for():
    parallel = dataclasses.replace(reading("bert", None), reason="parallel to anna")
    (line,) = doubt_tiers([reading("anna", "anna"), parallel])
    assert line.startswith(
        "the tiers anna and bert have segments at the same times and were taken for one speaker's"
    )
    assert line.endswith("--tiers '^(anna|bert)$' takes both")
    level = dataclasses.replace(reading("anna turns", None), reason="parallel to anna")
    fewer = dataclasses.replace(parallel, segments=9)
    assert not doubt_tiers([reading("anna", "anna"), level, fewer])
