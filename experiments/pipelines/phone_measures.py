"""The kind of experiment that tries the measures of phones on strings of which it is known what they are.

Axes: N phones.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from tyro.conf import arg

from babble_jax.dataset.labelled.recording import SILENCE, LabelledRecording
from babble_jax.ear.segments import PhoneSegments, join_segments
from babble_jax.judge.phones import PhoneMeasures, PhoneText, draw_strings, measure_phones
from babble_jax.ngram import NGram, fit_ngram
from babble_jax.progress import Progress
from experiments.pipelines.ear import find_voice, read_splits

MEASURES = (
    *(
        "phones",
        "phone_rate",
        "phone_entropy",
        "phone_entropy_chance",
        "bigram_entropy",
        "bigram_entropy_chance",
    ),
    *("ngram_distance", "longest_run", "longest_run_chance", "longest_run_high"),
)
QUANTILES = (0.05, 0.5, 0.95)
_LOOPS = 8  # times that a loop repeats its string


@dataclasses.dataclass(frozen=True)
class PhoneMeasuresExperiment:
    """Measures the labelled phones of utterances that were held out, and strings that are made of them.

    Attributes:
      order: of the n-gram, fitted on the training split.
      seconds: shortest length of a piece, which is made of one utterance or several.
      folder: Recordings with phone labels; empty to fetch the Debian package festvox-ru. Where they lie is no value of
        the experiment.
      seed: Random seed.
    """

    order: int = 3
    seconds: float = 10.0
    folder: Annotated[str, arg(name="from")] = dataclasses.field(default="", compare=False)
    seed: int = 0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Measures the pieces.

        Args:
          work: folder for the package.
          results: unused.

        Returns:
          Quantiles of each measure, by the kind of string.
        """
        del results
        splits = read_splits(find_voice(self.folder, work))
        training, test = splits["train"], splits["test"]
        strings = [one.labels.symbols for one in training if one.labels is not None]
        ngram, text = fit_ngram(strings, self.order), PhoneText(strings)
        pieces = [*join_utterances(test, self.seconds)]
        rng = np.random.default_rng(self.seed)
        changed: dict[str, Callable[[PhoneSegments], PhoneSegments]] = {
            "held_out": lambda piece: piece,
            "ngram": lambda piece: _draw(piece, ngram, rng),
            "shuffled": lambda piece: piece.select(rng.permutation(len(piece))),
            "loop": _loop,
        }
        by_kind = {name: [change(piece) for piece in pieces] for name, change in changed.items()}
        by_kind["training"] = [*join_utterances(training, self.seconds)][: len(pieces)]
        measured: dict[str, list[PhoneMeasures]] = {}
        with Progress("measuring", len(by_kind) * len(pieces), "pieces") as progress:
            for name, own in by_kind.items():
                measured[name] = []
                for piece in own:
                    measured[name].append(measure_phones(_in_row(piece), ngram, text))
                    progress.update()
        return {
            "training_utterances": len(training),
            "training_phones": sum(symbol != SILENCE for string in strings for symbol in string),
            "pieces": len(pieces),
            "order": self.order,
            "quantiles": QUANTILES,
            "measures": {name: summarize_measures(own) for name, own in measured.items()},
        }


def join_utterances(recordings: Sequence[LabelledRecording], seconds: float) -> Iterator[PhoneSegments]:
    """Joins utterances that follow each other to pieces of some seconds or more; what is left over is left out.

    Args:
      recordings: with labels that have times.
      seconds: of a piece at least.
    """
    parts, length = [], 0.0
    for one in recordings:
        labels = one.labels
        assert labels is not None
        assert labels.onset is not None
        assert labels.end is not None
        segments = PhoneSegments(labels.symbols, labels.onset, labels.end, np.ones(len(labels.symbols)))
        parts.append(segments.shift(length))
        length += labels.end[-1]
        if length >= seconds:
            yield join_segments(parts)
            parts, length = [], 0.0


def _draw(piece: PhoneSegments, ngram: NGram, rng: np.random.Generator) -> PhoneSegments:
    """Draws as many phones from the n-gram; each lasts as long as the phones of the piece in the mean."""
    count = len(piece.without((SILENCE,)))
    (string,) = draw_strings(ngram, count, (SILENCE,), 1, int(rng.integers(2**32)))
    times = np.arange(len(string)) * piece.duration.mean()
    return PhoneSegments(tuple(string), times, times + piece.duration.mean(), np.ones(len(string)))


def _loop(piece: PhoneSegments) -> PhoneSegments:
    """Repeats the beginning of a piece."""
    return piece.select(np.resize(np.arange(max(1, len(piece) // _LOOPS)), len(piece)))


def _in_row(piece: PhoneSegments) -> PhoneSegments:
    """Gives segments that were put into another order the times of a row, each as long as it was."""
    edges = np.concatenate([[0.0], np.cumsum(piece.duration)])
    return dataclasses.replace(piece, onset=edges[:-1], end=edges[1:])


def summarize_measures(measures: Sequence[PhoneMeasures]) -> dict[str, list[float]]:
    """Computes the quantiles of each measure over pieces."""
    return {
        name: np.quantile([getattr(one, name) for one in measures], QUANTILES).tolist() for name in MEASURES
    }
