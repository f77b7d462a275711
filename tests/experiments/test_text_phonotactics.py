"""The experiment that fits phonotactics on texts, on a small language that a stand-in for espeak-ng reads."""

import dataclasses
import gzip

import pytest

from babble_jax.errors import BabbleError
from babble_jax.tacotron.phonotactics import espeak
from babble_jax.tacotron.phonotactics.phonotactics import load_phonotactics
from experiments.pipelines.text_phonotactics import TextPhonotacticsExperiment, WordList, read_texts
from tests.tacotron.phonotactics.small_language import make_utterances, read_aloud


def test_a_model_of_texts_is_fitted_measured_and_written(monkeypatch, tmp_path):
    monkeypatch.setattr(espeak, "pronounce", read_aloud)
    monkeypatch.setattr(espeak, "name_program", lambda: "espeak-ng 0")
    (tmp_path / "texts/data").mkdir(parents=True)
    for i, one in enumerate(make_utterances()):
        (tmp_path / f"texts/data/{i}.txt").write_text(one.text, "utf-8")
    (tmp_path / "list/tree").mkdir(parents=True)
    (tmp_path / "list/tree/words").write_bytes(gzip.compress(b"TASTA\nSISTA sista\nPATASPI pataspi\n"))
    listed = WordList("list", "words", "a list", "CC0")
    assert listed.read(tmp_path) == ["pataspi", "sista", "tasta"]
    experiment = TextPhonotacticsExperiment(
        "und", "small", "texts", "CC0", listed, None, 40, str(tmp_path / "texts")
    )
    values = experiment.run(tmp_path, tmp_path / "results")
    assert values["texts"]["texts"] == 40
    assert values["lexicon"]["any"]["in_lexicon"] > 0
    assert values["lexicon"]["shipped"]["in_lexicon"] == 0
    assert values["lexicon"]["shipped"]["in_independent"] is None
    assert {*values["strings"]} == {"held_out", "any", "shipped", "bigram", "shuffled"}
    card = load_phonotactics(tmp_path / "phonotactics").model.card
    assert card.held_out_bits == values["orders"][3]["bits"]
    assert (card.checked, card.in_lexicon) == (40, 0)
    assert [(one.name, one.words) for one in card.lexica[1:]] == [("a list", 3)]
    again = dataclasses.replace(experiment, independent=listed).run(tmp_path, tmp_path / "results")
    assert again["lexicon"]["independent_words"] == 3


def test_transcripts_are_read_from_a_list_and_a_folder_is_needed(tmp_path):
    (tmp_path / "metadata.csv").write_text("b|Two.\na|One.\nc|Two.\n\n", "utf-8")
    assert read_texts(str(tmp_path)) == ["One.", "Two."]
    for folder in ("", str(tmp_path / "none")):
        with pytest.raises(BabbleError, match="name it with --from"):
            read_texts(folder)
