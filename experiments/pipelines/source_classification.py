"""The kind of experiment that asks a classifier which sound is which: a listener's stand-in.

The classifier knows what `babble judge` measures, and nothing else.

Axes: N pieces, M measures, K sources.
"""

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from babble_jax.judge.judgement import MEASURES, judge
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.pretrained.speaking import speak_streams
from babble_jax.progress import Progress
from babble_jax.synthesis.recordings import write_recordings
from experiments.pipelines.datasets import build_from_recipes
from experiments.pipelines.judging import held_out

RATE = 16_000
_FOLDS = 8
_SPEECH = 0.5
"""Share of a piece from which on it is speech to the detector."""


@dataclasses.dataclass(frozen=True)
class SourceClassificationExperiment:
    """Measures pieces of sounds of several sources, and lets a classifier say which source each is of.

    Attributes:
      recordings: recipe of recordings of each speaker of the voice, by the speaker's name.
      voice: name of the voice.
      synthesized: kinds of synthesized recordings.
      pieces: of each source.
      seconds: of each piece.
    """

    recordings: dict[str, str]
    voice: str
    synthesized: tuple[str, ...]
    pieces: int = 24
    seconds: float = 5.0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Makes the sounds, measures them and cross-validates.

        Args:
          work: folder of the data set of the recordings.
          results: unused.
        """
        del results
        sounds = self._recorded(work / "dataset") | self._spoken() | self._synthesized()
        noise = np.random.default_rng(0).normal(scale=0.1, size=(self.pieces, round(self.seconds * RATE)))
        sounds["white noise"] = noise.astype(np.float32)
        measured = {}
        with Progress("measuring", sum(map(len, sounds.values())), "pieces") as bar:
            for name, pieces in sounds.items():
                measured[name] = []
                for piece in pieces:
                    measured[name].append(dataclasses.asdict(judge(piece, RATE)))
                    bar.update()
        names = list(measured)
        shares = {name: [one["speech_share"] for one in measured[name]] for name in names}
        return {
            "names": names,
            "measures": list(self._list_measures(measured)),
            "confusion": confusion(measured, self._list_measures(measured)).tolist(),
            "speech_share": {name: float(np.median(shares[name])) for name in names},
            "called_speech": {name: float(np.mean([s >= _SPEECH for s in shares[name]])) for name in names},
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

    def _recorded(self, dataset: Path) -> dict[str, np.ndarray]:
        build_from_recipes(tuple(self.recordings.values()), dataset, RATE, 0.2)
        return {
            f"{who}, recorded": self._cut(held_out(dataset, recipe))
            for who, recipe in self.recordings.items()
        }

    def _spoken(self) -> dict[str, np.ndarray]:
        voice = load_voice(self.voice)
        return {
            f"{who}, babble": speak_streams(voice, self.seconds, self.pieces, speaker=who)
            for who in voice.config.speakers
        }

    def _synthesized(self) -> dict[str, np.ndarray]:
        sounds = {}
        for kind in self.synthesized:
            with tempfile.TemporaryDirectory() as folder:
                minutes = self.pieces * self.seconds / 60
                files = sorted(write_recordings(kind, folder, minutes=minutes).glob("*.wav"))
                sounds[kind] = self._cut(
                    np.concatenate([soundfile.read(path, dtype="float32")[0] for path in files])
                )
        return sounds


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
