"""Writes a corpus of simulated dialogue timing to disk: annotation by the thousand hours, without sound."""

import dataclasses
import importlib.metadata
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args

from babble_jax import files
from babble_jax.arguments import check_arguments
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.formats.rttm import write_rttm
from babble_jax.conversation.formats.table import write_csv
from babble_jax.conversation.formats.textgrid import write_textgrid
from babble_jax.dialogue.corpus_parts import KIND, parse_shard, write_parts
from babble_jax.errors import BabbleError
from babble_jax.files import MANIFEST, atomic_folder, sha256
from babble_jax.progress import Progress
from babble_jax.timing.floor.simulator import FEWEST_SPEAKERS, MOST_SPEAKERS, FloorSimulator
from babble_jax.timing.preset import TimingPreset, load_timing

Format = Literal["rttm", "textgrid", "csv", "array_record"]

MINUTES = (0.05, 600.0)
"""Shortest and longest dialogue."""
LEAST_HOURS = 1 / 3600
MOST_DIALOGUES = 2**32 - 1
MOST_FILE_HOURS = 1000.0
"""Hours up to which each dialogue is a file of its own, unless the user says otherwise."""

_BATCH = 512  # dialogues that are drawn side by side; no dialogue depends on it
_WRITERS: dict[str, tuple[str, Callable[[Path, Conversation], None]]] = {
    "rttm": ("rttm", write_rttm),
    "textgrid": ("TextGrid", write_textgrid),
    "csv": ("csv", write_csv),
}


def default_format(hours: float) -> Format:
    """Returns the format of so many hours where the user names none: RTTM up to a thousand, array_record beyond."""
    return "rttm" if hours <= MOST_FILE_HOURS else "array_record"


@check_arguments
def simulate(
    hours: float,
    out: str | os.PathLike,
    *,
    timing: TimingPreset | str | os.PathLike = "switchboard",
    seed: int = 0,
    format: Format | None = None,
    minutes: float = 10.0,
    speakers: int | None = None,
    overwrite: bool = False,
    shard: str | None = None,
) -> dict[str, Any]:
    """Draws dialogues and writes them into a folder as they come.

    The folder holds a file for each dialogue and comes to be as a whole or not at all; for "array_record" it holds
    parts of some hundred dialogues each, which are kept when the work is killed: the same call goes on with the next
    part, and several processes can make a shard of the parts each. `manifest.json` describes the folder. The number of
    a dialogue and the seed determine it: neither kills nor processes change a byte, and more hours add dialogues.
    Progress goes to standard error.

    Args:
      hours: of dialogue in all; the last dialogue is as long as the others.
      out: the folder, new or empty, or of an earlier simulation if `overwrite` says so.
      timing: a timing preset with a floor, its name, or its file.
      seed: of everything; 64 bits.
      format: of the files; "rttm" for up to 1,000 h and "array_record" for more where absent. `read` reads all of them,
        array_record conversation by conversation (`babble_jax.conversation.formats.array_record` says how it is laid
        out).
      minutes: of each dialogue.
      speakers: number of them in each dialogue; as many as in most of the corpus where absent.
      overwrite: replace an earlier simulation; other content is never replaced.
      shard: "I/N", for array_record: make only each N-th part from part I on, while other processes make the others.

    Returns:
      The manifest. While parts are missing, which other processes make, their digests in `sha256` are None.

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
    format = format or (default_format(hours) if shard is None else "array_record")
    if format not in get_args(Format):
        raise BabbleError(f"There is no format {format!r}; choose from {', '.join(get_args(Format))}.")
    for name, value in (("hours", hours), ("minutes", minutes)):
        if not (math.isfinite(value) and value > 0):
            raise BabbleError(f"{name} is {value:g}; ask for more than 0.")
    if hours < LEAST_HOURS:
        raise BabbleError(f"hours is {hours:g}; ask for a second of dialogue at least.")
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
    own_shard = parse_shard(shard)
    values: dict[str, Any] = {
        "kind": KIND,
        "timing": preset.name,
        "corpus": floor.card.corpus,
        "seed": seed,
        "format": format,
        "dialogues": number,
        "minutes_each": minutes,
        "hours": number * minutes / 60,
        "speakers": speakers,
        "definitions": dataclasses.asdict(floor.definitions),
        "versions": {name: importlib.metadata.version(name) for name in ("babble_jax", "jax", "numpy")},
    }
    if format == "array_record":
        return write_parts(floor, out, values, overwrite, own_shard)
    if shard is not None:
        raise BabbleError(f"shard is of the format array_record; with {format} leave it out.")
    with atomic_folder(out, KIND, overwrite) as folder:
        _write_files(floor, folder, values)
        values["sha256"] = {path.name: sha256(path) for path in sorted(folder.iterdir())}
        files.write_json(folder / MANIFEST, values)
    return values


def count_dialogues(hours: float, minutes: float) -> int:
    """Counts the dialogues of so many minutes in so many hours."""
    return math.ceil(min(hours * 60 / minutes, 2.0**64) - 1e-9)


def _write_files(floor: FloorSimulator, folder: Path, values: dict[str, Any]) -> None:
    """Draws the dialogues that a manifest describes and writes a file for each."""
    number, minutes = values["dialogues"], values["minutes_each"]
    suffix, write = _WRITERS[values["format"]]
    with Progress("simulate", number, "dialogues") as progress:
        for first in range(0, number, _BATCH):
            size = min(_BATCH, number - first)
            numbers = range(first, first + size)
            for dialogue in floor.draw(values["seed"], numbers, minutes * 60, values["speakers"]):
                write(folder / f"{dialogue.id}.{suffix}", dialogue)
            progress.update(size, hours=(first + size) * minutes / 60)
