"""Measures of phones: values computed by hand, and properties of any string."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.ear.segments import PhoneSegments
from babble_jax.judge.phones import (
    PhoneText,
    bigram_entropy,
    cross_entropy,
    draw_strings,
    measure_phones,
    measure_pieces,
    phone_entropy,
    speech_seconds,
)
from babble_jax.ngram import fit_ngram

STRINGS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=30)
TEXTS = st.lists(STRINGS, min_size=1, max_size=4)


def measure(symbols, ngram, text=None, length=0.1):
    onset = length * np.arange(len(symbols))
    segments = PhoneSegments(tuple(symbols), onset, onset + length, np.full(len(symbols), 0.5))
    return measure_phones(segments, ngram, text)


def test_speech_goes_on_through_a_short_gap_and_not_through_a_pause():
    onset, end = np.array([1.0, 1.25, 2.0, 2.1]), np.array([1.1, 1.5, 2.1, 2.4])
    assert speech_seconds(onset, end) == pytest.approx(0.5 + 0.4)
    assert speech_seconds(np.array([0.0, 0.3]), np.array([0.1, 0.4])) == pytest.approx(
        0.2
    )  # 0.2 s is a pause
    assert speech_seconds(onset[:0], end[:0]) == 0


def test_entropies_by_hand():
    assert phone_entropy("aabb") == 1
    assert phone_entropy("abcd") == 2
    assert phone_entropy("aaab") == pytest.approx(0.75 * np.log2(4 / 3) + 0.25 * 2)
    assert bigram_entropy("abababab") == 0  # each phone says which comes next
    assert bigram_entropy("aabba") == pytest.approx(1)  # after a: a or b; after b: b or a
    assert bigram_entropy("a") == 0


@given(STRINGS)
def test_entropies_are_within_their_bounds(string):
    kinds = len({*string})
    assert 0 <= phone_entropy(string) <= np.log2(kinds) + 1e-9
    assert phone_entropy(string + string) == pytest.approx(phone_entropy(string), abs=1e-9)
    assert phone_entropy(sorted(string)) == pytest.approx(phone_entropy(string), abs=1e-9)
    assert 0 <= bigram_entropy(string) <= np.log2(kinds) + 1e-9


def brute_force(string, text):
    runs = (string[i:j] for i in range(len(string)) for j in range(i + 1, len(string) + 1))
    return max((len(run) for run in runs if any("".join(run) in "".join(one) for one in text)), default=0)


@settings(max_examples=60)
@given(STRINGS, TEXTS)
def test_the_longest_run_is_that_of_a_search_through_all(string, text):
    run = PhoneText(text).longest_run(string)
    assert len(run) == brute_force(string, text)
    assert "".join(run) in "".join(string)
    assert PhoneText(text).longest_run(text[0]) == tuple(text[0])


def test_runs_leave_silences_out_and_do_not_cross_from_one_utterance_to_the_next():
    text = PhoneText([["pau", "s", "a", "pau", "m"], ["sh", "o"]])
    assert text.longest_run(["x", "s", "pau", "a", "m", "sh", "o"]) == ("s", "a", "m")
    assert text.longest_run(["x", "pau"]) == ()
    assert text.longest_run([]) == ()
    assert not PhoneText([["pau"], []])


def test_the_cross_entropy_by_hand():
    ngram = fit_ngram([["a", "b"], ["a", "a", "b", "b"]], 1, "ab")
    probability = {symbol: np.exp(ngram.log_prob(symbol, ())) for symbol in "ab"}
    # Witten-Bell over a, b and the end: 3 + 3 / 3 of 8 + 3 counts for each phone
    assert probability == pytest.approx({"a": 4 / 11, "b": 4 / 11})
    assert cross_entropy(ngram, "abba") == pytest.approx(np.log2(11 / 4))


def test_strings_that_the_ngram_draws_lie_at_no_distance():
    ngram = fit_ngram([["pau", *"abcabd", "pau"], ["pau", *"bcabcd", "pau", *"bd"]], 3)
    (string,) = draw_strings(ngram, 600, count=1, seed=7)
    assert sum(symbol != "pau" for symbol in string) == 600
    measures = measure(string, ngram)
    assert abs(measures.ngram_distance) < 0.1
    assert measures.phone_entropy == pytest.approx(measures.phone_entropy_chance, abs=0.1)
    assert measures.bigram_entropy == pytest.approx(measures.bigram_entropy_chance, abs=0.1)
    reverse = measure(string[::-1], ngram)
    assert reverse.ngram_distance > 1
    assert reverse.phone_entropy == pytest.approx(measures.phone_entropy)


def test_measures_of_a_short_sound_by_hand():
    ngram = fit_ngram([["pau", *"abab", "pau"]], 2)
    text = PhoneText([["b", "a", "pau", "b"]])
    measures = measure(["pau", "a", "b", "a", "pau", "pau", "b"], ngram, text)
    assert measures.phones == 4
    assert measures.phone_rate == pytest.approx(4 / 0.4)  # 0.3 s, a pause of 0.2 s, 0.1 s
    assert measures.phone_entropy == 1
    assert measures.confidence == 0.5
    assert measures.longest_run == 3
    assert measures.longest_run_phones == "b a b"
    assert 1 <= measures.longest_run_chance <= measures.longest_run_high <= 3


def test_a_long_sound_is_measured_by_its_pieces():
    ngram, text = fit_ngram([["pau", *"abab", "pau"]], 2), PhoneText([[*"aba"]])
    onset = np.array([0.0, 0.1, 0.9, 1.0, 2.0])
    segments = PhoneSegments((*"abab", "pau"), onset, onset + 0.1, np.array([1.0, 0.5, 0.9, 0.1, 1]))
    measures = measure_pieces(segments, np.array([[0, 1], [1, 2], [2, 3.0]]), ngram, text)
    assert measures.phones == 4
    assert measures.confidence == pytest.approx((0.8 + 0.1) / 2)  # the last piece has none
    assert measures.longest_run == (3 + 1) / 2
    assert [one.phones for one in measures.pieces or ()] == [3, 1, 0]
    assert (measures.whole_run, measures.longest_run_phones) == (3, "a b a")
    all_phones = measure_pieces(segments, np.array([[0, 3.0]]), ngram, text)
    assert all_phones == measure_phones(segments, ngram, text)


def test_a_sound_without_phones_has_no_measures():
    ngram = fit_ngram([["pau", *"ab", "pau"]], 2)
    for symbols in ([], ["pau", "pau"]):
        measures = measure(symbols, ngram, PhoneText(["ab"]))
        assert measures.phones == 0
        assert {value for name, value in vars(measures).items() if name != "phones"} == {None}


def test_an_ngram_of_silence_alone_draws_no_strings():
    ngram = fit_ngram([["pau", "pau"]], 1, ["pau"])
    assert draw_strings(ngram, 3) == []
    assert measure(["pau"], ngram).phones == 0
