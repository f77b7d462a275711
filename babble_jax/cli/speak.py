"""Babble into sound files."""

import dataclasses
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from tyro.conf import arg

from babble_jax.cli.messages import print_line
from babble_jax.cli.prosody import ProsodyOptions, describe_contour
from babble_jax.errors import BabbleError
from babble_jax.presets.registry import DEFAULT_VOICE

MOST_SILENCE = 0.9
"""Share of silence beyond which babble is called silent."""
DEFAULT_SECONDS = 10.0
"""Length of a file where none is given."""
SILENCE_REMEDY = (
    "the voice is all but silent, as one is that learned from recordings with long pauses, or for too few steps; train "
    "it on the recordings with --longest-pause 0.3, or longer, or raise --temperature."
)


@dataclasses.dataclass(frozen=True)
class Speak:
    """Generates babble with a voice and writes it to wav files.

    Attributes:
      voice: Name of a voice that ships (`babble voices` lists them), or folder of a voice of your own or of the
        training run that makes it.
      out: Wav file; babble.wav by default. With several streams the files are NAME-1.wav, NAME-2.wav and so on.
      seconds: Length of each file, in seconds, 10 by default; with --contour, leave it out: that of the contour.
      streams: Number of files, each with different babble.
      temperature: Sampling temperature: below 1 the babble is more regular, above 1 more varied; 0 takes the most
        likely sample. By default the voice's own.
      top_k: Sample only from the k most likely quantization levels; 0 samples from all.
      prompt: Sound file that the babble continues. It is not part of the output.
      copy: Recording that a vocoder says again from its mel spectrogram, and that gives the length.
      speaker: Name of one of the voice's speakers. By default the first.
      language: Name of one of the languages of a voice that speaks phones. By default the first.
      prosody: How the voice speaks.
      contour: Pitch and level to speak with: a table with the columns time, f0 and level (.csv), or any recording,
        whose melody, sought from 60 to 800 Hz, and pauses the babble takes.
      seed: Random seed. The same seed gives the same babble.
      sampler: compiled runs on any device by XLA; native and int8 run on CPUs with float32 or int8 weights; auto takes
        the fastest that is exact.
      raw: Write raw 16-bit mono samples to standard output in blocks of 20 ms as they are made, in place of a file;
        for `| aplay -f S16_LE -r 16000`.
      yes: Begin work even if it takes more than a day, or more than the disk or the memory holds.
    """

    voice: str = DEFAULT_VOICE
    out: Path | None = None
    seconds: float | None = None
    streams: int = 1
    temperature: float | None = None
    top_k: int = 0
    prompt: Path | None = None
    copy: Path | None = None
    speaker: str | None = None
    language: str | None = None
    prosody: Annotated[ProsodyOptions, arg(name="")] = ProsodyOptions()
    contour: Path | None = None
    seed: int = 0
    sampler: Literal["auto", "compiled", "native", "int8"] = "auto"
    raw: bool = False
    yes: bool = False

    def run(self) -> None:
        """Generates babble, writes it, and prints measures of each file."""
        from babble_jax.audio import measures, pcm, wave
        from babble_jax.cli.estimate import confirm, speaking_seconds
        from babble_jax.cli.origin import Origin, format_origin
        from babble_jax.cli.outputs import check_output
        from babble_jax.pretrained.catalogue import is_speech
        from babble_jax.pretrained.copying import copy_synthesis
        from babble_jax.pretrained.speaking import speak_blocks, speak_streams
        from babble_jax.pretrained.tacotron_voice import TacotronVoice
        from babble_jax.pretrained.voices import load_any_voice, speakers_of
        from babble_jax.progress import Progress
        from babble_jax.voice.conditioning.prosody import NEUTRAL

        if not 1 <= self.streams <= 1024:
            raise BabbleError(f"--streams is {self.streams}; ask for 1 to 1024.")
        out = Path("babble.wav") if self.out is None else self.out
        paths = [out]
        if self.streams > 1:
            paths = [out.with_name(f"{out.stem}-{i + 1}{out.suffix}") for i in range(self.streams)]
        if self.raw and self.streams > 1:
            raise BabbleError("--raw writes one stream; leave --streams at 1.")
        if self.raw and self.out is not None:
            raise BabbleError(
                "--raw writes to standard output, not to a file; give --raw or --out, not both."
            )
        if self.copy is not None and (self.raw or self.streams > 1 or self.prompt is not None or self.top_k):
            raise BabbleError(
                "--copy writes one file that says a recording again; leave out --raw, --streams, --prompt and --top-k."
            )
        if self.contour is not None and self.seconds is not None:
            raise BabbleError("--contour gives the length; leave out --seconds.")
        prosody = self.prosody.read(self.contour)
        if self.copy is not None and prosody != NEUTRAL:
            raise BabbleError(f"--copy says a recording as it is; leave out what changes it ({prosody}).")
        if not self.raw:
            check_output(paths[0], ".wav")
        voice = load_any_voice(self.voice)
        if self.copy is not None and isinstance(voice, TacotronVoice):
            raise BabbleError(
                f"--copy takes a vocoder; {self.voice} speaks phones: name its vocoder, {Path(self.voice) / 'vocoder'}."
            )
        rate = voice.config.sample_rate
        options: dict[str, Any] = {
            "speaker": self.speaker,
            "seed": self.seed,
            "temperature": self.temperature,
            "sampler": self.sampler,
        }
        babbling: dict[str, Any] = {
            "top_k": self.top_k,
            "prompt": self.prompt,
            "language": self.language,
            "prosody": prosody,
        }
        length = DEFAULT_SECONDS if self.seconds is None else self.seconds
        if prosody.contour is not None:
            length = prosody.contour.seconds
        if prosody != NEUTRAL:
            print_line(f"prosody: {self.prosody.describe(prosody)}", sys.stderr)
        for line in describe_contour(prosody):
            print_line(line, sys.stderr)
        if self.raw:
            for block in speak_blocks(voice, length, **options, **babbling):
                sys.stdout.buffer.write(pcm.to_int16(block).astype("<i2").tobytes())
                sys.stdout.buffer.flush()
            return
        recording = None if self.copy is None else wave.read(self.copy, rate)[0]
        wave.check_length(length, rate)
        total = round(length * rate) * self.streams if recording is None else len(recording)
        confirm(
            "speak",
            speaking_seconds([voice], total, self.streams),
            2 * total,
            out,
            self.yes,
            memory=12 * total,
        )
        with Progress("speaking", total, "samples") as progress:
            if recording is None:
                audio = speak_streams(
                    voice, length, self.streams, advance=progress.update, **options, **babbling
                )
            else:
                assert not isinstance(voice, TacotronVoice)
                audio = copy_synthesis(recording, rate, voice, advance=progress.update, **options)[None]
        name = self.speaker or next(iter(speakers_of(voice)), None)
        who = f"{name} of the voice {self.voice}" if name else f"the voice {self.voice}"
        manner = None if prosody == NEUTRAL else str(prosody)
        temperature = voice.sampling(self.temperature).temperature
        origin = Origin(self.voice, name, self.seed, manner, temperature)
        for path, samples in zip(paths, audio, strict=True):
            wave.write(path, samples, rate, format_origin(origin))
            measured = measures.measure(samples, rate)
            seconds, sound = str(measured).split(", ", 1)
            print_line(f"{path}: {seconds} of babble by {who}, with seed {self.seed}; {sound}")
            if measured.silent_share > MOST_SILENCE:
                print_line(f"warning: {path}: {SILENCE_REMEDY}", sys.stderr)
        others = [f"--speaker {one}" for one in speakers_of(voice) if one != name]
        steps = [f"another babble: --seed {self.seed + 1}"]
        steps += [f"another speaker: {others[0]}"] if others else []
        if is_speech(voice.card, name):
            steps.append(f"is it like speech: babble judge {shlex.quote(str(paths[0]))}")
        print_line("; ".join(steps), sys.stderr)
