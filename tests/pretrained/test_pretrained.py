"""A voice on disk comes back to the bit, and a damaged one is reported in one sentence."""

import json
import os
import shutil

import jax
import numpy as np
import pytest
import safetensors.numpy

from babble_jax.audio.quantize import Quantizer
from babble_jax.errors import BabbleError
from babble_jax.presets import registry
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice, save_voice
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig

CARD = {"dataset": "ä", "steps": 3, "validation_bits": 0.1 + 0.2}


def tiny_voice(dim=6, **options):
    model = SampleRNNConfig(frame_sizes=(4, 2), dim=dim, embedding=3, hidden=1, expand_top=True)
    config = VoiceConfig(model, Quantizer("mu_law", 10), sample_rate=8000, gain=1 / 3, **options)
    draws = np.random.default_rng(0)
    shapes = jax.eval_shape(config.sample_model.init, jax.random.key(0))
    return PretrainedVoice(
        config, jax.tree.map(lambda x: draws.normal(size=x.shape).astype(x.dtype), shapes), card=CARD
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A voice, and the folder of the run that holds it."""
    voice = tiny_voice(speakers=("ann", "ben"))
    workdir = tmp_path_factory.mktemp("voice") / "run"
    save_voice(voice, workdir / "voice")
    return voice, workdir


def test_a_voice_comes_back_to_the_bit(written, tmp_path):
    voice, workdir = written
    again = load_voice(workdir / "voice")
    assert again.config == voice.config
    assert again.card == CARD
    jax.tree.map(np.testing.assert_array_equal, again.params, voice.params)
    assert jax.tree.map(lambda x: (x.shape, x.dtype), again.params) == jax.tree.map(
        lambda x: (x.shape, x.dtype), voice.params
    )
    save_voice(again, tmp_path / "copy")
    for name in ("voice.json", "weights.safetensors"):
        assert (tmp_path / "copy" / name).read_bytes() == (workdir / "voice" / name).read_bytes()


def test_a_voice_is_found_by_its_run_and_named_after_it(written, tmp_path, monkeypatch):
    workdir = written[1]
    assert load_voice(workdir).name == load_voice(workdir / "voice").name == "run"
    shutil.copytree(workdir / "voice", tmp_path / "ann")
    assert load_voice(tmp_path / "ann").name == "ann"
    monkeypatch.chdir(tmp_path / "ann")
    assert load_voice(".").name == "ann"  # pyright: ignore[reportArgumentType]


def test_a_voice_replaces_another(tmp_path):
    save_voice(tiny_voice(dim=4), tmp_path)
    save_voice(tiny_voice(dim=6), tmp_path)
    assert load_voice(tmp_path).config.model == tiny_voice(dim=6).config.model
    assert sorted(path.name for path in tmp_path.iterdir()) == ["voice.json", "weights.safetensors"]


def edit(folder, change):
    """Rewrites voice.json by `change(values)`."""
    values = json.loads((folder / "voice.json").read_text("utf-8"))
    (folder / "voice.json").write_text(json.dumps(change(values)), "utf-8")


def rewrite(folder, change):
    weights = safetensors.numpy.load_file(folder / "weights.safetensors")
    safetensors.numpy.save_file(change(weights), folder / "weights.safetensors")


def cut(path):
    path.write_bytes(path.read_bytes()[:-10])


DAMAGES = {
    "no folder": (shutil.rmtree, "", "there is no voice here"),
    "no voice.json": (lambda f: (f / "voice.json").unlink(), "", "there is no voice here"),
    "broken JSON": (lambda f: cut(f / "voice.json"), "voice.json", "not the description of a voice"),
    "not text": (
        lambda f: (f / "voice.json").write_bytes(b"\xff\xfe\xff"),
        "voice.json",
        "not the description",
    ),
    "a list": (lambda f: edit(f, lambda v: [v]), "voice.json", "not the description"),
    "no card": (lambda f: edit(f, lambda v: {"voice": v["voice"]}), "voice.json", "not the description"),
    "a card that is none": (
        lambda f: edit(f, lambda v: v | {"card": None}),
        "voice.json",
        "not the description",
    ),
    "unknown field": (
        lambda f: edit(f, lambda v: v | {"voice": v["voice"] | {"rate": 1}}),
        "voice.json",
        "VoiceConfig has no field 'rate'; remove it",
    ),
    "a number for a voice": (
        lambda f: edit(f, lambda v: v | {"voice": 1}),
        "voice.json",
        "not the description",
    ),
    "a rule broken": (
        lambda f: edit(f, lambda v: v | {"voice": v["voice"] | {"gain": 0}}),
        "voice.json",
        "gain 0.0 must be positive",
    ),
    "a temperature that is none": (
        lambda f: edit(f, lambda v: v | {"card": v["card"] | {"temperature": -1}}),
        "voice.json",
        "temperature must be 0, or from 1e-6 to 1e6, not -1",
    ),
    "no weights": (lambda f: (f / "weights.safetensors").unlink(), "weights.safetensors", "cannot be read"),
    "weights cut": (lambda f: cut(f / "weights.safetensors"), "weights.safetensors", "cannot be read"),
    "weights empty": (
        lambda f: (f / "weights.safetensors").write_bytes(b""),
        "weights.safetensors",
        "cannot be",
    ),
    "one weight too few": (
        lambda f: rewrite(f, lambda w: dict(list(w.items())[1:])),
        "weights.safetensors",
        "do not fit the model that voice.json describes",
    ),
    "another shape": (
        lambda f: rewrite(f, lambda w: w | {"tier_0/speaker": w["tier_0/speaker"][:1]}),
        "weights.safetensors",
        "do not fit the model that voice.json describes",
    ),
    "a weight that is no number": (
        lambda f: rewrite(f, lambda w: w | {"tier_0/speaker": w["tier_0/speaker"] * np.float32("nan")}),
        "weights.safetensors",
        "tier_0/speaker holds what is no finite number",
    ),
    "weights of another type": (
        lambda f: rewrite(f, lambda w: w | {"tier_0/speaker": w["tier_0/speaker"].astype(np.int32)}),
        "weights.safetensors",
        "tier_0/speaker holds what is no finite number",
    ),
    "weights in a pipe": (
        lambda f: ((f / "weights.safetensors").unlink(), os.mkfifo(f / "weights.safetensors")),
        "weights.safetensors",
        "cannot be read (is no regular file)",
    ),
    "deep": (
        lambda f: (f / "voice.json").write_text("[" * 10_000),
        "voice.json",
        "not the description of a voice (line 1: is nested more than 64 deep)",
    ),
    "layers without end": (
        lambda f: edit(f, lambda v: v | {"voice": v["voice"] | {"model": {"layers": 10**9}}}),
        "voice.json",
        "layers is 1000000000; choose 64 at most",
    ),
    "too many parameters": (
        lambda f: edit(
            f, lambda v: v | {"voice": v["voice"] | {"model": {"expand_top": True, "dim": 16384}}}
        ),
        "voice.json",
        "describes a model of",
    ),
    "a rate of light": (
        lambda f: edit(f, lambda v: v | {"voice": v["voice"] | {"sample_rate": 10**12}}),
        "voice.json",
        "sample_rate is 1000000000000 Hz; choose from 1000 to 192000",
    ),
    "another model": (
        lambda f: edit(f, lambda v: v | {"voice": v["voice"] | {"speakers": []}}),
        "weights.safetensors",
        "do not fit the model that voice.json describes",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_voice_is_reported_in_one_sentence(written, tmp_path, damage):
    act, file, message = DAMAGES[damage]
    folder = tmp_path / "voice"
    shutil.copytree(written[1] / "voice", folder)
    edit(
        folder, lambda v: {part: v[part] for part in ("voice", "card")}
    )  # as written before digests were stored
    load_voice(folder)
    act(folder)
    with pytest.raises(BabbleError) as error:
        load_voice(folder)
    sentence = str(error.value)
    assert sentence.startswith(f"{folder / file}: ")
    assert message in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert any(part in sentence for part in ("babble train", "remove it", "must be", "choose"))


def flip(path, at=-5):
    content = bytearray(path.read_bytes())
    content[at] ^= 16
    path.write_bytes(content)


def test_a_flipped_bit_of_the_weights_is_seen(written, tmp_path):
    folder = tmp_path / "voice"
    shutil.copytree(written[1] / "voice", folder)
    flip(folder / "weights.safetensors")
    with pytest.raises(BabbleError, match="safetensors: is damaged, or belongs to another voice"):
        load_voice(folder)
    edit(folder, lambda v: v | {"sha256": {}})  # as written before digests were stored
    load_voice(folder)
    edit(folder, lambda v: v | {"sha256": {"weights.safetensors": 3}})
    with pytest.raises(BabbleError, match="sha256 must have a digest of weights"):
        load_voice(folder)


def test_the_voice_that_ships_has_digests():
    values = json.loads((registry.path("voices", "babblers") / "voice.json").read_text("utf-8"))
    assert sorted(values["sha256"]) == ["units.safetensors", "weights.safetensors"]
