"""Strings of symbols that people write."""

import pytest

from babble_jax.ear.config import EarConfig
from babble_jax.ear.spelling import read_symbols
from babble_jax.errors import BabbleError

PHONES = EarConfig(("pau", "a", "sh"))
LETTERS = EarConfig(("a", "b", " ", "'"))


def test_phones_are_parted_by_blanks_and_letters_are_not():
    assert read_symbols(" sh  a\npau ", PHONES) == ("sh", "a", "pau")
    assert read_symbols(["sh", "a"], PHONES) == ("sh", "a")
    assert read_symbols(" Ab\n a ", LETTERS) == ("a", "b", " ", "a")


@pytest.mark.parametrize(
    ("text", "config", "message"),
    [
        ("sh o u o", PHONES, r"TEXT: the ear does not have 'o', 'u'; its 3 symbols are pau a sh\."),
        ("a b c", LETTERS, r"does not have 'c'; its 4 symbols are a b ' ' '\."),
        ("1 2 3 4 5 6 7", PHONES, r"'1', '2', '3', '4', '5' and 2 more; its"),
        ("  ", PHONES, r"TEXT: holds no phone"),
        ([], PHONES, r"TEXT: holds no phone"),
    ],
)
def test_what_the_ear_does_not_have_is_named(text, config, message):
    with pytest.raises(BabbleError, match=message):
        read_symbols(text, config, "TEXT")
