"""Babble into sound files."""

import dataclasses
import sys
from pathlib import Path
from typing import Literal

from babble_jax.cli.messages import as_user_error
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import DEFAULT


@dataclasses.dataclass(frozen=True)
class Speak:
    """Lets a voice babble into wav files.

    Attributes:
      voice: name of a voice that ships, or folder of one of your own, or of the run that trains it.
      out: the wav file; with several streams NAME-1.wav, NAME-2.wav and so on.
      seconds: length of each.
      streams: how many, each with babble of its own.
      temperature: below 1 tamer, above 1 wilder; 0 takes the most likely sample; the voice's own if absent.
      top_k: draw among the k most likely levels; 0 for all.
      prompt: a sound file that the babble goes on from; it is not part of the output.
      speaker: name of one of the voice's speakers; the first if absent.
      seed: the same seed gives the same babble.
      sampler: compiled by XLA for any device; native for CPUs, with float32 or int8 weights; auto takes what is fastest
        and exact.
      stream: write no file, but raw 16-bit mono samples to standard output, in blocks of 20 ms as they are made, for
        `| aplay -f S16_LE -r 16000`.
    """

    voice: str = DEFAULT
    out: Path = Path("babble.wav")
    seconds: float = 10.0
    streams: int = 1
    temperature: float | None = None
    top_k: int = 0
    prompt: Path | None = None
    speaker: str | None = None
    seed: int = 0
    sampler: Literal["auto", "compiled", "native", "int8"] = "auto"
    stream: bool = False

    def run(self) -> None:
        """Generates, writes, and prints measures of each file."""
        import jax
        import numpy as np

        from babble_jax import files
        from babble_jax.audio import measures, wave
        from babble_jax.config import check_seed
        from babble_jax.pretrained import pretrained
        from babble_jax.progress import Progress
        from babble_jax.voice import speak
        from babble_jax.voice.conditioning import streams
        from babble_jax.voice.sampling.ancestral import Sampling

        with as_user_error():
            check_seed(self.seed)
            Sampling(1.0 if self.temperature is None else self.temperature, self.top_k)  # a rule
        if not 1 <= self.streams <= 1024:
            raise BabbleError(f"--streams is {self.streams}; ask for 1 to 1024.")
        paths = [self.out]
        if self.streams > 1:
            paths = [
                self.out.with_name(f"{self.out.stem}-{i + 1}{self.out.suffix}") for i in range(self.streams)
            ]
        if self.stream and self.streams > 1:
            raise BabbleError("--stream writes one stream; leave --streams at 1.")
        if not self.stream:
            files.check_writable(paths[0])
        voice = pretrained.load_voice(self.voice)
        sampling = voice.sampling(self.temperature, self.top_k)
        rate = voice.config.sample_rate
        wave.check_length(self.seconds, rate)
        index = voice.index_of(self.speaker)
        who = None if index is None else np.full(self.streams, index)
        prompt = None
        if self.prompt is not None:
            prompt = np.tile(wave.read(self.prompt, rate)[0], (self.streams, 1))
        keys = jax.random.split(jax.random.key(self.seed), self.streams)
        total = round(self.seconds * rate)
        active = streams.as_recorded(voice, self.seconds, keys, who)
        local = streams.conditioning(voice, active, keys, who, prompt)
        if self.stream:
            made = 0
            blocks = speak.stream(voice, keys, sampling, who, prompt, 0.02, local, self.sampler)
            while made < total:
                block = next(blocks)[0, : total - made]
                sys.stdout.buffer.write(wave.to_pcm(block).astype("<i2").tobytes())
                sys.stdout.buffer.flush()
                made += len(block)
            return
        with Progress("speaking", total * self.streams, "samples") as progress:
            audio = speak.speak(
                voice, keys, total, sampling, who, prompt, progress.update, local, self.sampler
            )
        for path, samples in zip(paths, audio, strict=True):
            wave.write(path, samples, rate)
            print(f"{path}: {measures.measure(samples, rate)}")
