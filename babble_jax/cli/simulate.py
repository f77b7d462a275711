"""Hours of dialogue timing."""

import dataclasses
import math
import sys
from pathlib import Path
from typing import Literal

from babble_jax.cli.messages import print_line

_HOUR_BYTES = {"rttm": 111e3, "textgrid": 450e3, "csv": 80e3, "array_record": 40e3}
"""Bytes of an hour of two speakers."""
_FILE_BYTES = 4096
"""Bytes that a file takes on disk, however short it is."""


@dataclasses.dataclass(frozen=True)
class Simulate:
    """Simulates hours of dialogue timing, without sound.

    It writes who speaks from when to when, as annotation: for diarization and voice activity detection, say.

    Attributes:
      hours: Total length of the dialogues, in hours, rounded up to a whole number of dialogues.
      out: Folder for the files and their manifest. It must be new or empty; see --overwrite.
      timing: Timing preset: a name (`babble timings` lists them), or a file that `babble fit --out` wrote.
      seed: Random seed. The same seed gives the same bytes; more hours add dialogues to them.
      format: Format of the annotation: rttm, textgrid and csv give one file per dialogue, array_record one file per
        512 dialogues.
      minutes: Length of each dialogue, in minutes.
      speakers: Number of speakers in each dialogue. By default as many as in the preset's corpus.
      overwrite: Replace an earlier simulation in the output folder.
      yes: Begin work even if it takes more than a day, or more than the disk holds.
    """

    hours: float
    out: Path
    timing: str = "switchboard"
    seed: int = 0
    format: Literal["rttm", "textgrid", "csv", "array_record"] = "rttm"
    minutes: float = 10.0
    speakers: int | None = None
    overwrite: bool = False
    yes: bool = False

    def run(self) -> None:
        """Simulates the dialogues and prints how many there are."""
        from babble_jax.cli.estimate import SIMULATED_HOURS, confirm
        from babble_jax.dialogue.corpus import KIND, MINUTES, MOST_DIALOGUES, count_dialogues, simulate
        from babble_jax.files import check_folder

        number = 0
        if 0 < self.hours < math.inf and MINUTES[0] <= self.minutes <= MINUTES[1]:
            number = count_dialogues(self.hours, self.minutes)
        if 1 <= number <= MOST_DIALOGUES:  # `simulate` says the rest
            hours = number * self.minutes / 60
            share = (self.speakers or 2) / 2
            files = number / 512 if self.format == "array_record" else number
            check_folder(self.out, KIND, self.overwrite)
            confirm(
                "simulate",
                (hours + number / 60) * share / SIMULATED_HOURS,  # a minute runs before each dialogue
                files * _FILE_BYTES + hours * share * _HOUR_BYTES[self.format],
                self.out,
                self.yes,
            )
            if not math.isclose(hours, self.hours):
                print(
                    f"{self.hours:g} h is no whole number of dialogues of {self.minutes:g} min: {number} of them are "
                    f"simulated, {hours:g} h.",
                    file=sys.stderr,
                )
        values = simulate(
            self.hours,
            self.out,
            timing=self.timing,
            seed=self.seed,
            format=self.format,
            minutes=self.minutes,
            speakers=self.speakers,
            overwrite=self.overwrite,
        )
        print_line(
            f"{values['dialogues']} dialogues, {values['hours']:g} h, {values['speakers']} speakers: {self.out}"
        )
