"""Models from phones to spectrograms on disk: what was written is read, what is damaged is said; they speak."""

import json

import jax
import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.pretrained.synthesizer import load_synthesizer, save_synthesizer
from tests.tacotron import tiny


@pytest.fixture(scope="module")
def synthesizer():
    return tiny.synthesizer()


def test_what_was_written_is_read(synthesizer, tmp_path):
    save_synthesizer(synthesizer, tmp_path / "run" / "synthesizer")
    again = load_synthesizer(tmp_path / "run")
    assert again.config == synthesizer.config
    assert again.card == {"steps": 3}
    jax.tree.map(np.testing.assert_array_equal, again.params, synthesizer.params)
    save_synthesizer(synthesizer, tmp_path / "half", half=True)
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, atol=1e-3),
        load_synthesizer(tmp_path / "half").params,
        synthesizer.params,
    )


def test_damage_is_said(synthesizer, tmp_path):
    with pytest.raises(BabbleError, match="there is no model from phones"):
        load_synthesizer(tmp_path / "nothing")
    save_synthesizer(synthesizer, tmp_path)
    weights, description = tmp_path / "weights.safetensors", tmp_path / "synthesizer.json"
    content, text = weights.read_bytes(), description.read_text("utf-8")
    weights.write_bytes(content[:-1] + b"x")
    with pytest.raises(BabbleError, match="is damaged, or belongs to another model"):
        load_synthesizer(tmp_path)
    weights.write_bytes(content)
    values = json.loads(text)
    values["synthesizer"]["model"]["embedding"] = 9
    description.write_text(json.dumps(values), "utf-8")
    with pytest.raises(BabbleError, match="weights do not fit"):
        load_synthesizer(tmp_path)
    description.write_text("{}", "utf-8")
    with pytest.raises(BabbleError, match="no description of such a model"):
        load_synthesizer(tmp_path)


def test_bad_requests_are_said_before_anything_is_compiled(synthesizer):
    for phones, options, message in (
        (["a", "q"], {}, "has no phone 'q'"),
        ([], {}, "no phones are named"),
        (["a"], {"speaker": "z"}, "no speaker 'z'; there are x, y"),
        (["a"], {"prosody": {"f0": np.zeros(2)}}, "f0 has 2 values for 1 phone"),
        (["a"], {"prosody": {"level": np.zeros(1)}}, "no channel of prosody 'level'"),
    ):
        with pytest.raises(BabbleError, match=message):
            synthesizer.speak(phones, **options)


@pytest.mark.slow
def test_it_speaks(synthesizer):
    speech = synthesizer.speak(list("abca"), {"f0": np.ones(4)}, speaker="y", seconds=0.2)
    steps, phones = speech.attention.shape
    assert phones == 4
    assert speech.mel.shape == (2 * steps, 5)
    assert speech.magnitude.shape == (2 * steps, 33)
    assert speech.audio(3).shape == (40 * (2 * steps - 1),)
    assert np.all(np.diff(speech.phone_ends()) >= 0)
    other = synthesizer.speak(list("abca"), speaker="x", seconds=0.2)
    assert other.mel.shape != speech.mel.shape or np.any(other.mel != speech.mel)
