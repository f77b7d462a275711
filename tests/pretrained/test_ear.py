"""An ear comes out of its folder as it went in; what is damaged is refused in one sentence."""

import dataclasses

import jax
import numpy as np
import pytest
import safetensors.numpy

from babble_jax.ear import model
from babble_jax.ear.config import EarConfig, parameter_shapes
from babble_jax.ear.ear import Ear
from babble_jax.errors import BabbleError
from babble_jax.files import write_json
from babble_jax.input_files import read_json
from babble_jax.ngram import fit_ngram
from babble_jax.pretrained.ear import load_ear, save_ear
from tests.command import done, refused

CONFIG = EarConfig(("pau", "a", "n"), bands=4, dim=8, recurrent=6, context=1, layers=1)


@pytest.fixture(scope="module")
def ear():
    shapes = jax.eval_shape(lambda key: model.init(CONFIG, key), jax.random.key(0))  # compiles nothing
    rng = np.random.default_rng(0)
    params = jax.tree.map(lambda x: rng.normal(size=x.shape).astype(np.float32), shapes)
    ngram = fit_ngram([("pau", "a", "n", "a", "pau")], 2, CONFIG.symbols)
    return Ear(CONFIG, params, ngram, {"steps": 3})


@pytest.mark.parametrize(
    "options", [{}, {"direction": "forward", "look_ahead": 5, "recurrent_layers": 2}, {"frame_head": False}]
)
def test_the_shapes_are_those_of_the_network(options):
    config = dataclasses.replace(CONFIG, **options)
    tree = jax.eval_shape(lambda key: model.init(config, key), jax.random.key(0))
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    expected = {jax.tree_util.keystr(path, simple=True, separator="/"): x.shape for path, x in leaves}
    assert parameter_shapes(config) == expected


@pytest.mark.parametrize(("dtype", "error"), [("float32", 0.0), ("float16", 2**-11), ("int8", 0.5 / 127)])
def test_an_ear_comes_out_as_it_went_in(ear, tmp_path, dtype, error):
    save_ear(ear, tmp_path / "ear", dtype)
    other = load_ear(tmp_path)  # the folder of a run
    assert (other.config, other.card, other.ngram) == (ear.config, ear.card, ear.ngram)
    paths = jax.tree_util.tree_leaves_with_path(ear.params)
    for (_, x), y in zip(paths, jax.tree.leaves(other.params), strict=True):
        assert y.dtype == np.float32
        if x.ndim == 1:
            np.testing.assert_array_equal(x, y)
        else:
            largest = np.abs(x).max(0) if dtype == "int8" else np.abs(x)
            assert (np.abs(x - y) <= 1.001 * error * largest + 1e-7 * (error > 0)).all()


def test_matrices_of_int8_lie_beside_the_scale_of_each_unit(ear, tmp_path):
    save_ear(Ear(CONFIG, ear.params), tmp_path, "int8")
    arrays = safetensors.numpy.load_file(tmp_path / "weights.safetensors")
    assert arrays["dense_0/kernel"].dtype == np.int8
    assert arrays["dense_0/kernel.scale"].shape == (8,)
    assert arrays["dense_0/bias"].dtype == np.float32
    assert load_ear(tmp_path).ngram is None


def test_what_is_damaged_is_refused_in_one_sentence(ear, tmp_path):
    with pytest.raises(BabbleError, match="there is no ear here"):
        load_ear(tmp_path)
    with pytest.raises(BabbleError, match="name of the ear is empty"):
        load_ear("")
    save_ear(ear, tmp_path)
    weights = tmp_path / "weights.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(BabbleError, match=r"weights\.safetensors: is damaged, or belongs to another ear"):
        load_ear(tmp_path)
    weights.write_bytes(content)
    description = read_json(tmp_path / "ear.json")
    write_json(tmp_path / "ear.json", description | {"ear": description["ear"] | {"dim": 9}})
    with pytest.raises(BabbleError, match="do not fit the ear"):
        load_ear(tmp_path)
    write_json(tmp_path / "ear.json", description | {"ear": description["ear"] | {"dim": 0}})
    with pytest.raises(BabbleError, match="dim is 0"):
        load_ear(tmp_path)
    write_json(tmp_path / "ear.json", {"ear": 1})
    with pytest.raises(BabbleError, match="not the description of an ear"):
        load_ear(tmp_path)


def test_an_ear_is_exported_with_its_card(ear, tmp_path, capsys):
    save_ear(ear, tmp_path / "run" / "ear", "float32")
    line = f"export {tmp_path / 'run'} --out {tmp_path / 'mine'} --source ours --licence CC0-1.0"
    assert done(capsys, f"{line} --weights int8").out.startswith(f"{tmp_path / 'mine'}: 0.0")
    other = load_ear(tmp_path / "mine")
    assert other.card == {"steps": 3, "source": "ours", "licence": "CC0-1.0"}
    assert (other.ngram, other.beam) == (ear.ngram, ear.beam)
    assert "--temperature is for voices" in refused(capsys, f"{line}2 --temperature 1")
