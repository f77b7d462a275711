"""The kind of experiment that trains an ear, exports it, and scores it on utterances that are held out.

Axes: N utterances.
"""

import dataclasses
import functools
import itertools
import shutil
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from tyro.conf import arg

from babble_jax import files
from babble_jax.audio import wave
from babble_jax.dataset import recipes
from babble_jax.dataset.labelled.reading import read_labelled
from babble_jax.dataset.labelled.recording import SILENCE, LabelledRecording, SymbolKind
from babble_jax.dataset.labelled.splitting import split_recordings
from babble_jax.ear.ear import Ear
from babble_jax.ngram import fit_ngram
from babble_jax.presets import registry
from babble_jax.pretrained.ear import load_ear, save_ear
from babble_jax.pretrained.ear_recordings import save_digests
from babble_jax.pretrained.ear_text import save_text
from babble_jax.progress import Progress
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.tasks.ear.config import EarShape, EarTrainConfig
from babble_jax.train.tasks.ear.task import EarTask
from babble_jax.train.trainer import train
from experiments.pipelines.ear_noise import score_noise
from experiments.pipelines.ear_scores import (
    GRAPHEMES,
    PHONES,
    UNCOUNTED,
    Strings,
    bootstrap,
    score_strings,
    spell,
)

PACKAGE = "festvox-ru"
SOURCE = f"Debian package {PACKAGE}: read Russian, one man (N. V. Shmyrev and others)"
LICENCE = "permissive: use, copy, modify, distribute, sublicense; keep the notice"


def digest_excerpts(recordings: Sequence[LabelledRecording]) -> list[str]:
    """Computes the SHA-256 of the files of the excerpt that ships which were made from recordings of these names."""
    names = {Path(one.name).stem for one in recordings}
    paths = sorted(registry.path("speech", PACKAGE).iterdir())
    return [files.sha256(path) for path in paths if path.stem in names]


_DRAWS = 10  # strings of a guess for each utterance


@dataclasses.dataclass(frozen=True)
class EarExperiment:
    """Trains an ear on labelled recordings and scores it on the test split.

    Attributes:
      model: Shape of its network.
      optimizer: Optimizer and its learning rate schedule.
      steps: Updates.
      folder: Recordings, as `babble train --task ear` takes them; empty to fetch the Debian package festvox-ru. Where
        they lie is no value of the experiment.
      symbols: What it hears: phones or graphemes.
      most_minutes: Minutes of training speech; 0 for all.
      warp: Of the training: its spectra are warped by up to so much.
      equalize: Of the training: curves of so many dB are added to its spectra.
      noise: Of the training: noise is added, from this ratio of speech to it on, in dB; None for none.
      start: Name or folder of an ear that the training starts from; empty for new parameters. Where it lies is no
        value of the experiment.
      seed: Random seed.
    """

    model: EarShape
    optimizer: OptimizerConfig
    steps: int
    folder: Annotated[str, arg(name="from")] = dataclasses.field(default="", compare=False)
    symbols: str = "phones"
    most_minutes: float = 0.0
    warp: float = 0.0
    equalize: float = 0.0
    noise: float | None = None
    start: str = dataclasses.field(default="", compare=False)
    seed: int = 0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Trains, exports and scores; an interrupted training is resumed.

        Args:
          work: folder for the training run and the ear.
          results: path, without suffix, of pictures.

        Returns:
          Shares of errors in the symbols of the test split with intervals, beside guesses and the classification of
          steps; errors of alignment in ms, where steps are classified; sizes and speed.
        """
        folder = find_voice(self.folder, work)
        config = EarTrainConfig(
            recordings=str(folder.resolve()),
            symbols=self.symbols,  # pyright: ignore[reportArgumentType]
            model=self.model,
            optimizer=self.optimizer,
            most_minutes=self.most_minutes,
            warp=self.warp,
            equalize=self.equalize,
            noise=self.noise,
            init_from=self.start or None,
            seed=self.seed,
        )
        log = LogConfig(every=10, evaluate_every=500, evaluate_recordings=0, save_every=250)
        task = EarTask(config)
        report = train(task, work / "training", self.steps, log)
        exact = load_ear(report.export)
        test = [task.folder.labelled[i] for i in task.splits["test"]]
        training = [task.folder.labelled[i] for i in task.splits["train"]]
        card = exact.card | {"source": SOURCE, "licence": LICENCE}
        save_ear(Ear(exact.config, exact.params, exact.ngram, card, exact.beam), work / "ear", "int8")
        save_text(
            [one.labels.symbols for one in training if one.labels is not None], work / "ear", exact.config
        )
        digests = [task.digests[i] for i in task.splits["train"]]
        save_digests([*digests, *digest_excerpts(training)], work / "ear")
        ear = load_ear(work / "ear")
        readings, uncounted = (PHONES, UNCOUNTED) if self.symbols == "phones" else (GRAPHEMES, (SILENCE,))
        hear = functools.partial(hear_all, recordings=test, uncounted=uncounted)
        hearings = {"float32": hear(exact, beam=None), "int8": hear(ear, beam=None)}
        start = time.process_time()
        beam = hear(ear, beam="own")
        seconds = time.process_time() - start
        reference = [spell(one, uncounted) for one in test]
        strings: dict[str, Any] = {
            "greedy": hearings["int8"][0],
            "beam": beam[0],
            "greedy_float32": hearings["float32"][0],
        }
        if ear.config.frame_head:
            strings["classified_steps"] = hearings["int8"][1]
        strings |= guess_all([spell(one, uncounted) for one in training], reference, self.seed)
        duration = sum(one.seconds for one in test)
        values: dict[str, Any] = {
            "parameters": int(task.facts["parameters"]),
            "minutes_of_training_speech": sum(one.seconds for one in training) / 60,
            "updates": report.step,
            "passes": task.data_read(report.step)["passes"],
            "test_utterances": len(test),
            "test_minutes": duration / 60,
            "test_symbols": sum(map(len, reference)),
            "error_rate": {name: score_strings(reference, strings, read) for name, read in readings.items()},
            "bytes": sum(path.stat().st_size for path in (work / "ear").iterdir()),
            "hearing_seconds_per_second": seconds / duration,
            "validation": report.evaluation.metrics,
            "alignment": score_alignment(ear, test) if ear.config.frame_head else None,
        }
        if self.symbols == "phones":
            values["noise"] = score_noise(ear, test)
        pictures = sorted((work / "training" / "media").glob("*-posteriors.png"))
        if pictures:
            with files.atomic_write(f"{results}-posteriors.png") as temporary:
                shutil.copyfile(pictures[-1], temporary)
        return values


def find_voice(folder: str, work: Path) -> Path:
    """Returns the folder of the recordings; without one the package festvox-ru is fetched, unless it has been.

    Args:
      folder: of the recordings, or empty.
      work: folder of the run, into which the package goes.
    """
    if folder:
        return Path(folder)
    root = work / "package"
    voice = root / "tree" / Path(recipes.RECIPES[PACKAGE].audio).parent
    if not voice.is_dir():
        root.mkdir(parents=True, exist_ok=True)
        recipes.unpack_package(PACKAGE, root)
    return voice


def hear_all(
    ear: Ear,
    recordings: Sequence[LabelledRecording],
    beam: Literal["own"] | None,
    uncounted: Collection[str] = UNCOUNTED,
) -> tuple[Strings, Strings]:
    """Hears recordings.

    Args:
      ear: the ear.
      recordings: to be heard.
      beam: "own" for the ear's beam search; None for greedy decoding.
      uncounted: symbols that are left out.

    Returns:
      The strings; and those of the classification of steps alone, equal steps merged (empty without one).
    """
    strings, classified = [], []
    with Progress("hearing", len(recordings), "recordings") as progress:
        for one in recordings:
            audio, rate = wave.read(one.path, ear.config.sample_rate)
            segments = ear.hear(audio, rate, beam)
            strings.append([symbol for symbol in segments.symbols if symbol not in uncounted])
            frames = ear.log_probs(audio, rate).frames if beam is None else None
            ids = [] if frames is None else [i for i, _ in itertools.groupby(frames.argmax(1).tolist())]
            symbols = (ear.config.symbols[i] for i in ids)
            classified.append([symbol for symbol in symbols if symbol not in uncounted])
            progress.update()
    return strings, classified


def read_splits(folder: Path, symbols: SymbolKind = "phones") -> dict[str, list[LabelledRecording]]:
    """Reads labelled recordings by the name of their split, as trainings assign them.

    Args:
      folder: of the recordings.
      symbols: as `read_labelled` takes them.
    """
    labelled = read_labelled(folder, symbols).labelled
    splits, _ = split_recordings(labelled, {one.name: files.sha256(one.path) for one in labelled})
    return {name: [labelled[i] for i in numbers] for name, numbers in splits.items()}


def guess_all(training: Strings, reference: Strings, seed: int) -> dict[str, list[Strings]]:
    """Draws strings of the right lengths from a unigram and a bigram model of the training split.

    Args:
      training: strings of the training split.
      reference: right strings.
      seed: random seed.

    Returns:
      Strings by the name of the guess, drawn several times.
    """
    rng = np.random.default_rng(seed)
    guesses = {}
    for name, order in (("unigram", 1), ("bigram", 2)):
        ngram = fit_ngram(training, order)
        guesses[name] = [
            [[*ngram.sample_of_length(rng, len(one))] for one in reference] for _ in range(_DRAWS)
        ]
    return guesses


def score_alignment(ear: Ear, recordings: Sequence[LabelledRecording]) -> dict[str, float]:
    """Measures how far the onsets of aligned phones are from those of the labels, and the bias.

    Args:
      ear: the ear.
      recordings: with phones and their times.
    """
    errors, by_recording = [], []
    with Progress("aligning", len(recordings), "recordings") as progress:
        for one in recordings:
            labels = one.labels
            assert labels is not None
            assert labels.onset is not None
            audio, rate = wave.read(one.path, ear.config.sample_rate)
            segments = ear.align(audio, rate, labels.symbols).without((SILENCE,))
            spoken = np.array([symbol != SILENCE for symbol in labels.symbols])
            by_recording.append(segments.onset - labels.onset[spoken])
            errors.append(np.abs(by_recording[-1]))
            progress.update()
    every, signed = np.concatenate(errors), np.concatenate(by_recording)
    low, high = bootstrap(
        lambda at: 1000 * float(np.median(np.concatenate([errors[i] for i in at]))), len(errors)
    )
    return {
        "onsets": len(every),
        "median_ms": 1000 * float(np.median(every)),
        "median_low_ms": low,
        "median_high_ms": high,
        "mean_ms": 1000 * float(every.mean()),
        "bias_ms": 1000 * float(np.median(signed)),
        "within_20_ms": float(np.mean(every <= 0.020 + 1e-9)),
        "within_50_ms": float(np.mean(every <= 0.050 + 1e-9)),
    }
