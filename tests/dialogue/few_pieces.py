"""A fixture for tests that make dialogues: import it, and few pieces are drawn beside each."""

import pytest

from babble_jax.dialogue import pieces


@pytest.fixture(autouse=True, scope="module")
def few_pieces():
    """Draws a dozen dialogues where hundreds are drawn otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "CHUNK", 12)
        patch.setattr(pieces, "FEWEST_PIECES", 12)
        patch.setattr(pieces, "_affordable", lambda seconds: 12)
        yield
