"""The kind of experiment that asks a classifier which sound is which: a listener's stand-in.

The classifier knows what `babble judge` measures, and nothing else.

Axes: N pieces, M measures, K sources.
"""

import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from babble_jax.judge.judgement import MEASURES, judge
from babble_jax.presets import registry
from babble_jax.pretrained.catalogue import describe_voice
from babble_jax.pretrained.speaking import speak_streams
from babble_jax.pretrained.voices import load_any_voice
from babble_jax.progress import Progress
from babble_jax.synthesis.recordings import write_recordings
from experiments.pipelines.datasets import build_from_recipes
from experiments.pipelines.judging import held_out

RATE = 16_000
SPEECH, NOISE = "speech", "white noise"
"""Kinds of sounds, beside those that the cards of voices name."""
_FOLDS = 8
_Source = tuple[str, str, np.ndarray]
"""Kind and name of a source, and its pieces [N, T]."""
_SPEECH = 0.5
"""Share of a piece from which on it is speech to the detector."""


@dataclasses.dataclass(frozen=True)
class SourceClassificationExperiment:
    """Measures pieces of sounds of several sources, and lets a classifier say which source each is of.

    Attributes:
      recordings: recipe of recordings of speech by name; those that were held out are taken.
      voices: names of voices that ship, all speakers of which babble.
      synthesized: recipes of sound that is synthesized, by its kind.
      pieces: of each source.
      seconds: of each piece.
    """

    recordings: dict[str, str]
    voices: tuple[str, ...]
    synthesized: dict[str, tuple[str, ...]]
    pieces: int = 24
    seconds: float = 5.0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Makes the sounds, measures them and cross-validates.

        Args:
          work: folder of the data set of the recordings.
          results: unused.

        Returns:
          `kinds`: of each source, in the order of the rows of `confusion`; `measures` that the classifier knows;
          `speech_share`: median over pieces of what the detector of speech takes for speech; `called_speech`: share of
          the pieces of which that is half or more.
        """
        del results
        sounds: dict[str, np.ndarray] = {}
        kinds: dict[str, str] = {}
        for kind, name, pieces in (
            *self._recorded(work / "dataset"),
            *self._spoken(),
            *self._synthesized(),
            (NOISE, NOISE, self._noise()),
        ):
            sounds[name], kinds[name] = pieces, kind
        measured: dict[str, list[dict[str, Any]]] = {}
        with Progress("measuring", sum(map(len, sounds.values())), "pieces") as bar:
            for name, pieces in sounds.items():
                measured[name] = []
                for piece in pieces:
                    measured[name].append(dataclasses.asdict(judge(piece, RATE)))
                    bar.update()
        shares = {name: [one["speech_share"] for one in pieces] for name, pieces in measured.items()}
        measures = self._list_measures(measured)
        return {
            "kinds": kinds,
            "measures": list(measures),
            "confusion": confusion(measured, measures).tolist(),
            "speech_share": {name: float(np.median(own)) for name, own in shares.items()},
            "called_speech": {name: float(np.mean(np.array(own) >= _SPEECH)) for name, own in shares.items()},
        }

    def _list_measures(self, measured: dict[str, list[dict[str, Any]]]) -> tuple[str, ...]:
        """Lists the measures that are known of some piece."""
        rows = [row for rows in measured.values() for row in rows]
        return tuple(name for name in MEASURES if any(row[name] is not None for row in rows))

    def _cut(self, audio: np.ndarray) -> np.ndarray:
        """Cuts [pieces, T] from a recording, spread over it evenly."""
        length = round(self.seconds * RATE)
        starts = np.linspace(0, len(audio) - length, self.pieces).astype(int)
        return np.stack([audio[start : start + length] for start in starts])

    def _recorded(self, dataset: Path) -> Iterator[_Source]:
        """Cuts pieces from the held-out recordings of each speaker."""
        build_from_recipes(tuple(self.recordings.values()), dataset, RATE, 0.2)
        for who, recipe in self.recordings.items():
            yield SPEECH, f"{who}, recorded", self._cut(held_out(dataset, recipe))

    def _spoken(self) -> Iterator[_Source]:
        """Lets all speakers of the voices babble."""
        for name in self.voices:
            voice = load_any_voice(name)
            for speaker in describe_voice(registry.path("voices", name), name)["speakers"]:
                who = speaker["name"]
                pieces = speak_streams(voice, self.seconds, self.pieces, speaker=who)
                yield speaker["kind"] or SPEECH, f"{who or name}, babble", pieces

    def _synthesized(self) -> Iterator[_Source]:
        """Synthesizes sounds, and cuts pieces from them."""
        for kind, recipes in self.synthesized.items():
            for recipe in recipes:
                with tempfile.TemporaryDirectory() as folder:
                    minutes = self.pieces * self.seconds / 60
                    files = sorted(write_recordings(recipe, folder, minutes=minutes).glob("*.wav"))
                    audio = np.concatenate([soundfile.read(path, dtype="float32")[0] for path in files])
                yield kind, f"{recipe}, synthesized", self._cut(audio)

    def _noise(self) -> np.ndarray:
        """Draws [pieces, T] of white noise."""
        noise = np.random.default_rng(0).normal(scale=0.1, size=(self.pieces, round(self.seconds * RATE)))
        return noise.astype(np.float32)


def confusion(measured: dict[str, list[dict[str, Any]]], measures: tuple[str, ...]) -> np.ndarray:
    """Counts what a linear discriminant, fitted on other pieces, takes each piece for.

    The pieces of a source are cut into consecutive folds, so that neighbours are not on both sides. A measure that a
    piece does not have counts as the mean of those that have it, and that it is missing is told beside.

    Args:
      measured: for each source, the measures of each piece; None where one is missing.
      measures: that are told.

    Returns:
      [K, K] counts; rows are the sources, columns what they were taken for.
    """
    rows, labels, folds = [], [], []
    for label, pieces in enumerate(measured.values()):
        for number, piece in enumerate(pieces):
            rows.append([np.nan if piece[name] is None else piece[name] for name in measures])
            labels.append(label)
            folds.append(number * _FOLDS // len(pieces))
    x, missing = np.array(rows, float), np.isnan(np.array(rows, float))
    x = np.where(missing, np.nanmean(x, axis=0), x)
    x = np.concatenate([x, missing[:, missing.any(axis=0)]], axis=1)
    classifier = make_pipeline(StandardScaler(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"))
    taken = cross_val_predict(classifier, x, labels, groups=folds, cv=LeaveOneGroupOut())
    counts = np.zeros((len(measured), len(measured)), int)
    np.add.at(counts, (np.array(labels), np.asarray(taken)), 1)
    return counts
