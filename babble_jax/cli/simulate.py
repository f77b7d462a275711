"""Hours of dialogue timing."""

import dataclasses
import math
import sys
from pathlib import Path
from typing import Literal

from babble_jax.cli.messages import print_line

_HOUR_BYTES = {"rttm": 111e3, "textgrid": 450e3, "csv": 80e3, "array_record": 29e3}
"""Bytes of an hour of two speakers."""
_FILE_BYTES = 4096
"""Bytes that a file takes on disk, however short it is."""


@dataclasses.dataclass(frozen=True)
class Simulate:
    """Simulates hours of dialogue timing, without sound.

    It writes who speaks from when to when, as annotation: for diarization and voice activity detection, say. More than
    a thousand hours come in parts (array_record), which `babble events` and `babble fit` read as they read any corpus.
    A run in parts that was killed goes on when the same command is given again, and several processes may share the
    work (--shard); the files are the same in any case.

    Attributes:
      hours: Total length of the dialogues, in hours, rounded up to a whole number of dialogues.
      out: Folder for the files and their manifest. It must be new or empty, or array_record that the same command
        began; see --overwrite.
      timing: Timing preset: a name (`babble timings` lists them), or a file that `babble fit --out` wrote.
      seed: Random seed. The same seed gives the same bytes; more hours add dialogues to them.
      format: Format of the annotation: rttm, textgrid and csv give one file per dialogue, array_record one file per
        512 dialogues of 10 min (85 h), or fewer of longer ones. By default rttm, and array_record for more than
        1,000 h.
      minutes: Length of each dialogue, in minutes.
      speakers: Number of speakers in each dialogue. By default as many as in the preset's corpus.
      shard: Share of the work, I/N: of N shares this process makes the I-th, and other processes make the others, at
        the same time or later, into the same folder. Only with array_record, whose files are shared out: with fewer
        files than shares, some shares have nothing to do.
      overwrite: Replace an earlier simulation in the output folder.
      yes: Begin work even if it takes more than a day, or more than the disk holds.
    """

    hours: float
    out: Path
    timing: str = "switchboard"
    seed: int = 0
    format: Literal["rttm", "textgrid", "csv", "array_record"] | None = None
    minutes: float = 10.0
    speakers: int | None = None
    shard: str | None = None
    overwrite: bool = False
    yes: bool = False

    def run(self) -> None:
        """Simulates the dialogues and prints how many there are."""
        from babble_jax.cli.estimate import SIMULATED_HOURS, confirm
        from babble_jax.dialogue.corpus import (
            KIND,
            MINUTES,
            MOST_DIALOGUES,
            count_dialogues,
            default_format,
            simulate,
        )
        from babble_jax.dialogue.corpus_parts import parse_shard, part_size
        from babble_jax.files import check_folder
        from babble_jax.plural import plural

        shard, shards = parse_shard(self.shard)
        number, format = 0, self.format
        if 0 < self.hours < math.inf and MINUTES[0] <= self.minutes <= MINUTES[1]:
            number = count_dialogues(self.hours, self.minutes)
        if 1 <= number <= MOST_DIALOGUES:  # `simulate` says the rest
            hours = number * self.minutes / 60
            share = (self.speakers or 2) / 2
            format = format or ("array_record" if self.shard else default_format(self.hours))
            in_parts = format == "array_record"
            files = number / part_size(self.minutes, self.speakers or 2) if in_parts else number
            if not in_parts:  # parts that are there are kept
                check_folder(self.out, KIND, self.overwrite)
            confirm(
                "simulate",
                (hours + number / 60)
                * share
                / SIMULATED_HOURS
                / shards,  # a minute runs before each dialogue
                (files * _FILE_BYTES + hours * share * _HOUR_BYTES[format]) / shards,
                self.out,
                self.yes,
            )
            if not math.isclose(hours, self.hours):
                print(
                    f"{self.hours:g} h is no whole number of dialogues of {self.minutes:g} min: {number} of them are "
                    f"simulated, {hours:g} h.",
                    file=sys.stderr,
                )
            if in_parts and self.format is None:
                print(
                    "The files are array_record; --format rttm makes one for each dialogue.", file=sys.stderr
                )
        values = simulate(
            self.hours,
            self.out,
            timing=self.timing,
            seed=self.seed,
            format=format,
            minutes=self.minutes,
            speakers=self.speakers,
            overwrite=self.overwrite,
            shard=self.shard,
        )
        if shard >= values.get("parts", shards):
            print_line(
                f"This run has only {plural(values['parts'], 'part')}; nothing was left for shard {self.shard}.",
                sys.stderr,
            )
        missing = [name for name, digest in values.get("sha256", {}).items() if digest is None]
        if missing:
            there = sum((self.out / name).is_file() for name in missing)
            print_line(
                f"shard {self.shard} is complete; {there} of {values['parts']} parts are there, and other shards make "
                f"the rest: {self.out}"
            )
            return
        print_line(
            f"{plural(values['dialogues'], 'dialogue')}, {values['hours']:g} h, "
            f"{plural(values['speakers'], 'speaker')}: {self.out}"
        )
