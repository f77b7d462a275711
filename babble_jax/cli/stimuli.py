"""Stimuli for an experiment."""

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from tyro.conf import Positional, arg

from babble_jax.cli.messages import print_line, report_reading
from babble_jax.cli.stimulus_balance import describe_balance
from babble_jax.errors import BabbleError
from babble_jax.plural import plural

if TYPE_CHECKING:
    from babble_jax.stimuli.specification import StimulusSpec


@dataclasses.dataclass(frozen=True)
class Stimuli:
    """Makes the stimuli of an experiment, and its lists of trials.

    A specification, a text file, says how many items there are, what their turns and gaps are (or the timing to draw
    them from), which factors vary, and what the files are like. Every item is made in every combination of the
    factors, with the same babble or the same recordings in all of them. Each list of trials has every item once, in
    one of its conditions, and every condition equally often (a Latin square), and the catch trials. `--example` prints
    a specification to begin with. Documentation: docs/howto/stimuli.md leads through it, docs/stimuli-reference.md has
    every key.

    Attributes:
      spec: The specification. Not needed with --example.
      out: Folder for the stimuli, new or empty; see --overwrite. Not needed with --example.
      example: Print a specification with comments, which runs as it is, and do nothing else: two turns at three gaps;
        two factors, drawn from the timing of real calls; a file at every offset, for a staircase; turns of your own.
      sample_rate: Sample rate of the files in Hz, in place of that in the specification.
      format: Type of the files, in place of that in the specification.
      page: Write the page index.html, which plays a list in a browser, asks the specification's [question] after each
        sound and saves the answers with reaction times as CSV.
      jspsych: Write jspsych.html, the same for the library jsPsych, which does not ship.
      overwrite: Replace earlier stimuli in the output folder.
      yes: Begin work even if it takes more than a day, or more than the disk holds.
    """

    spec: Annotated[Positional[Path | None], arg(metavar="SPEC.toml", help_behavior_hint="")] = None
    out: Path | None = None
    example: Literal["gap-detection", "two-by-three", "adaptive", "own-recordings"] | None = None
    sample_rate: int | None = None
    format: Literal["wav", "flac", "ogg", "mp3"] | None = None
    page: bool = False
    jspsych: bool = False
    overwrite: bool = False
    yes: bool = False

    def run(self) -> None:
        """Makes the stimuli, and prints how many there are and what was measured in them."""
        if self.example is not None:
            from babble_jax.stimuli.examples import EXAMPLES

            print(EXAMPLES[self.example], end="")
            return
        if self.spec is None or self.out is None:
            missing = " and ".join(
                name for name, value in (("SPEC", self.spec), ("--out PATH", self.out)) if value is None
            )
            raise BabbleError(
                f"{missing} must be given; --example NAME prints a specification to begin with."
            )
        from babble_jax.files import check_folder
        from babble_jax.stimuli.spec_reading import read_spec
        from babble_jax.stimuli.stimulus_set import KIND, make_stimuli

        spec = read_spec(self.spec, sample_rate=self.sample_rate, format=self.format)
        check_folder(self.out, KIND, self.overwrite)
        self._confirm(spec, self.out)
        report = make_stimuli(spec, self.out, overwrite=self.overwrite, page=self.page, jspsych=self.jspsych)
        if report.reading is not None:
            report_reading(report.reading)
        _print_recordings(report.manifest)
        _print_summary(spec, report.manifest)
        print_line(report.folder / "manifest.json")
        if self.page:
            print_line(f"{report.folder / 'index.html'}: open it in a browser to run the experiment")
        if self.jspsych:
            print_line(f"{report.folder / 'jspsych.html'}: says which files of jsPsych belong beside it")

    def _confirm(self, spec: "StimulusSpec", out: Path) -> None:
        """Estimates the work, by the longest item that there may be."""
        from babble_jax.audio import wave
        from babble_jax.cli.estimate import confirm, speaking_seconds
        from babble_jax.pretrained.pretrained import load_voice
        from babble_jax.stimuli.specification import longest_seconds

        voices = [load_voice(name) for name in spec.voices] if spec.recordings is None else []
        rate = spec.output.sample_rate or (voices[0].config.sample_rate if voices else 48_000)
        length = longest_seconds(spec)
        wave.check_length(length, rate, channels=2)
        seconds, versions = spec.items * length, len(spec.conditions)
        confirm(
            "stimuli",
            speaking_seconds(
                voices * (3 - len(voices)),
                seconds * (voices[0].config.sample_rate if voices else 0),
                streams=_STREAMS,
            )
            + 0.05 * seconds * versions,
            (spec.catch.trials * length + seconds * versions) * (4 * rate + 10_000),
            out,
            self.yes,
        )


def _print_recordings(values: dict) -> None:
    """Prints how the recordings were understood, and what is doubtful about them."""
    recordings = values.get("recordings", [])
    stated = sum(not one["detected"] for one in recordings)
    if recordings:
        print(f"{plural(len(recordings), 'recording')}; onset and end of the speech in recordings.csv:")
    for one in recordings[:_SHOWN]:
        how = "detected" if one["detected"] else "stated"
        print_line(f"  {one['file']}: {one['onset']:.3f} to {one['end']:.3f} s, {how}")
    if len(recordings) > _SHOWN:
        print(f"  and {len(recordings) - _SHOWN} more, {stated} of all stated")
    for one in recordings:
        for warning in one["warnings"]:
            print_line(f"warning: {one['file']}: {warning}", sys.stderr)
    if any(one["warnings"] and one["detected"] for one in recordings):
        print(
            "Where a detected onset or end is wrong, state it: recording_times = a CSV of file, onset and end."
        )


def _print_summary(spec: "StimulusSpec", values: dict) -> None:
    stimuli, lists = values["stimuli"], values["lists"]
    what = f"{plural(spec.items, 'item')} in {plural(len(spec.conditions), 'condition')}"
    catch = f", and {plural(spec.catch.trials, 'catch trial')}" if spec.catch.trials else ""
    print(f"{len(stimuli)} stimuli: {what}{catch}")
    print(f"{plural(len(lists), 'list')} of {plural(len(lists[0]['trials']), 'trial')}")
    worst = max(stimuli, key=lambda one: one["worst_error_ms"])
    if any(one["transfers"] for one in stimuli):
        print_line(
            f"offsets measured in the files differ from the requested ones by {worst['worst_error_ms']:.2f} ms at most "
            f"({worst['file']})"
        )
    if worst["worst_error_ms"] > 1:
        print_line(
            f"warning: {worst['file']} differs by more than 1 ms; take another type of file", sys.stderr
        )
    clips = sum(len(s["clipped"]) for one in stimuli for s in one["timing"]["manipulations"])
    if clips:
        print(
            f"note: {plural(clips, 'change')} of offsets possible in part only; see transfers_clipped in stimuli.csv"
        )
    if spec.adaptive is None and not values["counterbalanced"]["completely"]:
        print_line(describe_balance(spec, values))


_STREAMS = 8  # turns of an item that a voice speaks at once, about
_SHOWN = 20  # recordings that are listed
