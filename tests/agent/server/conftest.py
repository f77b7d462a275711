"""A server that the tests of a file share."""

import pytest

from tests.agent.serving import serve


@pytest.fixture(scope="module")
def many():
    """Runs a server of many conversations at a time."""
    with serve(sessions=64) as served:
        yield served
