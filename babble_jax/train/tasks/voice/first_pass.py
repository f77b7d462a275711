"""Measures and encodes the recordings of a data set in a process of its own, which ends before training begins.

The libraries that measure pitch and fit units take more memory than the training of a small voice, and Python gives
little of it back. The process leaves files, which training reads (`open_units`). Where it cannot be started or fails,
training makes them itself, and then says what is wrong.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from babble_jax.dataset.features import open_features
from babble_jax.dataset.source import Recordings, open_dataset
from babble_jax.errors import BabbleError
from babble_jax.train.tasks.voice.stored_units import open_units, units_are_stored
from babble_jax.voice.conditioning.unit_models import (
    UnitModels,
    fit_unit_models,
    load_unit_models,
    save_unit_models,
)

UNITS = "units.safetensors"
"""File of the unit models in the folder of a run."""
_LEAST_SECONDS = 300.0  # of sound; less is measured sooner than a process starts


def run_first_pass(dataset: str, splits: Sequence[Recordings], count: int, workdir: Path) -> None:
    """Fits unit models and stores the units of splits, where they are not stored and there is sound of some minutes.

    Args:
      dataset: folder or name of the data set.
      splits: complete splits, of which the first is that on which units are fitted; all are at one rate.
      count: number of units.
      workdir: folder of the run; unit models in it are used.
    """
    lasting = all(recordings.fingerprint and recordings.active is not None for recordings in splits)
    seconds = sum(recordings.seconds for recordings in splits)
    if not lasting or seconds < _LEAST_SECONDS or not sys.executable or _is_complete(splits, count, workdir):
        return
    request = {
        "dataset": dataset,
        "splits": [recordings.split for recordings in splits],
        "rate": splits[0].sample_rate,
        "count": count,
        "workdir": str(workdir),
    }
    # In a session of its own it does not get Ctrl-C, which ends this process, and the standard input that it waits for.
    command = [sys.executable, "-P", "-m", __name__, json.dumps(request)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    with contextlib.suppress(OSError):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, start_new_session=True)
        with process:
            try:
                process.wait()
            except BaseException:
                process.kill()
                raise


def fit_units(count: int, recordings: Recordings, workdir: Path) -> UnitModels:
    """Fits unit models on the recordings of a split, and writes them to the folder of a run.

    Args:
      count: number of units.
      recordings: of the split, whose data set says where they speak.
      workdir: folder of the run.

    Raises:
      BabbleError: a recording cannot be read, or there is too little speech.
    """
    assert recordings.active is not None
    models = fit_unit_models(
        count,
        recordings.lengths,
        recordings.speakers,
        recordings.active,
        open_features(recordings, workdir),
        recordings.sample_rate,
    )
    save_unit_models(models, workdir / UNITS)
    return models


def _load(count: int, recordings: Recordings, workdir: Path) -> UnitModels | None:
    """Loads the unit models of a run that were fitted on recordings, if there are any."""
    path = workdir / UNITS
    return load_unit_models(path, count, int(recordings.speakers.max()) + 1) if path.is_file() else None


def _is_complete(splits: Sequence[Recordings], count: int, workdir: Path) -> bool:
    models = _load(count, splits[0], workdir)
    return models is not None and all(units_are_stored(models, one, workdir) for one in splits)


def _end_with_parent() -> None:
    """Ends this process when the one that has started it is gone."""

    def watch() -> None:
        sys.stdin.read()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def main(request: str) -> int:
    """Makes what `run_first_pass` asks for: the exit code."""
    _end_with_parent()
    options = json.loads(request)
    workdir = Path(options["workdir"])
    try:
        splits = [open_dataset(options["dataset"], split, options["rate"]) for split in options["splits"]]
        models = _load(options["count"], splits[0], workdir) or fit_units(
            options["count"], splits[0], workdir
        )
        for recordings in splits:
            open_units(models, recordings, workdir)
    except BabbleError:
        return 1  # the process that trains meets it again
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
