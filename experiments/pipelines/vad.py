"""The kind of experiment that measures a voice activity detector against speech with known times.

Axes: N stretches of speech, M of them matched with a true one.
"""

import dataclasses
import itertools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax import plotting
from babble_jax.audio import vad, wave
from babble_jax.dataset import recipes
from babble_jax.progress import Progress
from babble_jax.timing.events import Definitions

MATCH = 0.5  # seconds: an edge farther from every true one is none of them
UTTERANCES = 10  # on a channel


@dataclasses.dataclass(frozen=True)
class _Channel:
    """Holds the true times of speech in noise, and the detector's probabilities."""

    noise: float
    gain: float
    true: np.ndarray  # [N, 2] seconds
    probability: np.ndarray


@dataclasses.dataclass(frozen=True)
class VadBiasExperiment:
    """Puts labelled utterances at known times on channels, adds silence and noise, detects speech and compares.

    Channels come in pairs of the same noise and level: the first of each gives the biases, the second the errors after
    correction. IPUs of the phone labels are compared with IPUs of the detected segments, both by the definitions of
    the events.

    Attributes:
      source: a recipe with labelled speech.
      labels: folder of the label files in its package: `end 125 phone` a line, after one with `#`.
      noise_dbfs: levels of white noise, one for each channel in turn.
      gain_db: gains of the speech, likewise; all combinations.
      thresholds: (enter, exit) pairs to compare.
      seed: of halves, silences and noise.
    """

    source: str
    labels: str
    noise_dbfs: tuple[float, ...]
    gain_db: tuple[float, ...]
    thresholds: tuple[tuple[float, float], ...]
    seed: int = 0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Builds the channels, detects speech, and measures and plots the errors.

        Args:
          work: folder for the labelled speech while it runs.
          results: path, without suffix, of the picture.
        """
        work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=work) as scratch:
            tree = recipes.unpack_package(self.source, scratch)
            sound, labels = tree / recipes.RECIPES[self.source].audio, tree / self.labels
            names = sorted(path.stem for path in sound.glob("*.wav"))
            rng = np.random.default_rng(self.seed)
            rng.shuffle(names)
            channels = self._channels(names, sound, labels, rng)
        halves = channels[0::2], channels[1::2]
        rows = []
        for enter, exit in self.thresholds:
            rule = vad.VadConfig(enter, exit, onset_bias=0.0, end_bias=0.0)
            bias = [float(np.median(errors)) for errors in _errors(halves[0], rule)]
            rule = dataclasses.replace(rule, onset_bias=bias[0], end_bias=bias[1])
            rows.append({"rule": dataclasses.asdict(rule), "corrected": _error_summary(halves[1], rule)})
        shipped = vad.VadConfig()
        _plot(halves[1], shipped, Path(f"{results}-errors.png"))
        seconds = sum(len(channel.probability) for channel in channels) * vad.FRAME_SECONDS
        return {
            "recordings": len(names),
            "seconds": seconds,
            "rules": rows,
            "shipped": dataclasses.asdict(shipped),
            "shipped_uncorrected": _error_summary(
                halves[1], dataclasses.replace(shipped, onset_bias=0.0, end_bias=0.0)
            ),
            "shipped_corrected": _error_summary(halves[1], shipped),
            "shipped_by_condition": [
                {"noise_dbfs": noise, "gain_db": gain}
                | _error_summary([c for c in channels if (c.noise, c.gain) == (noise, gain)], shipped)
                for noise, gain in itertools.product(self.noise_dbfs, self.gain_db)
            ],
        }

    def _channels(
        self, names: list[str], sound: Path, labels: Path, rng: np.random.Generator
    ) -> list[_Channel]:
        channels = []
        conditions = list(itertools.product(self.noise_dbfs, self.gain_db))
        groups = [names[i : i + UTTERANCES] for i in range(0, len(names), UTTERANCES)]
        with Progress("detecting", len(names), "recordings") as progress:
            for i, group in enumerate(groups):
                # Two channels in a row share their condition: each half has one of them.
                noise, gain = conditions[i // 2 % len(conditions)]
                channels.append(_channel(group, sound, labels, noise, gain, rng))
                progress.update(len(group))
        return channels


def _channel(
    group: list[str], sound: Path, labels: Path, noise: float, gain: float, rng: np.random.Generator
) -> _Channel:
    """Concatenates utterances with silences of 0.5 to 2 s between them, in white noise, and detects speech."""
    pieces, true, position = [], [], 0
    for name in group:
        silence = round(rng.uniform(0.5, 2.0) * vad.RATE)
        audio, _ = wave.read(sound / f"{name}.wav", vad.RATE)
        pieces += [np.zeros(silence, np.float32), audio * np.float32(10 ** (gain / 20))]
        position += silence
        true += [
            (position / vad.RATE + start, position / vad.RATE + end)
            for start, end in _spoken(labels / f"{name}.lab")
        ]
        position += len(audio)
    audio = np.concatenate([*pieces, np.zeros(vad.RATE, np.float32)])
    audio += 10 ** (noise / 20) * rng.standard_normal(len(audio)).astype(np.float32)
    return _Channel(noise, gain, _merge(true), vad.speech_probability(audio))


def _spoken(path: Path) -> list[tuple[float, float]]:
    """Reads the phones of a label file, (start, end) in seconds, without its pauses."""
    rows = [line.split() for line in path.read_text("ascii").splitlines()[1:] if line.strip()]
    ends = [float(row[0]) for row in rows]
    phones = zip([0.0, *ends[:-1]], ends, rows, strict=True)
    return [(start, end) for start, end, row in phones if row[2] != "pau" and end > start]


def _merge(stretches: list[tuple[float, float]]) -> np.ndarray:
    """Merges stretches of speech, in order, into IPUs [N, 2] by the definitions of the events."""
    definitions, merged = Definitions(), []
    for start, end in stretches:
        if merged and start - merged[-1][1] < definitions.merge - 1e-9:
            merged[-1][1] = end
        else:
            merged.append([start, end])
    ipus = np.array(merged, np.float64).reshape(-1, 2)
    return ipus[ipus[:, 1] - ipus[:, 0] >= definitions.min_ipu]


def _errors(channels: list[_Channel], rule: vad.VadConfig) -> list[np.ndarray]:
    """Computes detected minus true seconds [M] of the onsets, and of the ends, that are each other's nearest."""
    errors: list[list[float]] = [[], []]
    for channel in channels:
        detected = _merge(list(zip(*vad.detect_segments(channel.probability, rule), strict=True)))
        for edge in (0, 1):
            distance = detected[None, :, edge] - channel.true[:, None, edge]
            nearest = np.argmin(np.abs(distance), axis=1)
            back = np.argmin(np.abs(distance), axis=0)
            for i, j in enumerate(nearest):
                if back[j] == i and abs(distance[i, j]) <= MATCH:
                    errors[edge].append(distance[i, j])
    return [np.array(values) for values in errors]


def _error_summary(channels: list[_Channel], rule: vad.VadConfig) -> dict[str, Any]:
    true = sum(len(channel.true) for channel in channels)
    detected = sum(
        len(_merge(list(zip(*vad.detect_segments(channel.probability, rule), strict=True))))
        for channel in channels
    )
    summary: dict[str, Any] = {"true_ipus": true, "detected_ipus": detected}
    for name, errors in zip(("onset", "end"), _errors(channels, rule), strict=True):
        low, quarter, median, three, high = np.percentile(1000 * errors, [5, 25, 50, 75, 95])
        summary[name] = {
            "matched": len(errors), "median_ms": median, "quartiles_ms": [quarter, three],
            "p5_p95_ms": [low, high], "mean_absolute_ms": float(np.mean(np.abs(1000 * errors))),
        }  # fmt: skip
    return summary


def _plot(channels: list[_Channel], rule: vad.VadConfig, path: Path) -> None:
    """Plots histograms of the errors before and after correction."""
    figure = plotting.create_figure(8, 3.5)
    raw = _errors(channels, dataclasses.replace(rule, onset_bias=0.0, end_bias=0.0))
    for axes, name, before, after in zip(
        figure.subplots(1, 2, sharey=True), ("onsets", "ends"), raw, _errors(channels, rule), strict=True
    ):
        for errors, label, colour in ((before, "as detected", "0.7"), (after, "corrected", "C0")):
            axes.hist(1000 * errors, np.arange(-100, 125, 5), histtype="step", color=colour, label=label)
        axes.axvline(0, color="k", lw=0.5)
        axes.set(xlabel="detected minus true (ms)", title=name)
    figure.axes[0].set_ylabel("IPUs")
    figure.axes[0].legend()
    plotting.save_png(figure, path, dpi=100)
