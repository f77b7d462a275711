"""Hours of dialogue timing."""

import dataclasses
from pathlib import Path
from typing import Literal


@dataclasses.dataclass(frozen=True)
class Simulate:
    """Simulates hours of dialogue timing (who speaks from when to when, without sound) and writes its annotation.

    Attributes:
      hours: Total length of the dialogues, in hours.
      out: Folder for the files and their manifest. It must not exist yet; see --overwrite.
      timing: Timing preset: a name (`babble timings` lists them), or a file that `babble fit --out` wrote.
      seed: Random seed. The same seed gives the same bytes; more hours add dialogues to them.
      format: Format of the annotation: rttm, textgrid and csv give one file per dialogue, array_record one file per
        512 dialogues.
      minutes: Length of each dialogue, in minutes.
      speakers: Number of speakers in each dialogue. By default as many as in the preset's corpus.
      overwrite: Replace an earlier simulation in the output folder.
    """

    hours: float
    out: Path
    timing: str = "switchboard"
    seed: int = 0
    format: Literal["rttm", "textgrid", "csv", "array_record"] = "rttm"
    minutes: float = 10.0
    speakers: int | None = None
    overwrite: bool = False

    def run(self) -> None:
        """Simulates the dialogues and prints how many there are."""
        from babble_jax.dialogue.corpus import simulate

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
        print(
            f"{values['dialogues']} dialogues, {values['hours']:g} h, {values['speakers']} speakers: {self.out}"
        )
