"""Sessions that several tests read."""

import shutil
from pathlib import Path

import pytest

from tests.agent.session.simulated_session import record, simulate
from tests.dialogue.simulated import corpus

SECONDS, SEED = 60.0, 3


@pytest.fixture(scope="session")
def recorded(tmp_path_factory) -> Path:
    """A session of a minute; nobody may change it."""
    folder = tmp_path_factory.mktemp("sessions") / "session"
    record(folder, simulate(SECONDS, SEED), SEED)
    return folder


@pytest.fixture
def own(recorded, tmp_path) -> Path:
    """A copy of it."""
    return shutil.copytree(recorded, tmp_path / "own")


@pytest.fixture(scope="session")
def people():
    """A few dialogues of people."""
    return corpus()
