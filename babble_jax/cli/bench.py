"""The benchmark of a live agent's turn-taking."""

import dataclasses
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from babble_jax.cli.annotation import AnnotationFormat, LayoutOptions, Quiet
from babble_jax.cli.messages import print_json, report_reading
from babble_jax.conversation.layout.layout import Layout
from babble_jax.errors import BabbleError

_MOST_MINUTES = 60.0


@dataclasses.dataclass(frozen=True)
class BenchLive:
    """Measures when a live agent speaks, beside people.

    Without recordings it plays the agent against the simulator's other seat: offsets, overlaps, cut-ins, backchannels
    of both sides beside two simulated people, and fixed time-outs beside it. With recorded conversations of two
    people, every pause and every end of a turn is a trial of its own: shifts and holds, backchannels, cut-offs against
    latency, Full-Duplex-Bench by durations, calibration; with people and baselines in every table.

    Attributes:
      conversations: Recorded conversations of two, that the preset should not have been fitted on.
      timing: Timing preset: a name (`babble timings` lists them), or a file that `babble fit --out` wrote.
      delay: Seconds by which the agent knows the other late, detection and output together.
      patience: Divides the hazards of taking the floor.
      firmness: Divides the hazards of stopping while both speak.
      backchannels: Multiplies the hazards of beginning a backchannel.
      dialogues: Number of dialogues with a simulated partner.
      minutes: Length of each, in minutes.
      turing: Dialogues of each side of a timing Turing test, in which a classifier tells dialogues apart; 0 leaves it
        out.
      seed: Random seed. The same seed gives the same result.
      out: JSON file for the result.
      plot: PNG file for a picture.
      format: Format of the annotation.
      layout: How the files are laid out, where it is guessed otherwise.
      quiet: Do not print how the annotation was understood.
      json: Print one JSON object on standard output, and nothing else.
    """

    conversations: Annotated[
        Positional[tuple[Path, ...]], arg(metavar="[CORPUS...]", help_behavior_hint="(optional)")
    ] = ()
    timing: str = "switchboard"
    delay: float = 0.16
    patience: float = 1.0
    firmness: float = 1.0
    backchannels: float = 1.0
    dialogues: int = 256
    minutes: float = 5.0
    turing: int = 0
    seed: int = 1
    out: Path | None = None
    plot: Path | None = None
    format: AnnotationFormat = None
    layout: LayoutOptions = Layout()
    quiet: Quiet = False
    json: bool = False

    def run(self) -> None:
        """Runs the benchmark and prints its tables."""
        import json

        from babble_jax import files
        from babble_jax.cli.outputs import check_output
        from babble_jax.timing.evaluation.turn_taking.bench import BenchSize, bench_live
        from babble_jax.timing.evaluation.turn_taking.bench_text import bench_text
        from babble_jax.timing.floor.knobs import Knobs
        from babble_jax.timing.preset import load_timing

        self._check()
        for path, suffix in ((self.out, ".json"), (self.plot, ".png")):
            if path is not None:
                check_output(path, suffix)
        timing = load_timing(self.timing)
        conversations = ()
        if self.conversations:
            from babble_jax.conversation.reading import read

            reading = read(self.conversations, self.format, self.layout)
            report_reading(reading, self.quiet)
            conversations = reading.conversations
        values = bench_live(
            timing,
            conversations,
            delay=self.delay,
            knobs=Knobs(patience=self.patience, firmness=self.firmness, backchannels=self.backchannels),
            size=BenchSize(self.dialogues, 60 * self.minutes, self.turing, self.seed),
        )
        if self.out is not None:
            files.write_text(self.out, json.dumps(values, indent=2, allow_nan=False) + "\n")
        if self.plot is not None:
            from babble_jax.timing.evaluation.turn_taking.bench_picture import plot_bench

            plot_bench(self.plot, values)
        if self.json:
            print_json(values)
        else:
            print(bench_text(values))

    def _check(self) -> None:
        """Refuses sizes with which nothing can be measured."""
        if not 0 <= self.delay <= 1:
            raise BabbleError(f"--delay is {self.delay:g}; it must be from 0 to 1 s.")
        if not 1 <= self.minutes <= _MOST_MINUTES:
            raise BabbleError(f"--minutes is {self.minutes:g}; it must be from 1 to {_MOST_MINUTES:g}.")
        if not 2 <= self.dialogues <= 100_000:
            raise BabbleError(f"--dialogues is {self.dialogues}; it must be from 2 to 100000.")
        if self.turing and not 20 <= self.turing <= 100_000:
            raise BabbleError(f"--turing is {self.turing}; it must be 0, or from 20 to 100000.")
        if not 0 <= self.seed < 2**32:
            raise BabbleError(f"--seed is {self.seed}; it must be from 0 to {2**32 - 1}.")
