"""Kinds of experiment on speech-likeness: references of real speech, and a voice beside them."""

import dataclasses
import functools
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from babble_jax import config
from babble_jax.audio import spectrogram
from babble_jax.audio.pcm import from_int16
from babble_jax.dataset.source import open_dataset
from babble_jax.demo import train_small_voice
from babble_jax.errors import BabbleError
from babble_jax.judge import judgement_picture, reference
from babble_jax.judge.judgement import MEASURES, judge
from babble_jax.judge.loops import max_cross_correlation
from babble_jax.presets import registry
from babble_jax.pretrained import pretrained
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.pretrained.speaking import speak_streams
from babble_jax.pretrained.voices import load_any_voice
from babble_jax.progress import Progress
from babble_jax.voice.block_sampler import SamplerName
from babble_jax.voice.conditioning.stream_features import conditioning, draw_activity
from babble_jax.voice.speak import generate_audio, stream_audio
from experiments.pipelines.babbler import BabblerExperiment
from experiments.pipelines.leveled_speakers import LeveledSpeakersExperiment

SHIPPED = registry.folder("references")
HELD_OUT = ("validation", "test")


def find_speakers(
    voice: PretrainedVoice, speakers: Mapping[str, str], folder: str, training: str
) -> dict[str, str]:
    """Finds speakers in a voice, which before its release have the names of the data set's.

    Args:
      voice: the voice.
      speakers: name in the voice that ships of each speaker of the data set.
      folder: of the voice, or its name, for messages.
      training: experiment that trains such a voice, for messages.

    Returns:
      Name in the voice, by that in the voice that ships.

    Raises:
      BabbleError: the voice lacks a speaker.
    """
    names = voice.config.speakers
    own_name = {speaker: speaker if speaker in names else source for source, speaker in speakers.items()}
    if absent := sorted(set(own_name.values()) - set(names)):
        raise BabbleError(
            f"{folder}: has no speaker {absent[0]}, but {', '.join(names) or 'none'}; name a voice of "
            f"{training} by --voice."
        )
    return own_name


def held_out(dataset: Path, speaker: str) -> np.ndarray:
    """Concatenates the recordings of a speaker that no voice has learned from.

    Args:
      dataset: folder of a data set.
      speaker: name.

    Returns:
      [T] float32 amplitudes.
    """
    parts = []
    for split in HELD_OUT:
        opened = open_dataset(dataset, split)
        number = opened.speaker_names.index(speaker)
        parts += [opened.read(i) for i in range(len(opened)) if opened.speakers[i] == number]
    return from_int16(np.concatenate(parts))


@dataclasses.dataclass(frozen=True)
class ReferenceExperiment:
    """Measures held-out speech of the speakers of a voice, and writes it into the package, a reference of each.

    Attributes:
      run_of: the experiment that trained the voice, whose data set is made again.
      descriptions: of the recordings of each of its speakers, one line. The reference is named after the speaker in the
        data set.
      collections: folder of all collections of sound files, as in `BabblerExperiment`. Where they lie is no value of
        the experiment.
    """

    run_of: LeveledSpeakersExperiment | BabblerExperiment
    descriptions: dict[str, str]
    collections: str = dataclasses.field(default="", compare=False)

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Builds the data set and measures.

        Args:
          work: folder for the data set.
          results: unused.

        Returns:
          `references`, of each speaker.

        Raises:
          BabbleError: a speaker lacks recordings.
        """
        del results
        dataset, rate = work / "dataset", self.run_of.sample_rate
        dataclasses.replace(self.run_of, collections=self.collections).build_dataset(dataset)
        references = []
        for name, description in self.descriptions.items():
            audio = held_out(dataset, name)
            pieces = len(reference.cut_pieces(audio, rate))
            with Progress(name, pieces + min(pieces, 10), "pieces") as progress:
                measured = reference.measure_reference(audio, rate, name, description, progress.update)
            reference.save_reference(measured, SHIPPED / f"{name}.json")
            references.append(config.to_json(measured))
        return {"references": references}


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
        """Judges both voices and times the blocks.

        Args:
          work: folder for the small voice.
          results: path, without suffix, of the pictures.
        """
        voice = pretrained.load_voice(self.name)
        small = pretrained.load_voice(train_small_voice(work, seed=0))
        return {
            "temperature": voice.sampling().temperature,
            "judged": {
                speaker: judge_speaker(
                    functools.partial(_samples, voice, speaker),
                    voice.config.sample_rate,
                    speaker,
                    reference.load_reference(own),
                    results,
                )
                for speaker, own in self.references.items()
            },
            "small": judge_speaker(
                functools.partial(_samples, small, None),
                small.config.sample_rate,
                "small",
                reference.load_reference(self.small),
                results,
            ),
            "blocks": time_blocks(voice),
        }


@dataclasses.dataclass(frozen=True)
class VoiceJudgedExperiment:
    """Judges a voice of either kind beside held-out speech of its speakers, at its own temperature.

    Attributes:
      references: for each of its speakers; "" for the only speaker of a voice without names.
      voice: its name, or its folder. Which it is, is no value of the experiment.
    """

    references: dict[str, str]
    voice: str = dataclasses.field(default="", compare=False)

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Judges the voice.

        Args:
          work: unused.
          results: path, without suffix, of the pictures.
        """
        del work
        voice, judged = load_any_voice(self.voice), {}
        for speaker, own in self.references.items():

            def sample(seed: int, count: int, speaker: str = speaker) -> np.ndarray:
                return speak_streams(voice, SECONDS, count, speaker=speaker or None, seed=seed)

            judged[speaker or "voice"] = judge_speaker(
                sample, voice.config.sample_rate, speaker or "voice", reference.load_reference(own), results
            )
        return {"judged": judged}


Sample = Callable[[int, int], np.ndarray]
"""Draws samples of a speaker, [count, T] amplitudes, by a seed and their number."""


def judge_speaker(
    sample: Sample, rate: int, name: str, own: reference.Reference, results: Path
) -> dict[str, Any]:
    """Counts of six samples of a speaker the values of each measure within the reference `own`.

    Six say little: so the share within is of `MORE` other samples.

    Args:
      sample: draws them.
      rate: samples per second.
      name: of the speaker, for pictures.
      own: speech of the speaker.
      results: path, without suffix, of the pictures.
    """
    spectrum = np.array(own.spectrum, float)
    audio = sample(0, SAMPLES)
    judged = {str(i): judge(x, rate, spectrum) for i, x in enumerate(audio)}
    more = [judge(x, rate, spectrum) for x in sample(1, MORE)]
    judgement_picture.plot_judgements(f"{results}-{name}-judged.png", judged, own)
    spectrogram.plot_spectrogram(audio[0], rate, f"{results}-{name}.png", f"{name}, {rate} Hz")
    return {
        "samples": [dataclasses.asdict(one) for one in judged.values()],
        **tally([*judged.values()], more, MEASURES, own.within),
        "most_alike": max(max_cross_correlation(audio[0], x, rate) for x in audio[1:]),
    }


def tally(
    samples: Sequence[Any],
    more: Sequence[Any],
    names: Sequence[str],
    within: Callable[[str, float | None], bool],
) -> dict[str, Any]:
    """Summarizes measures of samples, beside those of recordings.

    Args:
      samples: the measures of each sample, as attributes; None where there is no value.
      more: those of other samples.
      names: of the measures.
      within: tells of a measure and a value whether recordings could have it.

    Returns:
      By measure, the `median` of the samples that have one, how many lie `within`, and of the others the
      `share_within`.
    """
    values = {name: [x for one in samples if (x := getattr(one, name)) is not None] for name in names}
    return {
        "median": {name: float(np.median(own)) for name, own in values.items() if own},
        "within": {name: sum(within(name, value) for value in own) for name, own in values.items()},
        "share_within": {
            name: float(np.mean([within(name, getattr(one, name)) for one in more])) for name in names
        },
    }


def _samples(voice: PretrainedVoice, speaker: str | None, seed: int, count: int) -> np.ndarray:
    """Generates [count, T] amplitudes with phrases and pauses as the speaker's recordings have them."""
    keys = jax.random.split(jax.random.key(seed), count)
    who = None if speaker is None else np.full(count, voice.index_of(speaker))
    local = conditioning(voice, draw_activity(voice, SECONDS, keys, who), keys, who)
    return generate_audio(voice, keys, round(SECONDS * voice.config.sample_rate), speaker=who, local=local)


def time_blocks(voice: PretrainedVoice, count: int = 500) -> dict[str, Any]:
    """Times blocks of 20 ms on one core, by sampler.

    Args:
      voice: to be timed.
      count: blocks of each sampler.

    Returns:
      Milliseconds by sampler: median, 99th percentile, maximum; and the factor of real time.
    """
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    times_by_sampler = {}
    try:
        choices: Sequence[SamplerName] = ("native", "int8")
        for sampler in choices:
            keys = jax.random.split(jax.random.key(1), 1)
            who = None if not voice.config.speakers else np.zeros(1, np.int32)
            local = conditioning(voice, draw_activity(voice, 60.0, keys, who), keys, who)
            audio = stream_audio(voice, keys, speaker=who, seconds=BLOCK, local=local, sampler=sampler)
            size = next(audio).shape[1]
            for _ in range(20):
                next(audio)
            times = []
            for _ in range(count):
                start = time.perf_counter()
                next(audio)
                times.append(1000 * (time.perf_counter() - start))
            median, late = (float(x) for x in np.quantile(times, (0.5, 0.99)))
            times_by_sampler[sampler] = {
                "block_ms": 1000 * size / voice.config.sample_rate,
                "median_ms": median,
                "p99_ms": late,
                "slowest_ms": max(times),
                "times_real_time": 1000 * size / voice.config.sample_rate / median,
            }
    finally:
        os.sched_setaffinity(0, before)
    return times_by_sampler
