"""Phonotactics of texts, which espeak-ng reads: phrases, lexica of pronunciations, a folder of them."""

# ruff: noqa: RUF001 (letters of the IPA)
import dataclasses
import json

import pytest

from babble_jax.errors import BabbleError
from babble_jax.tacotron.phonotactics import espeak
from babble_jax.tacotron.phonotactics.phonotactics import Phonotactics, load_phonotactics
from babble_jax.tacotron.phonotactics.pronunciations import (
    BloomFilter,
    PronouncedLexicon,
    build_filter,
    join_phones,
)
from babble_jax.tacotron.phonotactics.texts import divide_texts, split_clauses
from tests.tacotron.phonotactics.small_language import WORDS, make_utterances, read_aloud, sign

TEXTS = [one.text for one in make_utterances()]


@pytest.fixture
def reader(monkeypatch):
    monkeypatch.setattr(espeak, "pronounce", read_aloud)
    monkeypatch.setattr(espeak, "name_program", lambda: "espeak-ng 0")


@pytest.fixture
def small(reader):
    return Phonotactics.fit_texts(TEXTS, "small", "und", "texts", "CC0")


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("One, two: three.", [("One,", False), ("two:", False), ("three.", True)]),
        ("Well – so it is! It is", [("Well", False), ("so it is!", True), ("It is", True)]),
        ("A grub-thief; 1.5 of 3,000", [("A grub-thief;", False), ("1.5 of 3,000", True)]),
        ("... 12 -- !", []),
    ],
)
def test_texts_are_split_at_punctuation(text, clauses):
    assert split_clauses(text) == clauses


def test_words_of_one_stress_and_common_phones_are_taken(reader, monkeypatch):
    divided = divide_texts(TEXTS, "small")
    assert divided.phones.consonants == ("k", "p", "s", "t")
    assert divided.phones.vowels == ("a", "i", "ˈa", "ˈi")
    assert len(divided.phrases) == 2 * len(TEXTS)
    assert all(len(one.phrase.words) == 3 for one in divided.phrases)  # the fourth has no stress
    assert len(divided.spoken) == 8 * len(TEXTS)

    def stranger(texts, voice):
        read = read_aloud(texts, voice)
        foreign, rare, two = (
            read[0][0]._replace(foreign=True),
            ("q", *read[0][1].phones),
            read[1][0].phones * 2,
        )
        read[0][:2] = [foreign, read[0][1]._replace(phones=rare)]
        read[1][0] = read[1][0]._replace(phones=two)
        return read

    monkeypatch.setattr(espeak, "pronounce", stranger)
    fewer = divide_texts(TEXTS, "small")
    assert fewer.phones == divided.phones
    words = [sum(len(one.phrase.words) for one in some.phrases) for some in (divided, fewer)]
    assert words[0] - words[1] == sum(len(word) > 2 for word in TEXTS[0].split()[:2]) + (
        len(TEXTS[0].split(", ")[1].split()[0]) > 2
    )


def test_a_model_of_texts_draws_no_word_of_them_and_has_no_prosody(small):
    spoken = {join_phones(word.phones) for (word,) in read_aloud(WORDS, "small")}
    words = [word for phrase in small.sample(1, 60) for word in phrase.words]
    assert not any(join_phones(word.phones) in spoken for word in words)
    assert small.model.card.phones_by == "espeak-ng 0, voice small (GPL-3.0-or-later)"
    assert small.model.card.utterances == len(TEXTS)
    with pytest.raises(BabbleError, match="of und have no prosody, for they were fitted on texts"):
        small.speak(small.sample(0)[0])


def test_a_folder_of_pronunciations_gives_the_same_phrases(small, tmp_path):
    small.save(tmp_path / "small")
    again = load_phonotactics(tmp_path / "small")
    assert again.model == small.model
    assert again.sample(3, 4) == small.sample(3, 4)
    path = tmp_path / "small/phonotactics.json"
    values = json.loads(path.read_text("utf-8"))
    ((size, hashes),) = values["model"]["pronunciations"]["filters"]
    for wrong, message in (
        ({"voice": "small", "filters": [[1, 5]]}, "a lexicon of pronunciations has"),
        ({"voice": 1, "filters": []}, "a lexicon of pronunciations has"),
        ({"filters": []}, "a lexicon of pronunciations has"),
        ({"voice": "small", "filters": [[-5, 5], [size + 5, 5]]}, "filters of a byte or more"),
        ({"voice": "small", "filters": [[0, 5], [size, 5]]}, "filters of a byte or more"),
        ({"voice": "small", "filters": [[size, 10**9]]}, "64 hashes at most"),
        ({"voice": "small", "filters": [[size, hashes]]}, "readings are shares"),
    ):
        values["model"]["pronunciations"] = wrong
        if message.startswith("readings"):
            values["model"]["readings"] = []
        path.write_text(json.dumps(values), "utf-8")
        sign(tmp_path / "small")
        with pytest.raises(BabbleError, match=message):
            load_phonotactics(tmp_path / "small")


def test_words_of_another_list_are_not_drawn(small, tmp_path):
    words = {word.phones for phrase in small.sample(0, 10) for word in phrase.words}
    letters = str.maketrans({"k": "c"})
    spelled = sorted({join_phones(word).replace(" ", "").translate(letters) for word in words})
    (tmp_path / "list.txt").write_text("\n".join(spelled), "utf-8")
    more = small.add_words(tmp_path / "list.txt", "CC0")
    assert [(one.name, one.words) for one in more.model.card.lexica[1:]] == [("list.txt", len(spelled))]
    same = {join_phones(word.phones) for (word,) in read_aloud(spelled, "small")}
    words = [word for phrase in more.sample(0, 20) for word in phrase.words]
    assert not any(join_phones(word.phones) in same for word in words)


def test_texts_that_are_too_few_or_have_no_punctuation_are_refused(reader):
    with pytest.raises(BabbleError, match="too few words for phonotactics in the 1 texts"):
        divide_texts(["pata, sita."], "small")
    with pytest.raises(BabbleError, match="with commas and full stops"):
        Phonotactics.fit_texts([one.replace(",", "") for one in TEXTS], "small", "und", "texts", "CC0")


def test_a_language_with_tones_is_refused(monkeypatch):
    def read_tones(texts, voice):
        return [
            [one._replace(phones=(*one.phones, "ˈo2")) for one in words] for words in read_aloud(texts, voice)
        ]

    monkeypatch.setattr(espeak, "pronounce", read_tones)
    with pytest.raises(BabbleError, match="The voice cmn of espeak-ng marks tones, as in 'o2'"):
        divide_texts([f"ci. {one}" for one in TEXTS], "cmn")


def test_a_filter_finds_its_members_and_one_other_string_in_32():
    members = [f"m {i}" for i in range(3000)]
    some = build_filter(members)
    assert all(one in some for one in members)
    assert len(some.content) == pytest.approx(3000 * 5 / 0.6931 / 8, abs=1)
    assert sum(f"o {i}" in some for i in range(4000)) / 4000 == pytest.approx(1 / 32, abs=0.01)
    assert some.false_match_rate == pytest.approx(1 / 32, abs=0.001)
    assert "x" not in build_filter([])
    with pytest.raises(ValueError, match="a byte and a hash"):
        BloomFilter(b"", 1)


def test_pronunciations_are_found_wherever_the_stress_is(small):
    lexicon = small.model.lexicon
    assert isinstance(lexicon, PronouncedLexicon)
    assert lexicon.holds(("p", "a", "t", "a"))
    assert lexicon.holds(("p", "ˈa", "t", "a"))
    with pytest.raises(BabbleError, match=r"no phone 'q'; the [0-9]+ phones are a i k p s t"):
        lexicon.holds(("q", "ˈa"))
    with pytest.raises(ValueError, match="a filter for each list"):
        dataclasses.replace(lexicon, cards=())
