"""Inputs of the commands, and a disk that is too small for what they write."""

import importlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.commands import make_inputs

CONSUMERS = (
    "babble_jax.dialogue.card_levels",
    "babble_jax.dialogue.duet",
    "babble_jax.stimuli.stimulus_set",
    "babble_jax.pretrained.speaking",
)
"""Modules that import functions which tests replace: they must not import the replacement for good."""


@pytest.fixture(scope="session")
def inputs(tmp_path_factory) -> Path:
    for name in CONSUMERS:
        importlib.import_module(name)
    folder = tmp_path_factory.mktemp("inputs")
    make_inputs(folder)
    return folder


@pytest.fixture
def disk(tmp_path) -> Iterator[Callable[[int], Path]]:
    """Gives a disk of so many kilobytes; each time it is another size of the same disk."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options: str) -> None:
        result = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True
        )
        if result.returncode:
            pytest.skip(f"no small disk can be mounted here: {result.stderr.strip()}")

    def resize(kilobytes: int) -> Path:
        mount(f"remount,size={kilobytes}k")
        return folder

    mount("size=64m")
    yield resize
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
