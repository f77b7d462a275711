"""Hearing and aligning with a pretrained ear: pieces of long sounds, what is given back, what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.ear.leveling import LEVEL_KEY
from babble_jax.ear.segments import PhoneSegments
from babble_jax.errors import BabbleError
from babble_jax.pretrained import hearing
from babble_jax.pretrained.hearing import align, cut_pieces, hear, hear_blocks
from tests.small_ear import make_ear

EAR = make_ear()
NOISE = np.random.default_rng(0).normal(0, 0.1, 40_000).astype(np.float32)


@settings(max_examples=30, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 900), max_size=8),
    samples=st.integers(1, 20),
    most=st.integers(4, 60),
    silent=st.booleans(),
)
def test_the_pieces_together_are_the_sound(sizes, samples, most, silent):
    audio = np.random.default_rng(0).normal(0, 0.1, sum(sizes)) * (not silent)
    pieces = [*cut_pieces(np.split(audio, np.cumsum(sizes)), samples, most // 2, most)]
    position = 0
    for start, piece in pieces:
        assert start == position
        assert 0 < len(piece) <= (most + 10) * samples
        np.testing.assert_array_equal(piece, audio[start : start + len(piece)])
        position += len(piece)
    assert position == len(audio)
    assert all(len(piece) % samples == 0 for _, piece in pieces[:-1])


def test_a_piece_ends_in_the_pause():
    audio = np.random.default_rng(1).normal(0, 0.1, 5000)
    audio[1500:1700] *= 0.01
    first, *_ = cut_pieces([audio], 10, 100, 200)
    assert 1500 < len(first[1]) < 1700


def test_a_sound_in_pieces_is_heard_to_its_end(monkeypatch):
    monkeypatch.setattr(hearing.cut_pieces, "__defaults__", (30, 60))
    counts: list[int] = []
    audio = NOISE.copy()
    audio[15_000:17_000] = 0
    segments = hear_blocks(np.array_split(audio, 7), EAR, 0, counts.append)
    assert sum(counts) == len(audio)
    assert len(counts) >= 2
    assert segments.onset[0] == 0
    assert segments.end[-1] == 2.5
    np.testing.assert_allclose(segments.onset[1:], segments.end[:-1], atol=0.02)
    assert ("pau", "pau") not in zip(segments.symbols[1:], segments.symbols[:-1], strict=True)


def test_silences_at_a_cut_become_one():
    times = np.arange(5.0)
    segments = PhoneSegments(
        ("a", "pau", "pau", "pau", "b"), times, times + 1, np.array([1, 0.2, 0.4, 0.6, 1])
    )
    joined = hearing._join_silences(segments, "pau")
    assert joined.symbols == ("a", "pau", "b")
    assert joined.onset.tolist() == [0, 1, 4]
    assert joined.end.tolist() == [1, 4, 5]
    assert joined.confidence == pytest.approx([1, 0.4, 1])
    none = segments.select(np.zeros(5, bool))
    assert len(hearing._join_silences(none, "pau")) == 0


def test_another_rate_and_no_search():
    segments = hear(NOISE, 8000, EAR, beam=0)
    assert segments.end[-1] == pytest.approx(5, abs=0.02)
    assert hear(NOISE, 8000, EAR, beam=4).end[-1] == pytest.approx(5, abs=0.02)


def test_the_level_of_a_sound_says_nothing():
    ear = make_ear(seed=1)
    ear.card[LEVEL_KEY] = -20.0
    loud, soft = hear(NOISE, 16_000, ear, 0), hear(NOISE / 16, 16_000, ear, 0)
    assert soft.symbols == loud.symbols
    np.testing.assert_allclose(soft.confidence, loud.confidence, atol=1e-4)
    aligned = align(NOISE / 16, 16_000, "a b", ear)
    np.testing.assert_array_equal(aligned.onset, align(NOISE, 16_000, "a b", ear).onset)


def test_known_phones_are_all_there():
    segments = align(NOISE, 16_000, ["a", "pau", "b"], EAR)
    assert [one for one in segments.symbols if one != "pau"] == ["a", "b"]
    assert align(NOISE, 16_000, "a pau b", EAR).symbols == segments.symbols


@pytest.mark.parametrize("audio", [np.zeros((2, 100)), np.zeros(0), np.array([0.1, np.nan]), ["x"]])
def test_what_is_no_sound_is_refused(audio):
    with pytest.raises(BabbleError, match=r"array \[T\] of finite numbers"):
        hear(audio, 16_000, EAR)


def test_what_the_ear_cannot_do_is_refused():
    with pytest.raises(BabbleError, match=r"text: the ear does not have 'q'; its 4 symbols are pau a b m\."):
        align(NOISE, 16_000, "a q", EAR)
    with pytest.raises(BabbleError, match="beam is -1; follow 0 to 1000"):
        hear(NOISE, 16_000, EAR, -1)
