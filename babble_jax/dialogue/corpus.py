"""Writes a corpus of simulated dialogue timing to disk: annotation by the thousand hours, without sound.

Axes: N IPUs of a dialogue. Times are seconds.
"""

import importlib.metadata
import io
import math
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from array_record.python.array_record_module import ArrayRecordWriter

from babble_jax import files
from babble_jax.arguments import check_arguments
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.formats.rttm import write_rttm
from babble_jax.conversation.formats.table import write_csv
from babble_jax.conversation.formats.textgrid import write_textgrid
from babble_jax.errors import BabbleError
from babble_jax.files import MANIFEST, atomic_folder, sha256
from babble_jax.progress import Progress
from babble_jax.timing.floor.simulator import FEWEST_SPEAKERS, MOST_SPEAKERS
from babble_jax.timing.preset import TimingPreset, load_timing

KIND = "babble_jax simulated timing"
Format = Literal["rttm", "textgrid", "csv", "array_record"]

MINUTES = (0.05, 600.0)
"""Shortest and longest dialogue."""
LEAST_HOURS = 1 / 3600
MOST_DIALOGUES = 2**32 - 1

_BATCH = 512  # dialogues that are drawn side by side; no dialogue depends on it
_WRITERS: dict[str, tuple[str, Callable[[Path, Conversation], None]]] = {
    "rttm": ("rttm", write_rttm),
    "textgrid": ("TextGrid", write_textgrid),
    "csv": ("csv", write_csv),
}


@check_arguments
def simulate(
    hours: float,
    out: str | os.PathLike,
    *,
    timing: TimingPreset | str | os.PathLike = "switchboard",
    seed: int = 0,
    format: Format = "rttm",
    minutes: float = 10.0,
    speakers: int | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Draws dialogues and writes them into a folder as they come, all of it or nothing.

    The folder holds one file per dialogue, or for "array_record" one per 512 of them; `manifest.json` describes
    them. A record is what `numpy.load` opens: `onset`, `end` [N] float64, `speaker` [N] int32, `id`. The
    number of a dialogue and the seed determine it: more hours add dialogues and leave these as they are.
    Progress goes to standard error.

    Args:
      hours: of dialogue in all; the last dialogue is as long as the others.
      out: the folder, new or empty, or of an earlier simulation if `overwrite` says so.
      timing: a timing preset with a floor, its name, or its file.
      seed: of everything; 64 bits.
      format: of the files.
      minutes: of each dialogue.
      speakers: number of them in each dialogue; as many as in most of the corpus where absent.
      overwrite: replace an earlier simulation; other content is never replaced.

    Returns:
      The manifest.

    Raises:
      BabbleError: no such preset, or one without a floor; a number is out of range, there is no such format, or `out`
        may not be written.

    Examples:
      >>> manifest = simulate(0.1, "simulated", timing="switchboard", minutes=3, format="textgrid")
      >>> manifest["dialogues"], manifest["speakers"]
      (2, 2)
    """
    preset = timing if isinstance(timing, TimingPreset) else load_timing(timing)
    floor = preset.require_floor()
    if format not in get_args(Format):
        raise BabbleError(f"There is no format {format!r}; choose from {', '.join(get_args(Format))}.")
    for name, value in (("hours", hours), ("minutes", minutes)):
        if not (math.isfinite(value) and value > 0):
            raise BabbleError(f"--{name} is {value:g}; ask for more than 0.")
    if hours < LEAST_HOURS:
        raise BabbleError(f"--hours is {hours:g}; ask for a second of dialogue at least.")
    if not MINUTES[0] <= minutes <= MINUTES[1]:
        raise BabbleError(
            f"A dialogue of {minutes:g} minutes is too {'long' if minutes > 1 else 'short'}; ask for {MINUTES[0]:g} to "
            f"{MINUTES[1]:g}."
        )
    speakers = floor.card.speakers if speakers is None else speakers
    if not FEWEST_SPEAKERS <= speakers <= MOST_SPEAKERS:
        raise BabbleError(
            f"A dialogue of {str(speakers)[:20]} speakers cannot be drawn; ask for {FEWEST_SPEAKERS} to "
            f"{MOST_SPEAKERS}."
        )
    if not 0 <= seed < 2**64:
        raise BabbleError(f"seed is {str(seed)[:30]}; choose from 0 to {2**64 - 1}.")
    number = count_dialogues(hours, minutes)
    if number > MOST_DIALOGUES:
        raise BabbleError(
            f"{number:.3g} dialogues are more than a seed has, {MOST_DIALOGUES}; ask for fewer hours, or longer ones."
        )
    with atomic_folder(out, KIND, overwrite) as folder:
        with Progress("simulate", number, "dialogues") as progress:
            for first in range(0, number, _BATCH):
                size = min(_BATCH, number - first)
                _write(
                    folder,
                    first,
                    floor.draw(seed, range(first, first + size), minutes * 60, speakers),
                    format,
                )
                progress.update(size, hours=(first + size) * minutes / 60)
        values = {
            "kind": KIND,
            "timing": preset.name,
            "corpus": floor.card.corpus,
            "seed": seed,
            "format": format,
            "dialogues": number,
            "minutes_each": minutes,
            "hours": number * minutes / 60,
            "speakers": speakers,
            "versions": {name: importlib.metadata.version(name) for name in ("babble_jax", "jax", "numpy")},
            "sha256": {path.name: sha256(path) for path in sorted(folder.iterdir())},
        }
        files.write_json(folder / MANIFEST, values)
    return values


def count_dialogues(hours: float, minutes: float) -> int:
    """Counts the dialogues of so many minutes in so many hours."""
    return math.ceil(min(hours * 60 / minutes, 2.0**64) - 1e-9)


def read_records(path: str | os.PathLike) -> Iterator[dict[str, np.ndarray]]:
    """Reads the dialogues of an array_record file that `simulate` wrote: `id`, `onset`, `end`, `speaker` of each."""
    from array_record.python.array_record_data_source import ArrayRecordDataSource

    with ArrayRecordDataSource([str(path)]) as source:
        for i in range(len(source)):
            with np.load(io.BytesIO(source[i])) as arrays:
                yield dict(arrays)


def _write(folder: Path, first: int, dialogues: Sequence[Conversation], format: Format) -> None:
    if format == "array_record":
        writer = ArrayRecordWriter(str(folder / f"timing-{first:07d}.array_record"), "group_size:1")
        for dialogue in dialogues:
            data = io.BytesIO()
            np.savez_compressed(
                data, id=dialogue.id, onset=dialogue.onset, end=dialogue.end, speaker=dialogue.speaker
            )
            writer.write(data.getvalue())
        writer.close()
        return
    suffix, write = _WRITERS[format]
    for dialogue in dialogues:
        write(folder / f"{dialogue.id}.{suffix}", dialogue)
