"""Phonotactics on disk, and those that ship."""

# ruff: noqa: RUF001 (letters of the IPA)
import dataclasses
import json

import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.presets import registry
from babble_jax.tacotron.phonotactics.lexicon import Lexicon
from babble_jax.tacotron.phonotactics.phonotactics import Phonotactics, load_phonotactics
from babble_jax.tacotron.phonotactics.pronunciations import PronouncedLexicon
from tests.tacotron.phonotactics.small_language import PHONES, fit_small, load_shipped, make_utterances, sign


@pytest.fixture(scope="module")
def small():
    return fit_small()


def test_a_folder_gives_the_same_phrases_and_prosody(small, tmp_path):
    small.save(tmp_path / "small")
    small.save(tmp_path / "small")  # it is replaced
    again = load_phonotactics(tmp_path / "small")
    assert again.model == small.model
    assert again.sample(7, 3) == small.sample(7, 3)
    phrase = small.sample(7)[0]
    for seed in (None, 1):
        first, second = (one.speak(phrase, seed) for one in (small, again))
        np.testing.assert_array_equal(first.f0, second.f0)
        np.testing.assert_array_equal(first.seconds, second.seconds)
        assert first.pause == second.pause
    again.save(tmp_path / "again")
    assert (tmp_path / "again/phonotactics.json").read_bytes() == (
        tmp_path / "small/phonotactics.json"
    ).read_bytes()


def test_without_pitch_and_level_there_is_no_prosody(tmp_path):
    utterances = [dataclasses.replace(one, f0=None) for one in make_utterances()]
    fitted = Phonotactics.fit(utterances, PHONES, "und", "a small language", "none")
    fitted.save(tmp_path / "small")
    again = load_phonotactics(tmp_path / "small")
    assert again.prosody is None
    with pytest.raises(BabbleError, match="no prosody"):
        again.speak(again.sample(0)[0])


def test_words_of_another_list_are_not_drawn(small, tmp_path):
    words = {word.phones for phrase in small.sample(0, 30) for word in phrase.words}
    letters = str.maketrans({"k": "c"})
    spelled = {"".join(phone[0] for phone in word).translate(letters) for word in words}
    (tmp_path / "list.txt").write_text("\n".join(spelled), "utf-8")
    more = small.add_words(tmp_path / "list.txt", "CC0")
    assert more.model.card.lexica[-1].to_json() == {
        "name": "list.txt",
        "licence": "CC0",
        "words": len(spelled),
    }
    assert not any(word.phones in words for phrase in more.sample(0, 10) for word in phrase.words)


def test_a_label_that_is_no_phone_is_named():
    utterances = [dataclasses.replace(one, symbols=("x", *one.symbols[1:])) for one in make_utterances(3)]
    with pytest.raises(BabbleError, match="the label 'x'"):
        Phonotactics.fit(utterances, PHONES, "und", "a small language", "none")


def test_no_utterances_and_labels_without_pauses_are_refused():
    with pytest.raises(BabbleError, match="no utterances"):
        Phonotactics.fit([], PHONES, "und", "nothing", "none")
    without = []
    for one in make_utterances(5):
        sounds = np.array([symbol != "pau" for symbol in one.symbols])
        symbols = tuple(symbol for symbol in one.symbols if symbol != "pau")
        without.append(
            dataclasses.replace(one, symbols=symbols, onset=one.onset[sounds], end=one.end[sounds])
        )
    with pytest.raises(BabbleError, match="pauses among them"):
        Phonotactics.fit(without, PHONES, "und", "a small language", "none")


def test_texts_without_punctuation_are_refused():
    utterances = [dataclasses.replace(one, text=one.text.replace(".", " ")) for one in make_utterances(5)]
    with pytest.raises(BabbleError, match="with punctuation"):
        Phonotactics.fit(utterances, PHONES, "und", "a small language", "none")


def test_what_ships_names_its_source_and_its_lexica():
    assert registry.names("phonotactics") == ["de", "en", "nl", "ru"]
    russian = load_shipped("ru")
    card = russian.model.card
    assert (card.language, card.source, card.utterances) == ("ru", "festvox-ru", 620)
    assert [one.name for one in card.lexica] == [
        "words of the transcripts of festvox-ru",
        "dictionary of festvox-ru",
    ]
    assert all("Shmyrev" in one.licence for one in card.lexica)
    assert isinstance(russian.model.lexicon, Lexicon)
    assert len(russian.model.lexicon.words) > 150_000
    notice = registry.path("phonotactics", "NOTICE").read_text("utf-8")
    assert "Copyright: 2005 Nickolay V. Shmyrev" in notice
    files = registry.path("phonotactics", "ru").iterdir()
    assert sum(path.stat().st_size for path in files) < 1_000_000


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["h ˈaʊ s", "w ˈɪ n d oʊ", "d ˈeɪ n dʒ ɚ"]),
        ("de", ["h ˈaʊ s", "f ˈɛ n s t ɜ", "v ˈa s ɜ"]),
        ("nl", ["h ˈœy s", "v ˈɛ n s t ə r", "j ˈɔ ŋ ə n"]),
        ("ru", ["m aa m a", "g oo r a t", "d oo m"]),
    ],
)
def test_lexica_that_ship_hold_words_of_the_language_and_few_other_strings(language, words):
    shipped = load_shipped(language).model
    lexicon, consonants = shipped.lexicon, shipped.phones.consonants
    assert lexicon is not None
    assert all(lexicon.holds(word.split()) for word in words)
    if isinstance(lexicon, PronouncedLexicon):
        assert all(1 / 33 < one.false_match_rate < 1 / 30 for one in lexicon.filters)
        assert lexicon.false_match_rate == pytest.approx(1 - (1 - 1 / 32) ** 2, abs=0.003)
        rng = np.random.default_rng(0)
        strings = [[consonants[i] for i in rng.integers(len(consonants), size=12)] for _ in range(1500)]
        share = np.mean([lexicon.holds(phones) for phones in strings])
        assert share == pytest.approx(lexicon.false_match_rate, abs=0.02)


def test_the_notice_names_whose_lists_and_texts_ship():
    notice = " ".join(registry.path("phonotactics", "NOTICE").read_text("utf-8").split())
    for name in (
        "SCOWL",
        "OpenTaal",
        "CC0 1.0",
        "espeak-ng 1.51",
        "CMU ARCTIC",
        "enz/german-wordlist",
        "GPL",
    ):
        assert name in notice


@pytest.mark.parametrize(
    ("language", "voice", "source"),
    [("en", "en-us", "kathleen"), ("de", "de", "kerstin"), ("nl", "nl", "nathalie")],
)
def test_what_ships_of_texts_names_what_read_them(language, voice, source):
    shipped = load_shipped(language)
    card = shipped.model.card
    assert (card.language, card.source, card.licence) == (
        language,
        f"rhasspy/dataset-voice-{source}",
        "CC0-1.0",
    )
    assert card.phones_by == f"espeak-ng 1.51, voice {voice} (GPL-3.0-or-later)"
    assert card.utterances > 1000
    assert len(card.lexica) == 2
    assert card.lexica[1].words > 150_000
    assert (card.checked, card.in_lexicon) == (5000, 0)
    assert card.held_out_bits is not None
    assert 2 < card.held_out_bits < 4
    assert shipped.prosody is None
    files = [*registry.path("phonotactics", language).iterdir()]
    assert sum(path.stat().st_size for path in files) < 1_100_000


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("rus", "perhaps you meant ru; those that ship are de, en, nl, ru"),
        ("", "those that ship"),
        ("zebra", "no phonotactics"),
    ],
)
def test_an_unknown_name_is_refused(name, message):
    with pytest.raises(BabbleError, match=message):
        load_phonotactics(name)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("card", {}),
        ("card", None),
        ("phones", {}),
        ("clusters", {}),
        ("ngram", {}),
        ("shapes", [[1, 2]]),
        ("shapes", [[1, 2, 1]]),
        ("lengths", {"held": []}),
        ("lengths", {"held": [], "final": []}),
        ("readings", []),
        ("readings", {"a": {"aa": "x"}}),
        ("phones", {"consonants": ["p"], "vowels": ["a", ""], "stressed": ["a"], "silence": "pau"}),
    ],
)
def test_a_damaged_model_is_refused_in_a_sentence(small, tmp_path, part, value):
    damage(small, tmp_path / "small", "model", part, value)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("phones", None),
        ("duration", {}),
        ("voiced", ["x"]),
        ("pauses", {"held": [1], "final": [1, 2]}),
        ("median_f0", "high"),
    ],
)
def test_damaged_prosody_is_refused_in_a_sentence(small, tmp_path, part, value):
    damage(small, tmp_path / "small", "prosody", part, value)


def damage(phonotactics, folder, kind, part, value):
    phonotactics.save(folder)
    path = folder / "phonotactics.json"
    values = json.loads(path.read_text("utf-8"))
    values[kind][part] = value
    path.write_text(json.dumps(values), "utf-8")
    sign(folder)
    with pytest.raises(BabbleError, match=r"phonotactics\.json: ") as error:
        load_phonotactics(folder)
    assert "SHA-256" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("words.xz", b"", r"words\.xz: it was changed after it was saved"),
        ("phonotactics.json", b'{"model": {}}', r"phonotactics\.json: it was changed after it was saved"),
        ("manifest.json", b"[]", r"manifest\.json: it is no manifest of phonotactics"),
    ],
)
def test_a_file_that_was_changed_is_refused(small, tmp_path, name, content, message):
    small.save(tmp_path / "small")
    (tmp_path / "small" / name).write_bytes(content)
    with pytest.raises(BabbleError, match=message):
        load_phonotactics(tmp_path / "small")
