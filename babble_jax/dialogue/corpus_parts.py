"""Writes simulated dialogues as array_record parts that survive a kill and may be made by several processes.

The folder begins with `manifest.json`, which says all that determines the parts, and lists them; then the parts
`part-00000.array_record`, ... come one by one, each complete or not there at all, whoever makes them; at last their
digests come into the manifest. A part holds as many dialogues as their length and speakers say, so that the files
depend neither on the number of processes nor on how often one of them was killed.
"""

import hashlib
import importlib.metadata
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from babble_jax import files, locks, temporaries
from babble_jax.conversation.formats.array_record import count_records, write_records
from babble_jax.errors import BabbleError
from babble_jax.files import MANIFEST
from babble_jax.input_files import read_json
from babble_jax.plural import plural
from babble_jax.progress import Progress
from babble_jax.timing.floor.simulator import FloorSimulator

KIND = "babble_jax simulated timing"

_SPEAKER_MINUTES = (
    11_264  # of a part, with the minute before each dialogue: 512 dialogues of two speakers and 10 min
)
_DIALOGUES = (64, 4096)  # least and most of a part
_WAITS = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0)  # seconds, for another process that makes the folder
_WRITERS = ("array_record", "safetensors")  # whose versions the bytes depend on, too
_SHARD = re.compile(r"(\d{1,6})/(\d{1,6})")


def parse_shard(shard: str | None) -> tuple[int, int]:
    """Parses "I/N": returns I - 1 and N; (0, 1) where absent.

    Raises:
      BabbleError: it is no shard.
    """
    if shard is None:
        return 0, 1
    match = _SHARD.fullmatch(shard)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise BabbleError(f"shard is {shard[:30]!r}; write I/N with I from 1 to N: 1/4, 2/4, 3/4, 4/4.")
    return int(match[1]) - 1, int(match[2])


def part_size(minutes: float, speakers: int) -> int:
    """Returns the number of dialogues of a part, by the minutes and speakers of each."""
    least, most = _DIALOGUES
    return min(max(int(_SPEAKER_MINUTES / ((minutes + 1) * speakers)), least), most)


def write_parts(
    floor: FloorSimulator,
    out: str | os.PathLike,
    values: dict[str, Any],
    overwrite: bool,
    shard: tuple[int, int],
) -> dict[str, Any]:
    """Writes the parts of a shard that are not there yet, and the digests of all when none is missing.

    Args:
      floor: from which the dialogues are drawn.
      out: the folder: new, empty, or begun by an earlier call for the same dialogues.
      values: of the manifest: all that determines the dialogues.
      overwrite: replace an earlier simulation of other dialogues.
      shard: number of the shard, from 0, and how many there are.

    Returns:
      The manifest.

    Raises:
      BabbleError: `out` holds something else, or cannot be written.
    """
    size = part_size(values["minutes_each"], values["speakers"])
    parts = -(-values["dialogues"] // size)
    floor_digest = hashlib.sha256(json.dumps(floor.to_json(), sort_keys=True).encode()).hexdigest()
    versions = values["versions"] | {name: importlib.metadata.version(name) for name in _WRITERS}
    plan = values | {
        "versions": versions,
        "floor_sha256": floor_digest,
        "dialogues_per_part": size,
        "parts": parts,
    }
    digests = begin_folder(out, plan, overwrite)
    folder = Path(out)
    temporaries.remove_partial(folder)
    own = range(shard[0], parts, shard[1])
    numbers = {part: range(part * size, min((part + 1) * size, values["dialogues"])) for part in own}
    missing = [
        part
        for part in own
        if not _is_sound(folder / part_name(part), len(numbers[part]), digests.get(part_name(part)))
    ]
    total, left = (sum(len(numbers[part]) for part in some) for some in (own, missing))
    seconds = values["minutes_each"] * 60
    if missing:  # the first part takes a while
        hours, each = (dialogues * values["minutes_each"] / 60 for dialogues in (left, size))
        print(
            f"simulate: {len(missing)} of {plural(parts, 'part')} to make, {hours:.4g} h; a part is up to {size} "
            f"dialogues, {each:.3g} h",
            file=sys.stderr,
            flush=True,
        )
    with Progress("simulate", total, "dialogues", done=total - left) as progress:
        for part in missing:
            dialogues = floor.draw(values["seed"], numbers[part], seconds, values["speakers"])
            with files.atomic_write(folder / part_name(part)) as temporary:
                write_records(temporary, dialogues)
            progress.update(len(dialogues), part=f"{part + 1}/{parts}")
    names = [part_name(part) for part in range(parts)]
    if all((folder / name).is_file() for name in names):
        plan["sha256"] = {name: files.sha256(folder / name) for name in names}
        files.write_json(folder / MANIFEST, plan)
        return plan
    return plan | {"sha256": dict.fromkeys(names)}


def _is_sound(path: Path, count: int, digest: str | None) -> bool:
    """Tells whether a part is there with so many records, and with its digest once the folder is complete."""
    return count_records(path) == count and digest in (None, files.sha256(path))


def part_name(part: int) -> str:
    """Returns the name of the file of a part, numbered from 0."""
    return f"part-{part:05d}.array_record"


def begin_folder(out: str | os.PathLike, plan: dict[str, Any], overwrite: bool) -> dict[str, str | None]:
    """Makes the folder with its manifest, unless one for the same dialogues is there.

    Args:
      out: the folder.
      plan: the manifest without digests.
      overwrite: replace an earlier simulation of other dialogues.

    Returns:
      The digest of each part by its name; None while some are missing.

    Raises:
      BabbleError: `out` holds something else, or cannot be made.
    """
    digests: dict[str, str | None] = {part_name(part): None for part in range(plan["parts"])}
    for wait in _WAITS:
        time.sleep(wait)
        earlier = _read_manifest(out)
        if earlier is not None:
            differences = [key for key in plan if earlier.get(key) != plan[key]]
            if not differences:
                return dict(earlier["sha256"])
            if not overwrite:
                key = differences[0]
                raise BabbleError(
                    f"{out}: holds another simulation, with {key} {_show(earlier.get(key))} and not {_show(plan[key])};"
                    " choose a new folder, or overwrite it with --overwrite (overwrite=True in Python)."
                )
            temporaries.remove_partial(Path(out))
        try:
            with files.atomic_folder(out, KIND, overwrite) as folder:
                files.write_json(folder / MANIFEST, plan | {"sha256": digests})
            return digests
        except BabbleError:
            # Another process may be making the same folder, or just have made it.
            if wait == _WAITS[-1] or not _is_being_made(Path(out), plan):
                raise
    raise BabbleError(f"{out}: another process has made the folder meanwhile; run the command again.")


def _is_being_made(out: Path, plan: dict[str, Any]) -> bool:
    """Tells whether another process makes a folder now, or has made it with a plan."""
    earlier = _read_manifest(out)
    same = earlier is not None and all(earlier.get(key) == plan[key] for key in plan)
    return same or locks.is_held(temporaries.lock_path(out.resolve()))


def _read_manifest(out: str | os.PathLike) -> dict[str, Any] | None:
    """Reads the manifest of a folder of parts; None where it is another folder, or none."""
    path = Path(out, MANIFEST)
    if not path.is_file():
        return None
    manifest = read_json(path)
    is_own = isinstance(manifest, dict) and manifest.get("kind") == KIND and "parts" in manifest
    is_own = is_own and isinstance(manifest.get("sha256"), dict)
    return manifest if is_own else None


def _show(value: Any) -> str:
    return json.dumps(value)[:60]
