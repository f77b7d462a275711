"""Hours of dialogue timing."""

import dataclasses
from pathlib import Path
from typing import Literal

from babble_jax.errors import BabbleError


@dataclasses.dataclass(frozen=True)
class Simulate:
    """Draws hours of dialogue timing (who speaks from when to when, no sound) and writes its annotation.

    Attributes:
      hours: of dialogue in all.
      out: folder for the files and their manifest; must not exist yet, or see --overwrite.
      timing: name of a timing preset that ships, or a file that `babble fit --out` wrote.
      seed: of everything; the same seed gives the same bytes, and more hours add dialogues to them.
      format: rttm, textgrid or csv, one file per dialogue; or array_record, 512 dialogues to a file.
      minutes: of each dialogue.
      speakers: in each dialogue; as many as in the preset's corpus if absent.
      overwrite: replace an earlier simulation in `out`.
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
        """Simulates, and says where."""
        from babble_jax.dialogue.corpus import simulate
        from babble_jax.timing.preset import load_preset

        preset = load_preset(self.timing)
        if preset.simulator is None:
            raise BabbleError(
                f"The timing preset {preset.name} holds no simulator; fit one with babble fit --simulator --out."
            )
        values = simulate(
            preset.simulator,
            self.hours,
            self.out,
            timing=preset.name,
            seed=self.seed,
            format=self.format,
            minutes=self.minutes,
            speakers=self.speakers,
            overwrite=self.overwrite,
        )
        print(
            f"{values['dialogues']} dialogues, {values['hours']:g} h, {values['speakers']} speakers: {self.out}"
        )
