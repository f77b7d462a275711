"""Lexica: words that phones can be read as, lists on disk."""

import pytest

from babble_jax.errors import BabbleError
from babble_jax.tacotron.phonotactics.lexicon import Lexicon, pack_words, read_word_list, unpack_words
from babble_jax.tacotron.phonotactics.phrase import PhoneSet

READINGS = {
    "a": {("a",): 0.5, ("aa",): 0.5},
    "t": {("t",): 0.9, ("d",): 0.099, ("p",): 0.001},
    "x": {("k", "s"): 1.0},
    "n": {("n",): 0.95, (): 0.05},
    "h": {(): 1.0},
}
PHONES = PhoneSet(("d", "k", "n", "p", "s", "t"), ("a", "aa"), ("aa",))
LEXICON = Lexicon(("hahta", "nantan", "ta", "taxa"), READINGS, (), PHONES)


@pytest.mark.parametrize(
    ("phones", "word"),
    [
        ("t aa", "ta"),
        ("d a", "ta"),
        ("p a", None),
        ("a t aa", "hahta"),
        ("t a k s a", "taxa"),
        ("t a k", None),
        ("n a n t a", "nantan"),
        ("n a t a n", "nantan"),
        ("n a t a", None),
        ("", None),
        ("z", None),
    ],
)
def test_phones_are_found_by_any_reading_with_one_rare_silence(phones, word):
    assert LEXICON.find(phones.split()) == word


def test_a_phone_that_the_language_does_not_have_is_refused_with_those_that_it_has():
    assert LEXICON.holds(("t", "aa"))
    assert not LEXICON.holds(("p", "aa"))
    with pytest.raises(BabbleError, match="no phone 'q', 'z'; the 8 phones are a aa d k n p s t\\."):
        LEXICON.holds(("z", "aa", "q"))
    assert LEXICON.add(["za"], "a list", "CC0").phones == PHONES


def test_more_words_are_found_and_named_on_the_card():
    more = LEXICON.add(["Taat!", "12", "taat"], "a list", "CC0")
    assert more.find(("t", "a", "a", "t")) == "taat"
    assert more.find(("t", "a")) == "ta"
    assert [(card.name, card.licence, card.words) for card in more.cards] == [("a list", "CC0", 1)]


def test_lists_of_words_and_of_hunspell_are_read(tmp_path):
    (tmp_path / "words").write_text("дым\nлыжи\n\n", "utf-8")
    assert read_word_list(tmp_path / "words") == ["дым", "лыжи"]
    (tmp_path / "ru.dic").write_bytes("2\nдым/AB\nлыжи\tpo:noun\n".encode("koi8-r"))
    (tmp_path / "ru.aff").write_text("SET KOI8-R\nTRY a\n", "utf-8")
    assert read_word_list(tmp_path / "ru.dic") == ["дым", "лыжи"]
    (tmp_path / "ru.aff").write_text("SET UTF-8\n", "utf-8")
    with pytest.raises(BabbleError, match="convert it to UTF-8"):
        read_word_list(tmp_path / "ru.dic")


def test_packed_words_are_read_again():
    for words in ((), ("a",), ("дым", "лыжи")):
        assert unpack_words(pack_words(words), "x") == words
    with pytest.raises(BabbleError, match="no compressed words"):
        unpack_words(b"nothing", "words.xz")
    with pytest.raises(BabbleError, match="no compressed words"):
        unpack_words(pack_words(("a", "b"))[:-9], "words.xz")


def test_words_of_a_lexicon_are_sorted():
    for words in (("b", "a"), ("a", "a")):
        with pytest.raises(ValueError, match="not sorted"):
            Lexicon(words, READINGS, (), PHONES)
