"""Experiments that ask how much like speech something is."""

import dataclasses
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from babble_jax import config
from babble_jax.audio import spectrogram
from babble_jax.dataset import recipes, recordings
from babble_jax.dataset.source import open_dataset
from babble_jax.demo import small_voice
from babble_jax.judge import judgement_picture as judged_picture
from babble_jax.judge import reference
from babble_jax.judge.judgement import NAMES, Judgement, judge
from babble_jax.judge.loops import likeness
from babble_jax.presets import registry
from babble_jax.pretrained import pretrained
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.progress import Progress
from babble_jax.voice.conditioning.streams import as_recorded, conditioning
from babble_jax.voice.speak import Choice, speak, stream

SHIPPED = registry.folder("references")
HELD_OUT = ("validation", "test")


def held_out(dataset: Path, speaker: str) -> np.ndarray:
    """[T] float: the recordings of a speaker that no voice has learned from, one after the other."""
    lines = []
    for split in HELD_OUT:
        opened = open_dataset(dataset, split)
        number = opened.speaker_names.index(speaker)
        lines += [opened.read(i) for i in range(len(opened)) if opened.speakers[i] == number]
    return np.concatenate(lines).astype(np.float32) / 32_768


@dataclasses.dataclass(frozen=True)
class ReferenceExperiment:
    """Measures the held-out speech of each source, one speaker each, and ships what it finds.

    Attributes:
      sources: recipes of `babble_jax.dataset.recipes`.
      sample_rate: Hz.
      pad: seconds of silence around each recording.
    """

    sources: tuple[str, ...]
    sample_rate: int
    pad: float

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Runs all of it."""
        del results
        dataset = work / "dataset"
        if not dataset.exists():
            with tempfile.TemporaryDirectory() as scratch:
                folders = [recipes.fetch(name, Path(scratch)) for name in self.sources]
                recordings.build(folders, dataset, self.sample_rate, pad=self.pad)
        made = []
        for name in self.sources:
            audio = held_out(dataset, name)
            pieces = len(reference.pieces_of(audio, self.sample_rate))
            with Progress(name, pieces + min(pieces, 10), "pieces") as progress:
                found = reference.measured(
                    audio, self.sample_rate, name, recipes.RECIPES[name].description, progress.update
                )
            reference.save_reference(found, SHIPPED / f"{name}.json")
            made.append(config.to_json(found))
        return {"references": made}


SAMPLES, MORE, SECONDS = 6, 32, 10.0  # of each speaker that are judged
BLOCK = 0.02  # seconds


@dataclasses.dataclass(frozen=True)
class JudgedExperiment:
    """Judges a voice that ships beside held-out speech of its speakers, at its own temperature; times its blocks.

    Beside it, as what bad looks like, the small voice that `babble demo --train` trains.

    Attributes:
      name: of the voice.
      references: for each of its speakers.
      small: the reference for the small voice.
    """

    name: str
    references: dict[str, str]
    small: str

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Runs all of it; `work` keeps the small voice."""
        voice = pretrained.load_voice(self.name)
        small = pretrained.load_voice(small_voice(work, seed=0))
        return {
            "temperature": voice.sampling().temperature,
            "judged": {
                speaker: _judged(voice, speaker, own, results) for speaker, own in self.references.items()
            },
            "small": _judged(small, None, self.small, results),
            "blocks": blocks(voice),
        }


def _judged(voice: PretrainedVoice, speaker: str | None, own: str, results: Path) -> dict[str, Any]:
    """Six samples of a speaker beside the reference `own`: how many values of each measure are within; and the share
    of those of `MORE` other samples, since six say little.
    """
    rate, beside = voice.config.sample_rate, reference.load_reference(own)
    spectrum = np.array(beside.spectrum, float)
    audio = _samples(voice, speaker, 0, SAMPLES)
    judged = {str(i): judge(x, rate, spectrum) for i, x in enumerate(audio)}
    more = [judge(x, rate, spectrum) for x in _samples(voice, speaker, 1, MORE)]
    name = speaker or "small"
    judged_picture.draw(f"{results}-{name}-judged.png", judged, beside)
    spectrogram.spectrogram(audio[0], rate, f"{results}-{name}.png", f"{name}, {rate} Hz")
    return {
        "samples": [dataclasses.asdict(one) for one in judged.values()],
        "median": _medians(list(judged.values())),
        "within": {
            name: sum(beside.within(name, getattr(one, name)) for one in judged.values()) for name in NAMES
        },
        "share_within": {
            name: float(np.mean([beside.within(name, getattr(one, name)) for one in more])) for name in NAMES
        },
        "most_alike": max(likeness(audio[0], x, rate) for x in audio[1:]),
    }


def _samples(voice: PretrainedVoice, speaker: str | None, seed: int, count: int) -> np.ndarray:
    """[count, T]: with phrases and pauses as the speaker's recordings have them."""
    keys = jax.random.split(jax.random.key(seed), count)
    who = None if speaker is None else np.full(count, voice.index_of(speaker))
    local = conditioning(voice, as_recorded(voice, SECONDS, keys, who), keys, who)
    return speak(voice, keys, round(SECONDS * voice.config.sample_rate), speaker=who, local=local)


def _medians(judged: list[Judgement]) -> dict[str, float]:
    found = {}
    for name in NAMES:
        values = [value for one in judged if (value := getattr(one, name)) is not None]
        if values:
            found[name] = float(np.median(values))
    return found


def blocks(voice: PretrainedVoice, count: int = 500) -> dict[str, Any]:
    """Milliseconds that blocks of 20 ms take on one core, by sampler: median, 99th percentile, the slowest."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    found = {}
    try:
        choices: Sequence[Choice] = ("native", "int8")
        for sampler in choices:
            keys = jax.random.split(jax.random.key(1), 1)
            who = None if not voice.config.speakers else np.zeros(1, np.int32)
            local = conditioning(voice, as_recorded(voice, 60.0, keys, who), keys, who)
            made = stream(voice, keys, speaker=who, seconds=BLOCK, local=local, sampler=sampler)
            size = next(made).shape[1]
            for _ in range(20):
                next(made)
            times = []
            for _ in range(count):
                start = time.perf_counter()
                next(made)
                times.append(1000 * (time.perf_counter() - start))
            median, late = (float(x) for x in np.quantile(times, (0.5, 0.99)))
            found[sampler] = {
                "block_ms": 1000 * size / voice.config.sample_rate,
                "median_ms": median,
                "p99_ms": late,
                "slowest_ms": max(times),
                "times_real_time": 1000 * size / voice.config.sample_rate / median,
            }
    finally:
        os.sched_setaffinity(0, before)
    return found
