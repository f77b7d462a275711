"""Tiers whose labels name those who speak."""

import numpy as np

from babble_jax.conversation.layout.layout import NO_OPTIONS
from babble_jax.conversation.layout.tiers import choose_tiers
from tests.conversation.layout.test_tiers import ANN, BEN, choose, divide, make_tier

WHO = sorted([(a, b, "ann") for a, b, _ in ANN] + [(a, b, "interviewer") for a, b, _ in BEN])


def test_words_are_divided_among_the_speakers_that_another_tier_names():
    words = sorted(divide(ANN, 2) + divide(BEN, 2))
    tiers = [make_tier("speaker", WHO), make_tier("words", words), make_tier("phones", divide(words, 3))]
    speakers, reasons = choose(*tiers)
    assert {name: who for name, who in speakers.items() if who} == {
        "words: ann": "ann",
        "words: interviewer": "interviewer",
    }
    assert reasons[0] == "names the speakers of words"
    assert reasons[-1] == "phones of words"
    parts = choose_tiers(tiers, [np.zeros(len(tier), np.int8) for tier in tiers], NO_OPTIONS)[1:3]
    assert [row[0] for row in divide(ANN, 2)] == parts[0].tier.onset.tolist()
    assert parts[0].level == "word"
    assert list(parts[0].tier.labels or ())[:2] == ["so 0", "so 1"]


def test_the_tier_of_speakers_is_divided_where_no_other_has_all_of_them():
    speakers, reasons = choose(make_tier("speaker", WHO), make_tier("text", [(20.0, 21.0, "elsewhere")]))
    assert speakers == {"speaker: ann": "ann", "speaker: interviewer": "interviewer", "text": None}
    assert reasons[-1] == "parallel to speaker"


def test_it_names_nobody_beside_tiers_of_speakers():
    speakers, _ = choose(make_tier("speaker", WHO), make_tier("ann", ANN), make_tier("ben", BEN))
    assert speakers["ann"] == "ann"
    assert speakers["ben"] == "ben"
