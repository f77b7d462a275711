"""The `babble` command: each verb is a dataclass of its options and one `run`, which calls the library.

Results go to standard output, progress and reports of skipped input to standard error. Exit code 0, or 2 with one
sentence on standard error.
"""

import contextlib
import dataclasses
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from tyro.conf import Positional

from babble_jax import usage
from babble_jax.audio.quantize import Quantizer
from babble_jax.config import check_seed
from babble_jax.errors import BabbleError
from babble_jax.timing.ipu import Definitions
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.voice.samplernn import SampleRNNConfig


@dataclasses.dataclass(frozen=True)
class Demo:
    """From nothing to a dialogue in under five minutes: trains a small voice on a built-in excerpt of speech, lets two
    babblers of it talk with the timing of Switchboard, and shows how human that timing is.

    Attributes:
      out: folder to write into; an interrupted demo goes on there.
      seconds: length of the dialogue.
      seed: of the training, of the dialogue's plan and of its babble.
    """

    out: Path = Path("babble-demo")
    seconds: float = 60.0
    seed: int = 0

    def run(self) -> None:
        """Runs the demo and prints its table."""
        from babble_jax.demo import demo

        print(demo(self.out, self.seconds, self.seed))


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Makes a data set for training from a folder of sound files (wav, flac, ogg, mp3).

    Attributes:
      audio_dir: the folder; its sub-folders are the speakers. Or a Debian package of speech, which is fetched first:
        festvox-ru, or asterisk-core-sounds-LANGUAGE-g722 with LANGUAGE one of en, es, fr, it, ru.
      out: folder for the data set; must not exist yet.
      sample_rate: Hz of the data set.
      trim: whether to cut silence off both ends of each recording.
    """

    audio_dir: Positional[str]
    out: Path
    sample_rate: int = 16000
    trim: bool = True

    def run(self) -> None:
        """Builds, and prints what is in it and what could not be used."""
        import tempfile

        from babble_jax.dataset import recipes, recordings

        with tempfile.TemporaryDirectory() as scratch:
            folder: str | Path = self.audio_dir
            if self.audio_dir in recipes.RECIPES and not Path(self.audio_dir).exists():
                folder = recipes.fetch(self.audio_dir, Path(scratch) / self.audio_dir)
            report = recordings.build(folder, self.out, self.sample_rate, self.trim)
        for path, reason in report.bad:
            print(f"left out: {path}: {reason}", file=sys.stderr)
        for note in report.notes:
            print(f"note: {note}", file=sys.stderr)
        for split, count in report.counts.items():
            print(f"{split:10} {count:6} recordings {report.seconds[split] / 60:8.1f} min")
        print(
            f"{report.path}: {report.sample_rate} Hz, {len(report.speakers)} speakers, gain {report.gain:.3f}"
        )


@dataclasses.dataclass(frozen=True)
class Train:
    """Trains a SampleRNN, or goes on with a training that was interrupted. The defaults are the paper's.

    Attributes:
      dataset: a folder that `babble dataset` made, or the name of a TFDS data set (ljspeech, librispeech, ...).
      workdir: folder of the run. A run that is there already goes on, under the same options.
      steps: updates in all.
      model: shape of the voice.
      quantizer: of the samples.
      optimizer: Adam and its schedule.
      lanes: recordings read side by side: the batch size.
      subsequence: samples per step of truncated back-propagation.
      by_speaker: condition the voice on the data set's speakers; needs --model.expand-top.
      seed: of the initial parameters and of the order of the recordings.
      parallel: how the step is mapped over devices.
      log: what the run shows and keeps; may change when a run goes on.
    """

    dataset: Positional[str]
    workdir: Path
    steps: int
    model: SampleRNNConfig = SampleRNNConfig()
    quantizer: Quantizer = Quantizer()
    optimizer: OptimizerConfig = OptimizerConfig()
    lanes: int = 128
    subsequence: int = 512
    by_speaker: bool = False
    seed: int = 0
    parallel: Literal["pmap", "jit"] = "pmap"
    log: LogConfig = LogConfig()

    def run(self) -> None:
        """Trains, and prints the score and where the voice is."""
        from babble_jax.dataset.source import open_dataset
        from babble_jax.train.config import TrainConfig
        from babble_jax.train.loop import train
        from babble_jax.voice.released import VoiceConfig

        recordings = open_dataset(self.dataset, "train")
        speakers = recordings.speaker_names if self.by_speaker else ()
        with _options():
            voice = VoiceConfig(self.model, self.quantizer, recordings.sample_rate, recordings.gain, speakers)
            config = TrainConfig(
                voice, self.dataset, self.optimizer, self.lanes, self.subsequence, self.seed, self.parallel
            )
        report = train(config, self.workdir, self.steps, self.log)
        score = report.validation
        print(f"step {report.step}: {score.bits:.3f} bits per sample on {score.samples} validation samples")
        print(f"voice: {report.voice}")


@dataclasses.dataclass(frozen=True)
class Speak:
    """Lets a trained voice babble into wav files.

    Attributes:
      voice: folder of the voice, or of the run that trained it.
      out: the wav file; with several streams NAME-1.wav, NAME-2.wav and so on.
      seconds: length of each.
      streams: how many, each with babble of its own.
      temperature: below 1 tamer, above 1 wilder; 0 takes the most likely sample.
      top_k: draw among the k most likely levels; 0 for all.
      prompt: a sound file that the babble goes on from; it is not part of the output.
      speaker: name of one of the voice's speakers.
      seed: the same seed gives the same babble.
    """

    voice: Positional[Path]
    out: Path = Path("babble.wav")
    seconds: float = 10.0
    streams: int = 1
    temperature: float = 1.0
    top_k: int = 0
    prompt: Path | None = None
    speaker: str | None = None
    seed: int = 0

    def run(self) -> None:
        """Generates, writes, and prints measures of each file."""
        import jax
        import numpy as np

        from babble_jax import files
        from babble_jax.audio import measures, wave
        from babble_jax.progress import Progress
        from babble_jax.voice import released, speak
        from babble_jax.voice.generate import Sampling

        with _options():
            check_seed(self.seed)
            sampling = Sampling(self.temperature, self.top_k)
        if not 1 <= self.streams <= 1024:
            raise BabbleError(f"--streams is {self.streams}; ask for 1 to 1024.")
        paths = [self.out]
        if self.streams > 1:
            paths = [
                self.out.with_name(f"{self.out.stem}-{i + 1}{self.out.suffix}") for i in range(self.streams)
            ]
        files.check_place(paths[0])
        voice = released.load(self.voice)
        rate = voice.config.sample_rate
        wave.check_length(self.seconds, rate)
        index = voice.index_of(self.speaker)
        who = None if index is None else np.full(self.streams, index)
        prompt = None
        if self.prompt is not None:
            prompt = np.tile(wave.read(self.prompt, rate)[0], (self.streams, 1))
        keys = jax.random.split(jax.random.key(self.seed), self.streams)
        total = round(self.seconds * rate)
        with Progress("speaking", total * self.streams, "samples") as progress:
            audio = speak.speak(voice, keys, total, sampling, who, prompt, progress.update)
        for path, samples in zip(paths, audio, strict=True):
            wave.write(path, samples, rate)
            print(f"{path}: {measures.measure(samples, rate)}")


@dataclasses.dataclass(frozen=True)
class Events:
    """Counts IPUs, pauses, gaps, overlaps and backchannels in annotated conversations, and their turn timing.

    Attributes:
      paths: annotation files or folders of them.
      format: ms98, rttm, mdtm, nxt, textgrid or table; found by content if absent.
      level: of the floor-transfer offsets: between IPUs, or between turns (without backchannels).
      definitions: what counts as which event.
      json: print one JSON object, and nothing else, on standard output.
    """

    paths: Positional[tuple[Path, ...]]
    format: str | None = None
    level: Literal["ipu", "turn"] = "ipu"
    definitions: Definitions = Definitions()
    json: bool = False

    def run(self) -> None:
        """Reads, counts, prints."""
        from babble_jax.conversation.reading import read
        from babble_jax.timing.events import summary
        from babble_jax.timing.summary_text import summary_text

        reading = read(self.paths, self.format)
        values = summary(reading.conversations, self.definitions, self.level)
        values["skipped"] = [dataclasses.asdict(skip) for skip in reading.skipped]
        if self.json:
            print(json.dumps(values, ensure_ascii=False, allow_nan=False))
        else:
            _report_skipped(reading.skipped)
            print(summary_text(values))


@dataclasses.dataclass(frozen=True)
class Fit:
    """Fits families of distributions to floor-transfer offsets and ranks them on held-out conversations.

    Attributes:
      paths: annotation files or folders of them.
      format: ms98, rttm, mdtm, nxt, textgrid or table; found by content if absent.
      level: of the floor-transfer offsets: between IPUs, or between turns (without backchannels).
      definitions: what counts as which event.
      families: which to fit; all if absent.
      json: print one JSON object, and nothing else, on standard output.
      plot: a PNG of the histogram with the fitted densities.
      out: a JSON file for a timing preset fitted on everything, which `babble converse --timing` takes.
      name: of that preset; its file's name if absent.
    """

    paths: Positional[tuple[Path, ...]]
    format: str | None = None
    level: Literal["ipu", "turn"] = "ipu"
    definitions: Definitions = Definitions()
    families: tuple[str, ...] = ()
    json: bool = False
    plot: Path | None = None
    out: Path | None = None
    name: str | None = None

    def run(self) -> None:
        """Reads, fits, prints."""
        from babble_jax import files
        from babble_jax.conversation.reading import read
        from babble_jax.timing.events import offsets
        from babble_jax.timing.families import FAMILIES
        from babble_jax.timing.fit import fit
        from babble_jax.timing.picture import plot_offsets
        from babble_jax.timing.preset import make_preset

        for path in (self.plot, self.out):
            if path is not None:
                files.check_place(path)
        reading = read(self.paths, self.format)
        _report_skipped(reading.skipped)
        report = fit(reading.conversations, self.level, self.definitions, self.families or tuple(FAMILIES))
        if self.plot is not None:
            values = offsets(reading.conversations, self.level, self.definitions).value
            plot_offsets(self.plot, values, {family.name: family.params for family in report.families})
        if self.out is not None:
            make_preset(reading.conversations, self.name or self.out.stem, self.definitions).save(self.out)
        if self.json:
            print(json.dumps(report.to_json(), ensure_ascii=False, allow_nan=False))
            return
        print(
            f"level {report.level}: fitted on {report.train.offsets} offsets of {report.train.conversations}"
        )
        print(f"conversations, scored on {report.heldout.offsets} of {report.heldout.conversations} others\n")
        print(f"{'family':16} {'nats per offset':>16} {'CRPS (s)':>10}")
        for family in report.families:
            print(f"{family.name:16} {family.heldout_nats:16.4f} {family.crps:10.4f}")


@dataclasses.dataclass(frozen=True)
class Converse:
    """Writes a dialogue of two babblers: stereo audio, annotation (TextGrid, EAF, RTTM, CSV), manifest, pictures.

    Attributes:
      voices: one or two voices; of one, two speakers are made by resizing it.
      out: folder for the dialogue; must not exist yet, or see --overwrite.
      timing: name of a timing preset that ships, or a file that `babble fit --out` wrote.
      seconds: length of the dialogue.
      temperature: of the babble; below 1 tamer, above 1 wilder.
      top_k: draw among the k most likely levels; 0 for all.
      speakers: names of the speaker to use of each voice, for voices that have several.
      seed: of plan and babble; the same seed gives the same bytes.
      overwrite: replace an earlier dialogue in `out`.
    """

    voices: Positional[tuple[Path, ...]]
    out: Path
    timing: str = "switchboard"
    seconds: float = 60.0
    temperature: float = 1.0
    top_k: int = 0
    speakers: tuple[str, ...] = ()
    seed: int = 0
    overwrite: bool = False

    def run(self) -> None:
        """Converses, and prints the table."""
        from babble_jax.agent.babbler import two_of_one
        from babble_jax.agent.duet import converse
        from babble_jax.agent.table import table_text
        from babble_jax.agent.trained import Trained
        from babble_jax.timing.preset import load as load_timing
        from babble_jax.voice.generate import Sampling
        from babble_jax.voice.released import load as load_voice

        preset = load_timing(self.timing)
        with _options():
            sampling = Sampling(self.temperature, self.top_k)
        loaded = [load_voice(folder) for folder in self.voices]
        pairs = [(voice, None) for voice in loaded]
        if self.speakers:
            voices = loaded * 2 if len(loaded) == 1 and len(self.speakers) == 2 else loaded
            if len(voices) != len(self.speakers):
                raise BabbleError("Give as many --speakers as there are voices, or two for one voice.")
            pairs = list(zip(voices, self.speakers, strict=True))
        babblers: Sequence[Any] = [Trained(voice, sampling, speaker) for voice, speaker in pairs]
        if len(babblers) == 1:
            babblers = two_of_one(babblers[0])
        if len(babblers) != 2:
            raise BabbleError(f"A dialogue takes one or two voices, not {len(self.voices)}.")
        report = converse(preset, babblers, self.seconds, self.seed, self.out, overwrite=self.overwrite)
        print(table_text(report.table))
        print(f"{report.folder / 'dialogue.wav'}")


VERBS = {verb.__name__.lower(): verb for verb in (Demo, Dataset, Train, Speak, Events, Fit, Converse)}


@contextlib.contextmanager
def _options() -> Iterator[None]:
    """Options that make no sense together are the caller's error, told in their own sentence."""
    try:
        yield
    except ValueError as error:
        raise BabbleError(f"{error}.") from error


def _report_skipped(skipped: Sequence[Any], shown: int = 10) -> None:
    for skip in skipped[:shown]:
        line = "" if skip.line is None else f", line {skip.line}"
        print(f"skipped: {skip.file}{line}: {skip.reason}", file=sys.stderr)
    if len(skipped) > shown:
        print(f"skipped: {len(skipped) - shown} more; `babble events --json` lists them all", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one verb."""
    try:
        usage.parse(sys.argv[1:] if arguments is None else arguments, VERBS).run()
        sys.stdout.flush()
    except BabbleError as error:
        print(f"babble: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # `babble events … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (OSError, MemoryError) as error:
        print(f"babble: {usage.of_the_system(error)}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("babble: interrupted", file=sys.stderr)
        sys.exit(130)
