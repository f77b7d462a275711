"""Corpus, language and group of a conversation."""

import pytest

from babble_jax.conversation.corpora import infer_corpus


@pytest.mark.parametrize(
    ("id", "folders", "expected"),
    [
        ("ES2002a", ("x",), ("ami", "en", "ES2002")),
        ("IN1001", (), ("ami", "en", "IN1001")),
        ("q1ec1", ("x",), ("maptask", "en-GB", "q1e")),
        ("0638", ("CallHomeEnglish", "x"), ("CallHomeEnglish", "en", "0638")),
        ("0638", ("train", "callhome-zh"), ("callhome-zh", "zh", "0638")),
        ("0638", ("CallHome", "x"), ("CallHome", None, "0638")),
        ("ES2002ab", ("x", "y"), ("x", None, "ES2002ab")),
        ("talk", (), ("", None, "talk")),
    ],
)
def test_corpus_of(id, folders, expected):
    corpus = infer_corpus(id, folders)
    assert (corpus.name, corpus.language, corpus.group) == expected
