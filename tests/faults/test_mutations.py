"""Mutated files: each is read as it stands or refused in one sentence, in seconds."""

import contextlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import pytest

from babble_jax import config
from babble_jax.audio.quantize import Quantizer
from babble_jax.audio.units import Codebook, UnitSequence
from babble_jax.dialogue.read_folder import read_dialogue_folder
from babble_jax.files import write_json
from babble_jax.judge.reference import load_reference, read_reference, save_reference
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice, save_voice
from babble_jax.stimuli.spec_reading import read_spec
from babble_jax.timing.catalogue import preset_card
from babble_jax.timing.events import events
from babble_jax.timing.preset import load_timing
from babble_jax.voice.conditioning import activity
from babble_jax.voice.conditioning.unit_models import UnitModels, fit_unit_lm
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from tests.faults.mutations import Mutate, choose, mutate_bytes, mutate_json, mutate_lines, try_mutations
from tests.small_inputs import example_spec


def unit_models(speakers: int) -> UnitModels:
    draws = np.random.default_rng(0)
    recordings = [
        UnitSequence(
            draws.integers(0, 4, 60), np.where(draws.random(60) < 0.5, np.nan, 0.25), np.full(60, -20.0)
        )
        for _ in range(3)
    ]
    active = [np.array([[0.05, 0.25], [0.35, 0.55]])] * 3
    arrays = (draws.normal(size=shape).astype(np.float32) for shape in ((4, 3), (speakers, 3)))
    codebook = Codebook(*arrays, np.ones((speakers, 3), np.float32), np.full(speakers, 120, np.float32))
    return UnitModels(codebook, tuple(fit_unit_lm(recordings, active, [0.6] * 3) for _ in range(speakers)))


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """One file of each kind, intact."""
    folder = tmp_path_factory.mktemp("place")
    model = SampleRNNConfig(frame_sizes=(4,), dim=4, embedding=2, hidden=1, expand_top=True)
    settings = VoiceConfig(
        model, Quantizer("mu_law", 8), 4000, 2.0, ("ann", "ben"), activity.FEATURES, 4, (2000.0, 1900.0)
    )
    shapes = jax.eval_shape(settings.sample_model.init, jax.random.key(0))
    draws = np.random.default_rng(0)
    params = jax.tree.map(lambda x: draws.normal(size=x.shape).astype(x.dtype), shapes)
    card = {"steps": 3, "temperature": 0.5, "active_levels": [{"speaker": "ann", "dbfs": -20.0}]}
    save_voice(PretrainedVoice(settings, params, "voice", unit_models(2), card), folder / "voice")
    load_timing("ami").save(folder / "preset.json")
    (folder / "spec.toml").write_text(example_spec())
    save_reference(load_reference("festvox-ru"), folder / "reference.json")
    ipus = [
        {"speaker": "AB"[i % 2], "number": i // 2, "realised": {"onset": i * 0.5, "end": i * 0.5 + 0.6}}
        for i in range(8)
    ]
    values = {
        "kind": "babble_jax duet",
        "conversation": "a",
        "seconds": 6.0,
        "sample_rate": 16000,
        "ipus": ipus,
    }
    write_json(folder / "manifest.json", values | {"channels": [{"speaker": "A"}, {"speaker": "B"}]})
    return folder


def read_voice(path: Path) -> object:
    voice = load_voice(path.parent)
    assert all(np.isfinite(x).all() for x in jax.tree.leaves(voice.params))
    voice.sampling()
    if voice.unit_models is not None:
        lm = voice.unit_models.unit_lms[0]
        lm.draw_phrase(np.random.default_rng(0), 20)
        lm.draw_activity(np.random.default_rng(0), 1.0)
    return voice.params, voice.config


def read_preset(path: Path) -> object:
    preset = load_timing(path)
    preset_card(preset.to_json())
    return preset


def use_preset(path: Path) -> object:
    preset = load_timing(path)
    for model in preset.models.values():
        assert 0 <= float(model.cdf(0.0)) <= 1 + 1e-5
    if preset.floor is not None:
        assert np.isfinite(preset.floor.log_hazard).all()
        assert np.isfinite(np.asarray(preset.floor.tables(2).root)).all()
    return preset


def read_manifest(path: Path) -> object:
    return events([read_dialogue_folder(path.parent)])


def read_measures(path: Path) -> object:
    reference = read_reference(path)
    return [reference.within(name, 0.1) for name in reference.speech], config.to_json(reference)


# by the file's name: how it is read, and its mutations
KINDS: dict[str, tuple[Callable[[Path], object], Mutate]] = {
    "voice/voice.json": (read_voice, choose(mutate_bytes, mutate_json, mutate_json)),
    "voice/weights.safetensors": (read_voice, mutate_bytes),
    "voice/units.safetensors": (read_voice, mutate_bytes),
    "preset.json": (read_preset, choose(mutate_bytes, mutate_json, mutate_json)),
    "spec.toml": (read_spec, choose(mutate_bytes, mutate_lines, mutate_lines)),
    "reference.json": (read_measures, choose(mutate_bytes, mutate_json, mutate_json)),
    "manifest.json": (read_manifest, choose(mutate_bytes, mutate_json, mutate_json)),
}


def outcomes(path: Path, count: int, read: Callable[[Path], object] | None = None) -> Counter[str]:
    """Reads mutations of a file, by the function of its kind or another."""
    name = next(name for name in KINDS if path.as_posix().endswith(name))
    own, mutate = KINDS[name]
    own(path)
    result = try_mutations(path, lambda: (read or own)(path), mutate, count)
    print(f"{path.name}: {count} mutations, {dict(result)}")
    return result


def check(path: Path, count: int) -> None:
    result = outcomes(path, count)
    assert result["refused"] > count / 4
    if path.suffix == ".safetensors":
        assert result["read"] == 0


@pytest.fixture
def untouched_caches(tmp_path, monkeypatch):
    """A folder for compiled code that takes the shapes of mutated models."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", KINDS)
def test_a_hundred_mutations_are_read_or_refused(place, untouched_caches, name):
    check(place / name, 100)


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_mutations_are_read_or_refused(place, untouched_caches, name):
    check(place / name, 5000)


@pytest.mark.slow
def test_a_mutated_preset_that_is_read_can_be_drawn_from(place):
    outcomes(place / "preset.json", 1000, use_preset)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in KINDS if name.endswith(".safetensors")])
def test_mutations_without_a_digest_are_read_or_refused(place, untouched_caches, name):
    """Those of a voice that was written before digests were stored: what is read is finite and can be used."""
    path = place / name
    description = path.with_name("voice.json")
    text = description.read_text()
    with contextlib.ExitStack() as stack:
        stack.callback(description.write_text, text)
        description.write_text(text[: text.index('"sha256"')].rstrip().rstrip(",") + "}")
        outcomes(path, 5000)
