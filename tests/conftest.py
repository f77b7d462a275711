"""All tests: several virtual CPU devices, strict broadcasting, full-precision products, where the corpora lie."""

import os
from pathlib import Path

import jax
import pytest

jax.config.update("jax_num_cpu_devices", 4)
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_default_matmul_precision", "highest")


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of conversation corpora, or a skip with the reason."""
    folder = os.environ.get("BABBLE_CORPORA")
    if not folder:
        pytest.skip("BABBLE_CORPORA is unset: no conversation corpora to read")
    return Path(folder)
