"""Policies of a live agent, fitted for a timing of one's own."""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from babble_jax.cli.messages import print_json, print_line
from babble_jax.errors import BabbleError


@dataclasses.dataclass(frozen=True)
class Tune:
    """Fits how a live agent makes up for hearing you late.

    It is fitted for a timing of your own, and written into its file. A live agent knows what the user does only a
    moment later, and is heard a moment later still. How it catches up, holds back and withdraws is fitted in
    dialogues of the agent with a simulated partner, for delays from 0 to 0.5 s, so that its offsets stay those of
    the corpus. Without this a timing takes the policies that were fitted for Switchboard. It takes about five
    minutes on one core.

    Attributes:
      timing: JSON file of a timing of your own, which `babble fit CORPUS --out mine.json` wrote.
      out: JSON file to write; the same file where it is absent.
      json: Print one JSON object on standard output, and nothing else.
    """

    timing: Annotated[Positional[Path], arg(metavar="TIMING.json")]
    out: Path | None = None
    json: bool = False

    def run(self) -> None:
        """Fits the policies and writes the preset."""
        from babble_jax.cli.outputs import check_output
        from babble_jax.progress import Progress
        from babble_jax.timing.floor.policy_fit import DELAYS, RUNS, ClosedLoop, fit_curve
        from babble_jax.timing.preset import load_timing, timing_names

        if not self.timing.is_file() and str(self.timing) not in timing_names():
            raise BabbleError(
                f"{self.timing}: there is no such file; name a timing of your own that `babble fit CORPUS --out "
                "mine.json` wrote."
            )
        preset = load_timing(self.timing)
        out = self.timing if self.out is None else self.out
        if self.out is None and not self.timing.is_file():
            raise BabbleError(f"{self.timing} is a preset that ships and has its policies; give --out.")
        check_output(out, ".json")
        floor = preset.require_floor()
        curve, source = preset.policy_curve()
        print_line(f"Fitting policies for {len(DELAYS)} delays, from those of {source}.", sys.stderr)
        with Progress("fitting policies", total=RUNS, unit="runs") as progress:
            fitted = fit_curve(ClosedLoop(floor), initial=curve, steps=3, on_run=lambda: progress.update())
        dataclasses.replace(preset, policies=fitted.curve).save(out)
        if self.json:
            print_json({"out": str(out), "delays": fitted.rows})
            return
        print_line(f"{out}: policies of {preset.name}.")
        for row in fitted.rows:
            print_line(
                f"{row['delay']:.2f} s: offsets {1000 * row['w1']:.0f} ms from those without a delay, "
                f"{100 * row['below_zero']:.1f} % below 0 ({100 * row['below_zero_reference']:.1f} %)"
            )
