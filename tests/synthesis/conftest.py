"""The unit language model of the default voice, and phrases drawn of it."""

import numpy as np
import pytest

from babble_jax.synthesis import notes, recordings


@pytest.fixture(scope="package")
def unit_lm():
    return recordings.load_unit_lm()[0]


@pytest.fixture(scope="package")
def phrases(unit_lm) -> list[list[notes.Note]]:
    return notes.draw_phrases(unit_lm, np.random.default_rng(5), 6.0)
