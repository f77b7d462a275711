"""Writes the tables of a set of stimuli, and a folder for each list where that is asked for."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from babble_jax import files
from babble_jax.stimuli.delivery import name_files
from babble_jax.stimuli.lists import Trial
from babble_jax.stimuli.specification import StimulusSpec
from babble_jax.stimuli.tables import (
    format_list,
    format_lists,
    format_stimuli,
    format_transfers,
    stimulus_name,
)

STIMULI, LISTS, TRANSFERS = "stimuli.csv", "lists.csv", "transfers.csv"


def write_tables(
    folder: Path, spec: StimulusSpec, lists: Sequence[Sequence[Trial]], stimuli: Sequence[dict[str, Any]]
) -> list[str]:
    """Writes `stimuli.csv`, `transfers.csv`, `lists.csv`, and `list1.csv` ... or a folder for each list.

    The folder of a list holds its table and copies of its sound files, so that it can be uploaded as it is.

    Args:
      folder: of the set.
      spec: of the set.
      lists: the trials of each list.
      stimuli: the entries of the manifest.

    Returns:
      The table of each list, relative to `folder`.
    """
    by_file = {stimulus["file"]: stimulus for stimulus in stimuli}
    ordered = [
        [by_file[name_files(stimulus_name(spec, trial), spec.output)[0]] for trial in trials]
        for trials in lists
    ]
    files.write_text(folder / STIMULI, format_stimuli(stimuli))
    files.write_text(folder / TRANSFERS, format_transfers(stimuli))
    files.write_text(folder / LISTS, format_lists(ordered))
    tables = []
    for number, trials in enumerate(ordered, start=1):
        place = folder / f"list{number}" if spec.output.folders else folder
        place.mkdir(exist_ok=True)
        files.write_text(place / f"list{number}.csv", format_list(trials))
        tables.append((place / f"list{number}.csv").relative_to(folder).as_posix())
        if spec.output.folders:
            for trial in trials:
                for name in (trial["file"], trial["file_mono"]):
                    if name:
                        shutil.copyfile(folder / name, place / name)
    return tables
