"""Settings of JAX, threads, locale and time zone change nothing: what is drawn, spoken, counted or written has the same
bytes, and what is fitted agrees within the tolerances that the FAQ states.
"""

import io
import json
import os
import shutil
import subprocess
import sys

import jax
import numpy as np
import pytest

import babble_jax
from babble_jax import cli
from babble_jax.timing.floor.exposure import count_exposure
from tests.faults.numeric_probe import PARTS, digest, ipus, make_inputs
from tests.test_numerics import foreign_settings

SETTINGS: dict[str, tuple[str, ...]] = {
    "float64": ("JAX_ENABLE_X64=1",),
    "products in bfloat16": ("JAX_DEFAULT_MATMUL_PRECISION=bfloat16",),
    "products by a bfloat16 algorithm": ("JAX_DEFAULT_MATMUL_PRECISION=BF16_BF16_F32",),
    "products in full": ("JAX_DEFAULT_MATMUL_PRECISION=highest",),
    "Threefry of another layout": ("JAX_THREEFRY_PARTITIONABLE=0",),
    "another generator": ("JAX_DEFAULT_PRNG_IMPL=rbg",),
    "strict types": ("JAX_NUMPY_DTYPE_PROMOTION=strict",),
    "all of them": (
        "JAX_ENABLE_X64=1",
        "JAX_DEFAULT_PRNG_IMPL=rbg",
        "JAX_THREEFRY_PARTITIONABLE=0",
        "JAX_NUMPY_DTYPE_PROMOTION=strict",
    ),
    "checks for NaN": ("JAX_DEBUG_NANS=1",),
    "one thread": (
        "XLA_FLAGS=--xla_cpu_multi_thread_eigen=false",
        "NPROC=1",
        "OPENBLAS_NUM_THREADS=1",
        "OMP_NUM_THREADS=1",
        "NUMBA_NUM_THREADS=1",
    ),
    "four threads": ("NPROC=4", "OPENBLAS_NUM_THREADS=4", "OMP_NUM_THREADS=4"),
    "ASCII": ("LC_ALL=C", "PYTHONUTF8=0", "PYTHONCOERCECLOCALE=0", "TZ=Asia/Kathmandu", "PYTHONHASHSEED=7"),
    "another time zone": ("PYTHONIOENCODING=ascii", "LC_ALL=C.utf8", "TZ=Pacific/Apia", "PYTHONHASHSEED=123"),
}
TOLERANCES = {"floor": 1e-6, "predictors": 1e-5, "voices": 1e-6, "training": 1e-3, "fits": 1e-4}
"""Of what is fitted or measured by part of the probe, relative to the larger of 1 and the value."""


FITTED = ("fits", "training")
TOGETHER = {
    "types and generators": ("all of them",),
    "bfloat16, threads and locale": ("products in bfloat16", "four threads", "ASCII"),
    "an algorithm, one thread and a time zone": (
        "products by a bfloat16 algorithm",
        "one thread",
        "another time zone",
    ),
    "full products and checks for NaN": ("products in full", "checks for NaN"),
}
"""Settings that are tried together on what is fitted, which takes longer; each is in one of them."""


def probe(folder, parts: tuple[str, ...], settings: tuple[str, ...]) -> dict[str, dict]:
    """Runs parts of the probe under some settings; what one process has compiled the next ones read."""
    own = {name.split("=")[0] for values in SETTINGS.values() for name in values}
    environment = {name: value for name, value in os.environ.items() if name not in own}
    environment |= {"PYTHONHASHSEED": "0"}  # else some code is compiled anew in each process
    environment |= dict(setting.split("=", 1) for setting in settings)
    command = [sys.executable, "-m", "tests.faults.numeric_probe", str(folder), *parts]
    result = subprocess.run(command, capture_output=True, env=environment)
    assert result.returncode == 0, result.stderr.decode(errors="replace")
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("probe")
    make_inputs(folder)
    (folder / "İ").mkdir()
    shutil.copy(folder / "corpus" / "talk0.csv", folder / "İ")
    return folder


def compare(result: dict[str, dict], expected: dict[str, dict]) -> None:
    assert result["exact"] == expected["exact"]
    assert result["fitted"].keys() == expected["fitted"].keys()
    for key, values in expected["fitted"].items():
        assert np.isfinite(values).all(), (key, values)
        error = np.abs(np.subtract(result["fitted"][key], values)) / np.maximum(1, np.abs(values))
        assert error.max() <= TOLERANCES[key.split(":")[0]], (key, result["fitted"][key], values)


@pytest.fixture(scope="module")
def expected_draws(folder):
    parts = tuple(part for part in PARTS if part not in FITTED)
    return parts, probe(folder, parts, ())


@pytest.fixture(scope="module")
def expected_fits(folder):
    return probe(folder, FITTED, ())


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_no_setting_changes_what_is_drawn_or_spoken(folder, expected_draws, name):
    parts, expected = expected_draws
    compare(probe(folder, parts, SETTINGS[name]), expected)


def test_every_setting_is_tried_on_what_is_fitted():
    tried = {value for names in TOGETHER.values() for name in names for value in SETTINGS[name]}
    assert tried == {value for values in SETTINGS.values() for value in values}


@pytest.mark.slow
@pytest.mark.parametrize("name", TOGETHER)
def test_no_setting_changes_what_is_fitted(folder, expected_fits, name):
    settings = tuple(value for one in TOGETHER[name] for value in SETTINGS[one])
    compare(probe(folder, FITTED, settings), expected_fits)


def test_a_floor_is_drawn_and_counted_and_a_voice_speaks_as_without(folder):
    preset, voice = babble_jax.load_timing("switchboard"), babble_jax.load_voice(folder / "voice")
    talks = babble_jax.read(folder / "corpus").conversations[:1]
    key = jax.random.key(4, impl="threefry2x32")

    def run() -> dict[str, str]:
        rows = count_exposure(talks, preset.definitions)
        return {
            "floor": digest(
                *(value for talk in preset.draw_dialogues(2**63, 1, 5.0) for value in ipus(talk))
            ),
            "counts": digest(rows.person, rows.state, rows.frames, rows.events),
            "offsets": digest(preset.models["turn"].sample(key, (20,))),
            "native": digest(babble_jax.speak(voice, 0.1, seed=1, sampler="native")),
            "compiled": digest(babble_jax.speak(voice, 0.1, seed=1, sampler="compiled")),
            "codes": digest(babble_jax.Quantizer("a_law", 256).encode(np.linspace(-1, 1, 999))),
        }

    with foreign_settings():
        result = run()
    assert result == run()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_characters_outside_an_encoding_are_escaped(folder, encoding, monkeypatch):
    """The corpus has names of which ASCII and Latin-1 lack some characters."""
    printed = {}
    for form in ("", "--json"):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", stream)
        cli.main(["compare", str(folder / "corpus"), str(folder / "İ"), form][: 3 + bool(form)])
        stream.flush()
        printed[form] = stream.buffer.getvalue().decode(encoding)
    assert json.loads(printed["--json"])["b"]["name"] == str(folder / "İ")
    assert ("İ" in printed[""]) == (encoding == "utf-8")
    assert ("\\u0130" in printed[""]) == (encoding != "utf-8")
