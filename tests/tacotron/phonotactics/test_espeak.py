"""Phones by espeak-ng: what it writes is read, and where it is missing is said."""

# ruff: noqa: RUF001 (letters of the IPA)
import pytest

from babble_jax.errors import BabbleError
from babble_jax.tacotron.phonotactics import espeak


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ʌ_v_ð_ə d_ˈeɪ_n_dʒ_ɚ", ["ʌ v ð ə", "d ˈeɪ n dʒ ɚ"]),
        ("_ˌaʊ_x k_ɾ_ˈaɪ_s_ʃ_t_a_t_", ["aʊ x", "k ɾ ˈaɪ s ʃ t a t"]),
        ("m_ˈi_ʌʊ b_ˈ??_k", ["m ˈi ʌʊ", "b ˈʊɐ k"]),
        ("t_ˈj_a s_ˈʌ_d_n̩", ["t j ˈa", "s ˈʌ d n̩"]),
        ("z_iː (en)_t_ˈiː m_(de) ts_uː", ["z iː", "*t ˈiː", "*m", "ts uː"]),
        ("v_(en)ˈʊ_d(de)_ə", ["*v ˈʊ d ə"]),
        (" _ ", []),
    ],
)
def test_a_clause_has_phones_with_one_mark_of_stress(text, words):
    read = espeak.parse_clause(text)
    assert ["*" * word.foreign + " ".join(word.phones) for word in read] == words


def test_nuclei_are_vowels_and_syllabic_consonants():
    assert all(map(espeak.is_vowel, ("a", "ˈaɪ", "ɜː", "n̩", "əl", "ɔ̃")))
    assert not any(map(espeak.is_vowel, ("n", "ʃ", "j", "ɾ", "pf", "tʲ")))


def test_without_the_program_it_is_said_how_to_install_it(monkeypatch):
    monkeypatch.setattr(espeak, "_LIBRARIES", ("no-such-library.so",))
    espeak._open_library.cache_clear()
    with pytest.raises(BabbleError, match="apt-get install espeak-ng"):
        espeak.pronounce(["a"], "en-us")


def test_the_program_reads_words_and_names_unknown_voices():
    espeak._open_library.cache_clear()
    try:
        version = espeak.name_program()
    except BabbleError:
        pytest.skip("espeak-ng is not installed")
    assert version.startswith("espeak-ng 1.")
    (words,) = espeak.pronounce(["the danger"], "en-us")
    assert [" ".join(word.phones) for word in words] == ["ð ə", "d ˈeɪ n dʒ ɚ"]
    for voice in ("klingonish", "en-us\0klingonish"):
        with pytest.raises(BabbleError, match=f"no voice '{voice}'".replace("\0", r"\\x00")):
            espeak.pronounce(["a"], voice)
