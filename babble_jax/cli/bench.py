"""Benchmarks: of a live agent's turn-taking, and of the speed of training and speaking on this machine."""

import contextlib
import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tyro.conf import Positional, arg

from babble_jax.cli.annotation import AnnotationFormat, LayoutOptions, Quiet
from babble_jax.cli.marks import NO_HINT
from babble_jax.cli.messages import print_json, print_line, report_reading
from babble_jax.conversation.layout.layout import Layout
from babble_jax.errors import BabbleError
from babble_jax.presets.registry import DEFAULT_VOICE

if TYPE_CHECKING:
    from babble_jax.voice.block_sampler import SamplerName
    from babble_jax.voice.voice import Voice

_MOST_MINUTES = 60.0
_MOST_SECONDS = 3600.0


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


@dataclasses.dataclass(frozen=True)
class BenchTrain:
    """Measures how fast voices train on this machine.

    It prints, for each size or for a preset, the samples per second of the step alone and with all that brings it its
    data (reading, features, noise, shuffling), in turn, and the share of peak of the step: its floating-point
    operations per second over those of a large matrix product. Leave the machine alone meanwhile.

    Attributes:
      dataset: Data set that `babble dataset` made, or a folder or a file of sound, or `excerpt`, minutes of speech that
        ship.
      preset: Values of a training preset (`babble train --list-presets`), in place of the sizes.
      dim: Units of each layer of a three-tier SampleRNN, frames of 16 and 4 samples; several are measured one after the
        other.
      batch_size: Recordings that such a SampleRNN reads side by side.
      seconds: How long each is measured, in seconds; compiling comes on top.
      out: JSON file for the result.
      json: Print one JSON object on standard output, and nothing else.
    """

    dataset: Annotated[Positional[str], arg(help_behavior_hint="(default: excerpt)")] = "excerpt"
    preset: Literal["small", "speech", "paper", "babblers"] | None = None
    dim: tuple[int, ...] = (256,)
    batch_size: int = 8
    seconds: float = 10.0
    out: Path | None = None
    json: bool = False

    def run(self) -> None:
        """Measures, and prints a line for each size."""
        import jax

        from babble_jax.cli.outputs import check_output
        from babble_jax.train.tasks.voice.config import VoiceTrainConfig
        from babble_jax.train.tasks.voice.presets import TRAIN_PRESETS
        from babble_jax.train.tasks.voice.speed import measure_training
        from babble_jax.train.throughput import matrix_peak
        from babble_jax.voice.models.samplernn import SampleRNNConfig

        _check_seconds(self.seconds)
        _check_counts("--dim", *self.dim)
        _check_counts("--batch-size", self.batch_size)
        if self.out is not None:
            check_output(self.out, ".json")
        rows: list[dict[str, Any]] = []
        with _as_dataset(self.dataset) as dataset:
            peak = matrix_peak() * (1 if jax.devices()[0].platform == "cpu" else jax.device_count())
            configs = {}
            if self.preset is not None:
                preset = TRAIN_PRESETS[self.preset].config
                configs[f"preset {self.preset}"] = dataclasses.replace(preset, dataset=dataset)
            for dim in self.dim if self.preset is None else ():
                model = SampleRNNConfig(
                    frame_sizes=(16, 4), dim=dim, expand_top=True, hidden=1, reset="after", weight_norm=False
                )
                configs[f"dim {dim}"] = VoiceTrainConfig(
                    dataset=dataset, model=model, batch_size=self.batch_size
                )
            for name, config in configs.items():
                row = {"name": name, "batch_size": config.batch_size, "subsequence": config.subsequence}
                row |= measure_training(config, peak, self.seconds)
                rows.append(row)
                if not self.json:
                    print(
                        f"{name}, batch {config.batch_size} x {config.subsequence}: "
                        f"{row['step_samples_per_second']:,.0f} samples/s, {row['peak_share']:.0%} of the peak "
                        f"({peak / 1e9:.0f} GFLOP/s); with its data {row['samples_per_second']:,.0f} samples/s, "
                        f"{row['end_to_end_share']:.0%} of that"
                    )
        if not self.json and _exceeds(rows, "peak_share", "end_to_end_share"):
            print(
                "A share above 100 % is noise, or other load on the machine while one of the two rates was measured."
            )
        _give(rows, self.out, self.json)


@dataclasses.dataclass(frozen=True)
class BenchSpeak:
    """Measures how fast voices speak on this machine.

    It prints, for a voice and for each size, the samples per second, how many times faster than real time that is, the
    share of the limit of the machine (the rate of reading the weights for few streams, that of multiplications for
    many), and the 99th percentile of the time that a block of 20 ms takes. Leave the machine alone meanwhile.

    Attributes:
      voice: Name of a voice that ships (`babble voices` lists them), or folder of a voice of your own; none where only
        sizes are measured.
      dim: Sizes that are measured, too, with random parameters: units of each layer of a three-tier SampleRNN.
      streams: Numbers of streams that are drawn side by side.
      sampler: Samplers that are measured; auto is the fastest that is exact. Without: auto, and int8 where it supports
        the voice.
      seconds: How long each is measured, in seconds.
      out: JSON file for the result.
      json: Print one JSON object on standard output, and nothing else.
    """

    voice: str = DEFAULT_VOICE
    dim: tuple[int, ...] = ()
    streams: tuple[int, ...] = (1, 16)
    sampler: Annotated[tuple[Literal["auto", "compiled", "native", "int8"], ...], NO_HINT] = ()
    seconds: float = 5.0
    out: Path | None = None
    json: bool = False

    def run(self) -> None:
        """Measures, and prints a line for each voice, number of streams and sampler."""
        from babble_jax.cli.outputs import check_output
        from babble_jax.pretrained.pretrained import load_voice
        from babble_jax.voice.block_sampler import resolve_sampler
        from babble_jax.voice.sampling.native.dispatch import unsupported_reason
        from babble_jax.voice.speed import measure_speaking, random_voice

        _check_seconds(self.seconds)
        _check_counts("--dim", *self.dim)
        _check_counts("--streams", *self.streams)
        if self.out is not None:
            check_output(self.out, ".json")
        voices: list[Voice] = [load_voice(self.voice)] if self.voice != "none" else []
        rows: list[dict[str, Any]] = []
        for voice in [*voices, *map(random_voice, self.dim)]:
            samplers = self.sampler or ("auto", "int8")
            if not self.sampler and (reason := unsupported_reason(voice.config.sample_model)):
                print_line(
                    f"{voice.name}: is measured without int8, which does not support it: {reason}", sys.stderr
                )
                samplers = ("auto",)
            names: list[SamplerName] = [resolve_sampler(voice, name) for name in samplers]
            for streams in self.streams:
                for sampler in dict.fromkeys(names):
                    row = measure_speaking(voice, streams, sampler, self.seconds)
                    rows.append(row)
                    if not self.json:
                        print(_speed_line(row))
        if not self.json and _exceeds(rows, "limit_share"):
            print(
                "A share above 100 % is noise or other load; of the limit by memory also weights that stay in a core's "
                "cache."
            )
        _give(rows, self.out, self.json)


def _exceeds(rows: list[dict[str, Any]], *names: str) -> bool:
    """Whether a share is printed as more than 100 %."""
    return any(row[name] is not None and row[name] >= 1.005 for row in rows for name in names)


def _speed_line(row: dict[str, Any]) -> str:
    """Writes a line about the speed of a voice.

    Args:
      row: as `measure_speaking` returns it.
    """
    streams, block = row["streams"], row["block_milliseconds"]
    limit = ""
    if row["limit_share"] is not None:
        limit = f"{row['limit_share']:.0%} of the limit by {row['limited_by']}, "
    return (
        f"{row['voice']}, {streams} stream{'s' * (streams > 1)}, {row['sampler']}: "
        f"{row['samples_per_second']:,.0f} samples/s, each {row['real_time_factor']:.1f} times real time, {limit}"
        f"a block of 20 ms in {block['median']:.2f} ms, 99 % within {block['p99']:.2f} ms"
    )


@contextlib.contextmanager
def _as_dataset(name: str) -> Iterator[str]:
    """Yields the name of a data set; makes one for the time of the measurement where the name is of sound."""
    import tempfile

    from babble_jax.cli.train_data import is_sound
    from babble_jax.dataset.building import build_dataset

    if not is_sound(name):
        yield name
        return
    with tempfile.TemporaryDirectory(prefix="babble-bench-") as scratch:
        yield str(build_dataset(name, Path(scratch, "data")).path)


def _check_seconds(seconds: float) -> None:
    """Refuses times in which nothing can be measured."""
    if not 0.001 <= seconds <= _MOST_SECONDS:
        raise BabbleError(f"--seconds is {seconds:g}; it must be from 0.001 to {_MOST_SECONDS:g}.")


def _check_counts(name: str, *counts: int) -> None:
    """Refuses sizes that no model has."""
    for count in counts:
        if not 1 <= count <= 2**14:
            raise BabbleError(f"{name} is {count}; it must be from 1 to {2**14}.")


def _give(rows: list[dict[str, Any]], out: Path | None, json: bool) -> None:
    """Writes and prints the rows of a benchmark, as one JSON object.

    Args:
      rows: JSON values.
      out: file to write; None for none.
      json: whether to print the object, too.
    """
    from babble_jax import files

    if out is not None:
        files.write_json(out, {"rows": rows})
    if json:
        print_json({"rows": rows})
