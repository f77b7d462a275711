"""The unit language model of a new speaker: merged counts, their weight by held-out phrases, walks of both."""

import dataclasses

import numpy as np
import pytest

from babble_jax.voice.conditioning.unit_lm import UnitLM
from babble_jax.voice.conditioning.unit_lm_adaptation import adapt_unit_lm, join_unit_lms, phrase_strings
from babble_jax.voice.conditioning.unit_models import UnitModels, load_unit_models, save_unit_models
from tests.voice.unit_voice import build_unit_voice


def _speaker(phrases, silence_unit=0, pause=0.5):
    """Makes a language model of phrases of units, each a recording of its own."""
    units = np.concatenate(phrases).astype(np.int64)
    ends = np.zeros(len(units), bool)
    ends[np.cumsum([len(one) for one in phrases]) - 1] = True
    return UnitLM(
        units,
        np.full(len(units), 3),
        ends,
        np.zeros(len(units)),
        np.full(len(units), -20.0),
        np.ones(len(phrases), bool),
        np.full(len(phrases) - 1, pause),
        silence_unit,
    )


ANN, BEN = _speaker([[1, 2, 3]] * 4, 4), _speaker([[3, 2, 1, 0]] * 40, pause=1.0)


def test_models_that_are_joined_follow_each_other():
    joined = join_unit_lms([ANN, ANN, BEN], 7)
    assert phrase_strings(joined) == [("1", "2", "3")] * 8 + [("3", "2", "1", "0")] * 40
    assert joined.silence_unit == 7
    assert len(joined.pauses) == len(joined.ends_recording) - 1 == 47
    assert joined.pauses[2:4].tolist() == [0.5, 1.0]  # of her own, and between two models: the median


@pytest.mark.parametrize(
    ("held_out", "own"), [([[1, 2, 3]] * 3, True), ([[3, 2, 1, 0]] * 3, False)], ids=["as-her", "as-him"]
)
def test_the_share_is_the_one_that_held_out_phrases_ask_for(held_out, own):
    adapted = adapt_unit_lm(ANN, BEN, _speaker(held_out), 5)
    assert adapted.bits <= min(adapted.own_bits, np.inf if own else adapted.bits)
    assert adapted.unit_lm.silence_unit == BEN.silence_unit
    if own:  # nothing of his helps to predict her
        assert adapted.share == 1
        np.testing.assert_array_equal(adapted.unit_lm.units, ANN.units)
        assert adapted.own_bits < adapted.other_bits
    else:  # the least share, since she is asked to be in it
        assert adapted.share == len(ANN.units) / (len(ANN.units) + len(BEN.units))
        assert adapted.other_bits < adapted.bits < adapted.own_bits


def test_what_only_the_other_speaker_says_is_said_as_he_does():
    adapted = adapt_unit_lm(ANN, BEN, _speaker([[1, 2, 3], [3, 2, 1, 0]]), 5)
    assert 0 < adapted.share < 1
    assert adapted.bits < min(adapted.own_bits, adapted.other_bits)
    draws = np.random.default_rng(0)
    walks = {tuple(adapted.unit_lm.units[list(adapted.unit_lm.walk(draws))].tolist()) for _ in range(99)}
    assert walks == {(1, 2, 3), (3, 2, 1, 0)}


def test_a_joined_model_is_stored_and_read_as_it_is(tmp_path):
    models = build_unit_voice().unit_models
    assert models is not None
    codebook = models.codebook
    one = dataclasses.replace(
        codebook, mean=codebook.mean[:1], deviation=codebook.deviation[:1], median_f0=codebook.median_f0[:1]
    )
    joined = join_unit_lms(models.unit_lms * 3, 4)
    save_unit_models(UnitModels(one, (joined,)), tmp_path / "units.safetensors")
    (read,) = load_unit_models(tmp_path / "units.safetensors", models.count, 0).unit_lms
    for name, values in vars(read).items():
        np.testing.assert_array_equal(values, getattr(joined, name))
