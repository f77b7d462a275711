"""Which tiers of a file are nobody's speech."""

from tests.conversation.layout.test_tiers import ANN, BEN, choose, divide, make_tier

STORY = [(float(n), n + 0.9, f"word{n} and so") for n in range(40)]
ANSWERS = [(n + 40.0, n + 40.7, f"answer{n}") for n in range(30)]


def alternate(labels, number, step, length):
    """Segments of a length, one every step, whose labels come in turn."""
    return [(n * step, n * step + length, labels[n % len(labels)]) for n in range(number)]


def test_gaze_is_left_out_in_other_languages_and_where_the_participant_is_named_after_it():
    speakers, reasons = choose(
        make_tier("ann", ANN, speaker="ann"),
        make_tier("kijkrichting ann", BEN, speaker="kijkrichting ann"),
        make_tier("ben", BEN, speaker="ben"),
    )
    assert speakers["kijkrichting ann"] is None
    assert reasons[1] == "its name says kijkrichting"


def test_a_few_labels_without_a_break_are_codes():
    speakers, reasons = choose(
        make_tier("ann", STORY), make_tier("ann 2", alternate("gx", 60, 1.0, 1.0)), make_tier("ben", ANSWERS)
    )
    assert speakers == {"ann": "ann", "ann 2": None, "ben": "ben"}
    assert reasons[1] == "its labels are a few codes"


def test_a_few_labels_with_breaks_are_codes_where_nobody_says_them():
    codes = alternate(["prep", "stroke", "hold"], 30, 2.0, 0.5)
    assert choose(make_tier("ann", STORY), make_tier("R", codes), make_tier("ben", ANSWERS))[0]["R"] is None
    words = alternate(["word3", "and", "so"], 30, 2.0, 0.5)
    assert choose(make_tier("ann", STORY), make_tier("R", words), make_tier("ben", ANSWERS))[0]["R"] == "R"


def test_some_dozens_of_labels_are_codes_where_nobody_says_them():
    """Two tiers of the same codes, which are no words of the speakers."""
    talk = [(float(n), n + 0.9, f"word{n} and so") for n in range(90)]
    answers = [(n + 90.0, n + 90.7, f"answer{n} so") for n in range(80)]
    codes = [alternate([f"{name}{n}" for n in range(30)], 180, 1.0, 0.4) for name in "GH"]
    tiers = [
        make_tier("ann", talk),
        make_tier("ben", answers),
        *(make_tier(f"x{n}", codes[0]) for n in range(2)),
    ]
    speakers, reasons = choose(*tiers, make_tier("y", codes[1]))
    assert speakers == {"ann": "ann", "ben": "ben", "x0": None, "x1": None, "y": None}
    assert reasons[2] == "its labels are a few codes"
    words = alternate([f"word{n}" for n in range(30)], 180, 1.0, 0.4)
    assert choose(*tiers[:2], make_tier("cem", words))[0]["cem"] == "cem"


def test_a_listener_of_few_words_is_a_speaker():
    speakers, _ = choose(
        make_tier("ann", STORY), make_tier("ben", alternate(["mhm", "uh-huh"], 30, 2.0, 0.3))
    )
    assert speakers == {"ann": "ann", "ben": "ben"}
    speakers, _ = choose(
        make_tier("ann", STORY),
        make_tier("ann words", divide(STORY, 3)),
        make_tier("ben", alternate(["S", "L"], 30, 2.0, 0.3)),
    )
    assert speakers == {"ann": None, "ann words": "ann", "ben": "ben"}


def test_sections_are_no_utterances():
    speakers, reasons = choose(
        make_tier("ann", STORY), make_tier("ben", ANSWERS), make_tier("part two", [(3.0, 65.0, "2")])
    )
    assert speakers["part two"] is None
    assert reasons[2] == "its segments last 62 s and more"


def test_labels_may_be_the_names_of_tiers():
    speakers, reasons = choose(
        make_tier("CHI", ANN, speaker="Child"),
        make_tier("FA1", BEN, speaker="Mother"),
        make_tier("again", [(1.0, 2.0, "CHI"), (2.5, 4.0, "FA1")], speaker="again"),
    )
    assert speakers["again"] is None
    assert reasons[2] == "its labels are the names of speakers"
    speakers, _ = choose(make_tier("ann", ANN), make_tier("ben", BEN), make_tier("turn", [(1.0, 2.0, "ann")]))
    assert speakers["turn"] is None


def test_a_tier_of_markers_is_left_out():
    speakers, _ = choose(make_tier("marker", STORY), make_tier("ann", ANN), make_tier("ben", BEN))
    assert speakers["marker"] is None
