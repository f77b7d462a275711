"""Labels as the field writes them."""

import pytest

from babble_jax.conversation.annotation import SILENCE
from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.layout.labels import NOISE, LabelClasses, classify_label
from babble_jax.conversation.layout.layout import Layout

SILENT = (
    "sil", "<SIL>", "<SIL/>", "[sp]", "#", "h#", "pau", "<p:>", "{SL}", "(.)", "(0.5)", "((1,2))", "...", "-", "_", "…",
    "<eps>", "no speech", "no_speech", "/sil/", "<IVER>", "<pause/>", "(0.5) (.)",
    "(pause 0.33)", "[silence 2.5s]",
)  # fmt: skip
LAUGHTER = (
    "{LG}", "[laughs]", "(laughs)", "laughing", "<laughter/>", "LAUGHTER", "((lacht))", "@@", "[risas]", "hahaha",
    "(0.5) [laughs]", "((laughs loudly))",
)  # fmt: skip
NOISES = (
    "{BR}", "{CG}", "{LS}", "{NS}", "<breath>", "[cough]", "<noise/>", "nsn", "<usb>", "<nib>", "°h", ".hh",
    "((hustet))", "lip smack", "[ringing]", "<VOCNOISE>", "*cough*",
)  # fmt: skip
VOCAL = ("[vocalized-noise]", "ggg", "ggg.")
SPEECH = (
    "so", "2", "5", "yes.", "[yes]", "(boring)", "<unk>", "spn", "[laughter-yes]", "[laughs] yes", "hm", "mhm",
    "uh-huh", "<laughing> no </laughing>", "?", "well -", "string", "a", "I", "xxx", "(inspiration)", "nós", "é",
)  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "value"),
    [
        (SILENT, SILENCE),
        (LAUGHTER, Mark.LAUGHTER),
        (NOISES, NOISE),
        (VOCAL, Mark.VOCAL_NOISE),
        (SPEECH, Mark.SPEECH),
    ],
)
def test_labels_of_the_field(labels, value):
    assert {label: classify_label(label) for label in labels} == dict.fromkeys(labels, value)


def test_patterns_of_the_user_come_first():
    classes = LabelClasses(Layout(silence="^q$", laughter="^hm", noise="^xx"), SILENCE)
    assert classes.classify(["q", "HM", "xxx", "sil", "so", " "]).tolist() == [
        SILENCE, Mark.LAUGHTER, NOISE, SILENCE, Mark.SPEECH, SILENCE,
    ]  # fmt: skip


def test_a_pattern_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"not-tiers: '\(' is no regular expression"):
        Layout(not_tiers="(")
    with pytest.raises(ValueError, match="must have the groups"):
        Layout(conversation="(.+)_(.+)")


def test_long_labels_take_no_long_time():
    for text in ("(" * 50_000, "[a" * 50_000, "<" + "-" * 50_000, "ha" * 50_000, "* " * 50_000):
        assert classify_label(text) in (SILENCE, NOISE, *Mark)
