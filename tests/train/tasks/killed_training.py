"""A training on labelled recordings that is killed twice, beside the unbroken one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from babble_jax.track.jsonl import read_metrics
from tests.faults.outcomes import read_tree
from tests.train.test_kill import PATIENCE, kill, logged, saving, start

STEPS = 40


def check_killed_training(
    recordings: Path, folder: Path, kind: str, kills: Sequence[tuple[int, bool]], export: str
) -> list[dict[str, Any]]:
    """Checks that a training that is killed is the unbroken one to the bit; returns its lines of metrics.

    Args:
      recordings: with labels.
      folder: for both trainings.
      kind: of the task, as `kill_run.py` takes it.
      kills: for each kill the step from which on it strikes, and whether it is to strike in a save.
      export: folder of the model within the run.
    """
    unbroken, broken = folder / "unbroken", folder / "broken"
    with (folder / "log").open("wb") as log:
        assert start(recordings, unbroken, STEPS, kind, log).wait(PATIENCE) == 0
        for target, in_save in kills:
            process = start(recordings, broken, STEPS, kind, log)
            kill(process, lambda: logged(broken) >= target and (saving(broken) or not in_save))  # noqa: B023
        assert start(recordings, broken, STEPS, kind, log).wait(PATIENCE) == 0
    lines = read_metrics(broken / "metrics.jsonl")
    assert lines == read_metrics(unbroken / "metrics.jsonl")
    assert [line["step"] for line in lines if "train/loss" in line] == list(range(1, STEPS + 1))
    assert read_tree(broken / export) == read_tree(unbroken / export)
    return lines
