"""Phones of recordings as verbs show and write them: lines, JSON, a table, TextGrids.

Axes: N segments of a channel.
"""

import csv
import dataclasses
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax import files
from babble_jax.conversation.annotation import Tier
from babble_jax.conversation.formats.textgrid import write_tiers
from babble_jax.ear.matching import SoundMatch
from babble_jax.ear.segments import PhoneSegments
from babble_jax.errors import BabbleError
from babble_jax.plural import plural

KIND = f"{files.KIND_PREFIX}phone tables"
TABLE, README = "phones.csv", "README"
_LEAST_RATE = 3.0
"""Phones in a second of sound without pauses, below which it is hardly speech."""
_LEAST_SOUND = 1.0
"""Seconds of sound without which that is not judged."""
_COLUMNS = {
    "file": "the recording",
    "channel": "of the recording, from 1; empty where it has one, or where all were averaged",
    "onset": "seconds",
    "end": "seconds",
    "symbol": "phone or letter; {silence} is silence",
    "confidence": "mean probability that the ear gives the symbol over its time, 0 to 1",
}


@dataclasses.dataclass(frozen=True)
class ChannelPhones:
    """The phones on a channel of a recording.

    Attributes:
      path: of the recording.
      channel: from 1; None for the mean of all channels, or the only one.
      seconds: length of the recording.
      segments: [N] phones and silences.
      match: how it was brought to the level and the spectrum of the ear's training.
      is_known: whether the ear was trained on it; None where that is not known.
    """

    path: Path
    channel: int | None
    seconds: float
    segments: PhoneSegments
    match: SoundMatch = SoundMatch()
    is_known: bool | None = None

    @property
    def name(self) -> str:
        """The recording, with its channel where it has several."""
        return f"{self.path}" if self.channel is None else f"{self.path}, channel {self.channel}"

    def values(self) -> dict[str, Any]:
        """Returns what the JSON output holds of it."""
        return {
            "file": str(self.path),
            "channel": self.channel,
            "seconds": self.seconds,
            "spectrum_distance_db": self.match.distance,
            "spectrum_matched": self.match.curve is not None,
            "in_training": self.is_known,
            "phones": self.segments.to_json(),
        }


def check_phone_folder(out: Path | None, overwrite: bool) -> None:
    """Checks before long work that a folder of phones can be written.

    Raises:
      BabbleError: it may not be written, or --overwrite is said without a folder.
    """
    if out is not None:
        files.check_folder(out, KIND, overwrite)
    elif overwrite:
        raise BabbleError("--overwrite is of the output folder; name it with --out, too.")


def format_rows(phones: ChannelPhones) -> list[str]:
    """Returns a line for each segment of a channel: its onset and end in seconds, symbol and confidence."""
    lines = [f"{'onset':>9} {'end':>9}  {'symbol':8} confidence"]
    for row in phones.segments.to_json():
        symbol = row["symbol"] if row["symbol"].strip() else repr(row["symbol"])
        lines.append(f"{row['onset']:9.3f} {row['end']:9.3f}  {symbol:8} {row['confidence']:10.2f}")
    return lines


def summarize(phones: ChannelPhones, silence: str) -> str:
    """Says in a sentence how many phones a channel holds, how fast they come and how sure the ear is of them.

    Args:
      phones: of the channel.
      silence: symbol that is no phone.
    """
    from babble_jax.judge.phones import speech_seconds

    sounding = phones.segments.without((silence,))
    text = f"{phones.name}: {phones.seconds:.1f} s, {plural(len(sounding), 'phone')}"
    speech = speech_seconds(sounding.onset, sounding.end)
    if not len(sounding):
        return f"{phones.name}: {phones.seconds:.1f} s, no phone: silence, or nothing that the ear takes for speech"
    if speech <= 0:
        return text
    return (
        f"{text}, {len(sounding) / speech:.1f} in a second of speech, mean confidence "
        f"{np.mean(sounding.confidence):.2f}"
    )


def doubt_speech(phones: ChannelPhones, silence: str) -> str:
    """Says in a sentence that a channel hardly holds speech, by the rate of its phones; nothing where it may.

    Args:
      phones: of the channel.
      silence: symbol that is no phone.
    """
    sounding = phones.segments.without((silence,))
    seconds = float(sounding.duration.sum())
    if seconds < _LEAST_SOUND or len(sounding) >= _LEAST_RATE * seconds:
        return ""
    return (
        f"{phones.name}: hardly speech: {plural(len(sounding), 'phone')} in {seconds:.1f} s of sound, of which speech "
        "has about ten a second; noise, hum and music are heard so. The confidence says which phone is most like it, "
        "and not that it is one"
    )


def write_phone_files(
    out: Path, recordings: Sequence[ChannelPhones], ear: str, silence: str, overwrite: bool
) -> None:
    """Writes a folder: a TextGrid for each recording with a tier for each channel, and one table of all phones.

    Args:
      out: the folder, new or empty, or of earlier phones if `overwrite` says so.
      recordings: the channels of a recording after each other.
      ear: name of the ear.
      silence: symbol that is no phone.
      overwrite: replace an earlier folder of phones; nothing else is ever replaced.

    Raises:
      BabbleError: `out` may not be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    grids: dict[str, list[ChannelPhones]] = {}
    names: dict[Path, str] = {}
    for phones in recordings:
        if phones.path not in names:
            names[phones.path] = _free_name(phones.path.stem, grids)
        grids.setdefault(names[phones.path], []).append(phones)
        for row in phones.segments.to_json():
            writer.writerow(
                [
                    phones.path,
                    "" if phones.channel is None else phones.channel,
                    f"{row['onset']:.3f}",
                    f"{row['end']:.3f}",
                    row["symbol"],
                    f"{row['confidence']:.3f}",
                ]
            )
    with files.atomic_folder(out, KIND, overwrite) as folder:
        files.write_text(folder / TABLE, text.getvalue())
        for name, channels in grids.items():
            tiers = [
                Tier(
                    "phones" if one.channel is None else f"phones of channel {one.channel}",
                    one.segments.onset,
                    one.segments.end,
                    one.segments.symbols,
                )
                for one in channels
            ]
            write_tiers(folder / f"{name}.TextGrid", tiers, channels[0].seconds)
        columns = [f"{column}: {words.format(silence=silence)}" for column, words in _COLUMNS.items()]
        files.write_text(
            folder / README,
            "\n".join([f"Phones by the ear {ear}.", "", f"{TABLE}, a row for each:", *columns]),
        )
        digests = {path.name: files.sha256(path) for path in sorted(folder.iterdir())}
        files.write_json(folder / files.MANIFEST, {"kind": KIND, "ear": ear, "sha256": digests})


def _free_name(stem: str, taken: dict[str, Any]) -> str:
    """Returns a name for a TextGrid that no other recording has, in letters of any case."""
    others = {name.lower() for name in taken}
    name, number = stem, 2
    while name.lower() in others:
        name, number = f"{stem}-{number}", number + 1
    return name
