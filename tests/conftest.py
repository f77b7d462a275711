"""Set-up of all tests: several virtual CPU devices, strict broadcasting, full-precision products, corpora, smoke."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# What one test has compiled the others read, and the processes that they start, too.
if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
    os.environ["JAX_COMPILATION_CACHE_DIR"] = tempfile.mkdtemp(prefix="compiled-")
    atexit.register(shutil.rmtree, os.environ["JAX_COMPILATION_CACHE_DIR"], ignore_errors=True)
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
# What is compiled here runs a few times only.
os.environ["XLA_FLAGS"] = f"--xla_backend_optimization_level=1 {os.environ.get('XLA_FLAGS', '')}"

import jax
import numpy as np
import pytest
import soundfile

jax.config.update("jax_num_cpu_devices", 4)
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_default_matmul_precision", "highest")


SMOKE = (
    "golden/test_golden.py",
    "test_structure.py",
    "test_words.py",
    "test_files.py",
    "audio/test_quantize.py",
    "conversation/test_table.py",
    "conversation/test_rttm.py",
    "timing/events/test_ipu.py",
    "timing/events/test_transfers.py",
    "dataset/test_tbptt.py",
    "voice/conditioning/test_activity.py",
    "pretrained/test_pretrained.py",
    "judge/test_loops.py",
    "train/test_noise.py",
    "track/test_jsonl.py",
    "dialogue/test_detection.py",
    "stimuli/test_lists.py",
    "experiments/test_report.py",
)
"""Files whose fast tests are the selection of a minute: `pytest -m smoke`."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the smoke tests."""
    folder = Path(__file__).parent
    for item in items:
        name = item.path.relative_to(folder).as_posix()
        if name in SMOKE and item.get_closest_marker("slow") is None:
            item.add_marker("smoke")


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of conversation corpora, or a skip with the reason."""
    folder = os.environ.get("BABBLE_CORPORA")
    if not folder:
        pytest.skip("BABBLE_CORPORA is unset: no conversation corpora to read")
    return Path(folder)


@pytest.fixture(scope="session")
def tone_files(tmp_path_factory) -> Path:
    """A folder of 24 recordings of different lengths, 4 kHz."""
    folder = tmp_path_factory.mktemp("tones")
    draw = np.random.default_rng(0)
    for i in range(24):
        time = np.arange(draw.integers(1500, 4000)) / 4000
        tone = 0.4 * np.sin(2 * np.pi * (200 + 15 * i) * time) + 0.02 * draw.standard_normal(len(time))
        soundfile.write(folder / f"tone{i}.wav", tone, 4000)
    return folder


@pytest.fixture(scope="session")
def tones(tone_files) -> Path:
    """A data set of them."""
    from babble_jax.dataset import recordings

    out = tone_files.parent / "tones-dataset"
    recordings.build_from_folders(tone_files, out, 4000)
    return out
