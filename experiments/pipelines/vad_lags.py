"""The kinds of experiment that fit the filter of speech, and that measure how late and how surely it knows.

Axes: N hops of 20 ms, A lags, K bins.
"""

import dataclasses
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from babble_jax import files, plotting
from babble_jax.agent.hearing import perception, speech_filter
from babble_jax.agent.hearing.speech_evidence import HOP, HOP_SECONDS, RATE
from babble_jax.audio import level, wave
from babble_jax.dataset import recipes
from babble_jax.json_layout import format_json
from experiments.pipelines import speech_channels
from experiments.pipelines.speech_channels import Channel, LabelledSpeech, channel_features, make_channel
from experiments.pipelines.speech_filter import filter_channel, fit_filter

_SKIP = 50  # hops at the beginning of a channel: levels are being learned
_BELOW_ACTIVE_DB = 25.0  # of other speakers' recordings, which have no labels: what is louder is speech
_FILL, _DROP = 0.10, 0.04  # seconds of gaps that are speech, and of islands that are none
_CLEAR = 0.2  # seconds of silence before an onset, and after an end, whose delay is measured
_EDGES = np.array([0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0])
_SNR = ((5.0, 15.0), (15.0, 25.0), (25.0, 50.0))


class _Filtered(NamedTuple):
    """A channel, what is true of it and what the filter says."""

    channel: Channel
    speech: np.ndarray  # [N]
    detector: np.ndarray  # [N]
    answers: np.ndarray  # [N, A]


@dataclasses.dataclass(frozen=True)
class SpeechFilterExperiment:
    """Fits the filter on channels of labelled speech, and writes it into the package.

    Attributes:
      channels: number of channels, of 2 minutes each.
      seed: of halves of the recordings, and of channels.
    """

    channels: int
    seed: int = 0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Fits and writes.

        Args:
          work: folder of the labelled speech; its `tree` is taken where it is there.
          results: unused.
        """
        del results
        speech = _halves(speech_channels.read_speech(work), self.seed)[0]
        features, truth = [], []
        for i in range(self.channels):
            channel = make_channel(speech, np.random.default_rng((self.seed, 0, i)))
            features.append(channel_features(channel)[0])
            truth.append(channel.hop_speech)
        fitted = fit_filter(features, truth)
        values = fitted.to_json() | {"source": speech_channels.SOURCE}
        files.write_text(speech_filter.SHIPPED, format_json(values))
        return {"channels": self.channels, "hazards": fitted.hazards.tolist()}


@dataclasses.dataclass(frozen=True)
class VadLagsExperiment:
    """Measures the filter that ships on the recordings that it was not fitted on, and on other speakers.

    Attributes:
      channels: number of channels, of 2 minutes each.
      others: recipes of recordings of other speakers, whose speech is what is loud.
      seed: as it was fitted with.
    """

    channels: int
    others: tuple[str, ...]
    seed: int = 0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Measures and plots.

        Args:
          work: folder of the labelled speech; its `tree` is taken where it is there.
          results: path of the picture, without its ending.
        """
        labelled = speech_channels.read_speech(work)
        channels = self._filter(_halves(labelled, self.seed)[1], self.channels, 1)
        lag = round(perception.LAG / HOP_SECONDS)
        by_lag = [_lag_summary(channels, k) for k in range(channels[0].answers.shape[1])]
        _plot(channels, by_lag, lag, results.with_suffix(".png"))
        return {
            "seconds": float(sum(len(c.speech) for c in channels) * HOP_SECONDS),
            "lag": perception.LAG,
            "lags": by_lag,
            "reliability": _reliability(channels, lag),
            "detector": _detector_by_age(channels),
            "by_snr": [
                {"snr_db": list(bounds)}
                | _lag_summary(
                    [
                        c
                        for c in channels
                        if bounds[0] <= c.channel.snr_db < bounds[1] and c.channel.noise != "none"
                    ],
                    lag,
                )
                for bounds in _SNR
            ],
            "by_gain": [
                {"gain_db": list(bounds)}
                | _lag_summary([c for c in channels if bounds[0] <= c.channel.gain_db < bounds[1]], lag)
                for bounds in ((-30.0, -20.0), (-20.0, -10.0), (-10.0, 5.0))
            ],
            "energy_labels_error": _energy_label_error(labelled),
            "other_speakers": [self._measure_other(name, work, lag) for name in self.others],
        }

    def _filter(self, speech: list[LabelledSpeech], count: int, part: int) -> list[_Filtered]:
        shipped, filtered = speech_filter.load_speech_filter(), []
        for i in range(count):
            channel = make_channel(speech, np.random.default_rng((self.seed, part, i)))
            features, detector = channel_features(channel)
            filtered.append(
                _Filtered(channel, channel.hop_speech, detector, filter_channel(shipped, features))
            )
        return filtered

    def _measure_other(self, name: str, work: Path, lag: int) -> dict[str, Any]:
        tree = work / name
        if not tree.is_dir():
            folder = work / f"{name}-package"
            folder.mkdir(parents=True, exist_ok=True)
            recipes.unpack_package(name, folder).rename(tree)
        recordings = []
        for path in sorted(tree.rglob("*.g722")):
            if "silence" not in path.parts:
                audio = wave.read_g722(path)[0]
                stretches = _energy_stretches(audio)
                if stretches:
                    edges = np.arange(0.0, len(audio) / RATE, 0.05)
                    recordings.append(LabelledSpeech(audio, edges, stretches))
        return {"name": name} | _lag_summary(self._filter(recordings, self.channels // 3, 2), lag)


def _halves(speech: list[LabelledSpeech], seed: int) -> tuple[list[LabelledSpeech], list[LabelledSpeech]]:
    order = np.random.default_rng(seed).permutation(len(speech))
    return [speech[i] for i in order[0::2]], [speech[i] for i in order[1::2]]


def _energy_stretches(audio: np.ndarray) -> list[tuple[float, float]]:
    """Finds what is loud in a clean recording, (onset, end) in seconds."""
    power = level.frame_power(audio, RATE)
    loud = power > level.active_power(power) * 10 ** (-_BELOW_ACTIVE_DB / 10)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(int))) * 0.01
    stretches: list[list[float]] = []
    for onset, end in edges.reshape(-1, 2).tolist():
        if stretches and onset - stretches[-1][1] < _FILL - 1e-9:
            stretches[-1][1] = end
        else:
            stretches.append([onset, end])
    return [(onset, end) for onset, end in stretches if end - onset > _DROP]


def _energy_label_error(labelled: list[LabelledSpeech]) -> float:
    """Computes the share of 10 ms frames in which labels by loudness and by phones differ."""
    wrong = frames = 0
    for recording in labelled:
        t = (np.arange(len(recording.audio) // 160) + 0.5) * 0.01
        by_phone, by_level = (
            np.any([(t >= a) & (t < b) for a, b in stretches] or [np.zeros(len(t), bool)], axis=0)
            for stretches in (recording.stretches, _energy_stretches(recording.audio))
        )
        wrong += int(np.sum(by_phone != by_level))
        frames += len(t)
    return wrong / frames


def _pool(channels: list[_Filtered], lag: int) -> tuple[np.ndarray, np.ndarray]:
    """Pools answers and truth of all hops at a lag."""
    p = np.concatenate([c.answers[_SKIP:, lag] for c in channels])
    y = np.concatenate([c.speech[_SKIP - lag : len(c.speech) - lag] for c in channels])
    return p, y


def _lag_summary(channels: list[_Filtered], lag: int) -> dict[str, Any]:
    p, y = _pool(channels, lag)
    inside = np.clip(np.where(y, p, 1 - p), 1e-9, 1.0)
    summary: dict[str, Any] = {
        "lag": round(lag * HOP_SECONDS, 3),
        "hops": len(p),
        "error": float(np.mean((p > 0.5) != y)),
        "missed": float(np.mean(p[y] <= 0.5)),
        "false_alarm": float(np.mean(p[~y] > 0.5)),
        "brier": float(np.mean((p - y) ** 2)),
        "log_score": float(np.mean(np.log(inside))),
    }
    for name, edge in (("onset", True), ("end", False)):
        delays = np.concatenate([_delays(c, lag, edge) for c in channels])
        finite = delays[np.isfinite(delays)]
        quantiles = np.percentile(1000 * finite, [5, 25, 50, 75, 95])
        summary[name] = {
            "edges": len(delays), "missed": float(np.mean(~np.isfinite(delays))),
            "delay_ms": [float(q) for q in quantiles],
        }  # fmt: skip
    return summary


def _delays(filtered: _Filtered, lag: int, onset: bool) -> np.ndarray:
    """Measures the seconds from each clear edge until the filter's answer crosses a half; infinite where it does not.

    The answer of a hop is known when the hop ends. An edge that is answered early, within the lag, has the time at
    which the answer had crossed already: the end of the hop that it is about comes first.
    """
    active = filtered.channel.speech
    edges = np.flatnonzero(np.diff(active.astype(np.int8)) == (1 if onset else -1)) + 1
    answers = (filtered.answers[:, lag] > 0.5) == onset
    clear, delays = round(_CLEAR * RATE), []
    for edge in edges:
        before, after = active[max(0, edge - clear) : edge], active[edge : edge + clear]
        if edge < _SKIP * HOP or edge + clear > len(active):
            continue
        if onset and (before.any() or not after[: clear // 2].all()):
            continue
        if not onset and (after.any() or not before[-clear // 2 :].all()):
            continue
        # The first hop from which on the answer is right; one that is crossed before the edge counts from there.
        first, last = edge // HOP - 3, min(len(answers), (edge + clear) // HOP + lag)
        hits = np.flatnonzero(answers[first:last])
        delays.append((first + hits[0] + 1) * HOP_SECONDS - edge / RATE if len(hits) else np.inf)
    return np.array(delays)


def _reliability(channels: list[_Filtered], lag: int) -> list[dict[str, Any]]:
    """Compares stated with observed shares in bins of the answer."""
    p, y = _pool(channels, lag)
    place = np.clip(np.searchsorted(_EDGES, p, side="right") - 1, 0, len(_EDGES) - 2)
    return [
        {"low": float(_EDGES[k]), "high": float(_EDGES[k + 1]), "hops": int(np.sum(place == k)),
         "stated": float(np.mean(p[place == k])), "observed": float(np.mean(y[place == k]))}
        for k in range(len(_EDGES) - 1) if np.any(place == k)
    ]  # fmt: skip


def _detector_by_age(channels: list[_Filtered]) -> dict[str, Any]:
    """Gives quantiles of the detector's own probability by the hops since the last edge."""
    ages: dict[tuple[bool, int], list[float]] = {}
    for c in channels:
        age = 99
        for i in range(1, len(c.speech)):
            age = 0 if c.speech[i] != c.speech[i - 1] else age + 1
            if i >= _SKIP:
                ages.setdefault((bool(c.speech[i]), min(age, 14)), []).append(float(c.detector[i]))
    return {
        name: [
            {"hops_since_edge": k, "quartiles": [float(q) for q in np.percentile(ages[state, k], [25, 50, 75])],
             "above_half": float(np.mean(np.array(ages[state, k]) > 0.5))}
            for k in range(15)
        ]
        for name, state in (("speech", True), ("silence", False))
    }  # fmt: skip


def _plot(channels: list[_Filtered], by_lag: list[dict[str, Any]], lag: int, path: Path) -> None:
    """Plots errors by lag, delays of the edges, and reliability."""
    figure = plotting.create_figure(10, 3.2)
    axes = figure.subplots(1, 3)
    axes[0].plot(
        [1000 * row["lag"] for row in by_lag], [100 * row["error"] for row in by_lag], "o-", color="C0"
    )
    axes[0].axvline(1000 * lag * HOP_SECONDS, color="0.7", lw=1)
    axes[0].set(xlabel="lag (ms)", ylabel="hops that are wrong (%)", ylim=(0, None))
    for onset, label, colour in ((True, "onsets", "C0"), (False, "ends", "C1")):
        delays = np.concatenate([_delays(c, lag, onset) for c in channels])
        axes[1].hist(1000 * delays[np.isfinite(delays)], np.arange(-60, 310, 10), histtype="step", color=colour,
                     label=label)  # fmt: skip
    axes[1].set(xlabel="known after (ms)", ylabel="edges")
    axes[1].legend()
    rows = _reliability(channels, lag)
    axes[2].plot([0, 1], [0, 1], color="0.7", lw=1)
    axes[2].plot([row["stated"] for row in rows], [row["observed"] for row in rows], "o", color="C0")
    axes[2].set(xlabel="stated probability of speech", ylabel="share of hops with speech")
    plotting.save_png(figure, path, dpi=100)
