"""Which tiers of a file are speech, and whose."""

import numpy as np
import pytest

from babble_jax.conversation.annotation import Tier
from babble_jax.conversation.layout.labels import LabelClasses
from babble_jax.conversation.layout.layout import NO_OPTIONS, Layout
from babble_jax.conversation.layout.tier_names import parse_tier_name
from babble_jax.conversation.layout.tiers import choose_tiers

ANN = [(1.0, 2.0, "so then"), (5.0, 5.6, "right"), (9.0, 9.5, "no")]
BEN = [(2.5, 4.0, "well maybe"), (6.0, 6.8, "yes"), (9.7, 9.9, "oh")]


def make_tier(name, rows, **properties):
    onset, end, labels = zip(*rows, strict=True) if rows else ((), (), ())
    return Tier(name, np.array(onset, float), np.array(end, float), list(labels), **properties)


def divide(rows, parts):
    """Cuts each segment into parts of equal length, each with a label of its own."""
    return [
        (a + (b - a) * n / parts, a + (b - a) * (n + 1) / parts, f"{text[:3]}{n}")
        for a, b, text in rows
        for n in range(parts)
    ]


def choose(*tiers, layout=NO_OPTIONS):
    codes = [LabelClasses(layout, -1).classify(tier.labels) for tier in tiers]
    choices = choose_tiers(tiers, codes, layout)
    return {choice.tier.name: choice.speaker for choice in choices}, [choice.reason for choice in choices]


def test_words_are_taken_before_utterances_and_never_phones():
    tiers = [
        make_tier(f"{name} - {level}", divide(rows, parts))
        for name, rows in (("ann", ANN), ("ben", BEN))
        for level, parts in (("utterances", 1), ("words", 2), ("phones", 6))
    ]
    speakers, _ = choose(*tiers)
    assert {name: who for name, who in speakers.items() if who} == {
        "ann - words": "ann",
        "ben - words": "ben",
    }


def test_levels_are_found_by_time_where_no_name_says_them():
    speakers, reasons = choose(
        make_tier("x1", ANN),
        make_tier("x2", divide(ANN, 2)),
        make_tier("x3", divide(ANN, 8)),
        make_tier("ben", BEN),
    )
    assert speakers == {"x1": None, "x2": "x2", "x3": None, "ben": "ben"}
    assert reasons == ["parallel to x2", None, "phones of x2", None]


def test_a_finer_tier_that_annotates_a_part_only_is_not_taken():
    speakers, _ = choose(
        make_tier("A_utt", ANN), make_tier("A_words", divide(ANN[:1], 2)), make_tier("B_utt", BEN)
    )
    assert speakers == {"A_utt": "A", "A_words": None, "B_utt": "B"}


def test_a_translation_is_parallel():
    assert choose(
        make_tier("ann", ANN), make_tier("ann (en)", ANN), make_tier("ben", BEN), make_tier("ben gloss", BEN)
    )[0] == {"ann": "ann", "ann (en)": None, "ben": "ben", "ben gloss": None}


def test_what_is_no_speech_is_left_out():
    speakers, reasons = choose(
        make_tier("ann", ANN),
        make_tier("ben", BEN),
        make_tier("ann_gaze", [(0.5, 6.5, "at B")]),
        make_tier("script", [(0.0, 10.0, "take 3")]),
        make_tier("who", [(1.0, 2.0, "ann"), (2.5, 4.0, "Ben"), (5.0, 5.6, "ann")]),
        make_tier("hand ann", [(1.0, 1.5, "P"), (2.0, 2.5, "S")], closed_vocabulary=True),
        make_tier("none", []),
    )
    assert {name for name, who in speakers.items() if who} == {"ann", "ben"}
    assert reasons[2:] == [
        "its name says gaze",
        "one label over the complete file",
        "its labels are the names of speakers",
        "its labels are codes of a fixed vocabulary",
        "holds no segment",
    ]


def test_labels_of_a_lone_tier_may_name_the_speakers():
    rows = [(a, b, "spk1") for a, b, _ in ANN] + [(a, b, "spk2") for a, b, _ in BEN]
    assert choose(make_tier("diarization", rows))[0] == {
        "diarization: spk1": "spk1",
        "diarization: spk2": "spk2",
    }
    assert choose(make_tier("words", [(1.0, 2.0, "so"), (2.0, 3.0, "yes")]))[0] == {"words": "speaker"}


def test_a_participant_of_the_file_comes_before_names_and_time():
    speakers, _ = choose(
        make_tier("one", ANN, speaker="A"),
        make_tier("two", ANN, speaker="B"),
        make_tier("three", BEN, top="B-utt"),
    )
    assert speakers == {"one": "A", "two": "B", "three": "B"}


def test_speakers_whose_names_hold_the_word_of_a_level_stay_apart():
    assert choose(
        make_tier("two words", ANN), make_tier("two_words", BEN), make_tier("one", [(20.0, 21.0, "x")])
    )[0] == {"two words": "two words", "two_words": "two_words", "one": "one"}


def test_two_people_are_not_one_for_a_backchannel_within_a_turn():
    assert choose(
        make_tier("ann", [(0.0, 9.0, "story"), (12.0, 15.0, "more")]), make_tier("ben", [(4.0, 4.3, "mm")])
    )[0] == {"ann": "ann", "ben": "ben"}


def test_the_user_says_it_otherwise():
    tiers = (make_tier("ann", ANN), make_tier("ben", BEN), make_tier("note ann", divide(ANN, 2)))
    assert choose(*tiers, layout=Layout(not_tiers="^ben$"))[0] == {
        "ann": "ann",
        "ben": None,
        "note ann": None,
    }
    speakers, _ = choose(*tiers, layout=Layout(tiers=r"^note (?P<speaker>\w+)|ben"))
    assert speakers == {"ann": None, "ben": "ben", "note ann": "ann"}


@pytest.mark.parametrize(
    ("name", "speaker", "level"),
    [
        ("ann - words", "ann", "word"),
        ("A_utt", "A", "utterance"),
        ("spk1Words", "spk1", "word"),
        ("ORT-MAU", "", "word"),
        ('\n"word"\n', "", "word"),
        ("K-Spch", "K", "utterance"),
        ("MAU", "", "phone"),
        ("Speaker 1", "Speaker 1", None),
        ("MOT", "MOT", None),
        ("ann (en)", "ann (en)", None),
    ],
)
def test_names_of_tiers(name, speaker, level):
    assert parse_tier_name(name)[:2] == (speaker, level)


def test_tiers_of_levels_are_one_person_beside_tiers_that_are_not():
    speakers, reasons = choose(
        make_tier("words", divide(ANN, 2)), make_tier("phones", divide(ANN, 8)), make_tier("ben", BEN)
    )
    assert speakers == {"words": "speaker", "phones": None, "ben": "ben"}
    assert reasons[1] == "phones of words"


def test_words_without_a_name_have_that_of_the_turns_around_them():
    speakers, _ = choose(make_tier("Ann", ANN), make_tier("words", divide(ANN, 2)), make_tier("Ben", BEN))
    assert speakers == {"Ann": None, "words": "Ann", "Ben": "Ben"}


def test_phones_of_a_part_are_no_speaker():
    speakers, reasons = choose(
        make_tier("ann", ANN), make_tier("stressedVowel", divide(ANN, 9)[4:7]), make_tier("ben", BEN)
    )
    assert speakers == {"ann": "ann", "stressedVowel": None, "ben": "ben"}
    assert reasons[1] == "phones of ann"


def test_a_tier_below_another_is_the_same_person():
    speakers, _ = choose(
        make_tier("text", ANN), make_tier("parts", divide(ANN[:1], 2), top="text"), make_tier("ben", BEN)
    )
    assert speakers == {"text": "speaker", "parts": None, "ben": "ben"}


def test_a_participant_of_several_is_none():
    speakers, _ = choose(make_tier("FA2", ANN, speaker="MULTI"), make_tier("MC1", BEN, speaker="MULTI"))
    assert speakers == {"FA2": "FA2", "MC1": "MC1"}


def test_the_tier_of_the_name_of_the_participant_is_taken_before_codes_of_it():
    rows = [(float(n), n + 0.7, "0.") for n in range(20)]
    codes = [(a, b, "TCBX"[n % 4]) for n, (a, b, _) in enumerate(rows)]
    speakers, reasons = choose(
        make_tier("xds@MA1", codes, speaker="MA1"),
        make_tier("MA1", rows, speaker="MA1"),
        make_tier("ben", BEN, speaker="ben"),
    )
    assert speakers == {"xds@MA1": None, "MA1": "MA1", "ben": "ben"}
    assert reasons[0] == "parallel to MA1"
