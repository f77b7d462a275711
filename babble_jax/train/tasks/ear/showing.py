"""Shows how an ear hears a held-out recording: posteriors of its symbols over the log-mel, with the labels beneath.

Axes: F mel frames, M bands, S steps, P symbols.
"""

import itertools
from pathlib import Path

import numpy as np

from babble_jax import files, plotting
from babble_jax.ear.config import EarConfig
from babble_jax.ear.decoding.greedy import decode_greedy
from babble_jax.track.tracker import Tracker
from babble_jax.train.tasks.ear.pieces import EarPiece

MOST_SECONDS = 3.0
"""Of a recording that are shown, so that symbols can be read."""
_RANGE = 80.0  # dB
_COLOURS = 128


def log_posteriors(
    tracker: Tracker,
    step: int,
    ear: EarConfig,
    features: np.ndarray,
    probabilities: tuple[np.ndarray, np.ndarray | None],
    piece: EarPiece,
) -> None:
    """Logs the picture `posteriors` of the beginning of a piece.

    Args:
      tracker: where it goes.
      step: updates made.
      ear: config of the ear.
      features: [F, M] dB of the piece.
      probabilities: [S, P + 1] of CTC, the blank first, and [S, P] of the steps or None.
      piece: with its labels.
    """
    with files.scratch_folder() as folder:
        path = Path(folder) / "posteriors.png"
        plot_posteriors(path, ear, features, probabilities, piece)
        tracker.log_picture(step, "posteriors", path)


def plot_posteriors(
    path: Path,
    ear: EarConfig,
    features: np.ndarray,
    probabilities: tuple[np.ndarray, np.ndarray | None],
    piece: EarPiece,
) -> None:
    """Writes the picture of the beginning of a piece.

    Args:
      path: of the PNG.
      ear: config of the ear.
      features: [F, M] dB of the piece.
      probabilities: [S, P + 1] of CTC, the blank first, and [S, P] of the steps or None.
      piece: with its labels.
    """
    ctc, frames = probabilities
    seconds = min(MOST_SECONDS, len(features) * ear.hop)
    steps = min(len(ctc), int(seconds / ear.seconds_per_step))
    rows = [("spikes (CTC)", ctc[:steps, 1:])]
    if frames is not None:
        rows.append(("steps", frames[:steps]))
    figure = plotting.create_figure(12, 3.0 + 2.2 * len(rows))
    axes = figure.subplots(1 + len(rows), 1, sharex=True, height_ratios=[1.4, *[1.0] * len(rows)])
    mel = features[: round(seconds / ear.hop)].astype(np.float32).T
    axes[0].imshow(
        mel,
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=float(mel.max()) - _RANGE,
        extent=(0, seconds, 0, ear.bands),
    )
    axes[0].set(
        ylabel="mel band",
        xlim=(0, seconds),
        title="log-mel; above it what is heard, beneath what is labelled",
    )
    _write_hearing(axes[0], ear, ctc[:steps])
    _write_labels(axes[0], ear, piece, seconds)
    edges = ear.step_edges(steps)
    middles = (edges[:-1] + edges[1:]) / 2
    for one, (name, values) in zip(axes[1:], rows, strict=True):
        one.stackplot(middles, values.T, linewidth=0)
        one.set(ylabel=name, ylim=(0, 1), xlim=(0, seconds))
        ids = values.argmax(1)
        for start, stop in _runs(ids):
            at = start + int(values[start:stop, ids[start]].argmax())
            if values[at, ids[start]] > 0.3:
                one.text(middles[at], 0.5, _label(ear, ids[start]), ha="center", va="center", fontsize=7)
    axes[-1].set(xlabel="seconds")
    plotting.save_png(figure, path, dpi=110, colours=_COLOURS)


def _runs(ids: np.ndarray) -> list[tuple[int, int]]:
    """Finds the stretches of equal values, (first, stop)."""
    edges = [0, *(np.flatnonzero(np.diff(ids)) + 1).tolist(), len(ids)] if len(ids) else [0]
    return list(itertools.pairwise(edges))


def _label(ear: EarConfig, i: int) -> str:
    name = ear.symbols[i]
    return plotting.plain_label(name if name.strip() else "_")


def _write_hearing(axes, ear: EarConfig, ctc: np.ndarray) -> None:
    ids, at = decode_greedy(ctc)
    middles = ear.step_centers(len(ctc))
    for i, step in zip(ids, at, strict=True):
        axes.text(middles[step], ear.bands * 0.93, _label(ear, int(i)), color="w", ha="center", fontsize=8)


def _write_labels(axes, ear: EarConfig, piece: EarPiece, seconds: float) -> None:
    if piece.onset is None or piece.end is None:
        return
    for i, onset, end in zip(piece.ids, piece.onset, piece.end, strict=True):
        if onset >= seconds:
            break
        axes.axvline(onset, color="w", lw=0.4, alpha=0.6)
        middle = (onset + min(end, seconds)) / 2
        axes.text(middle, ear.bands * 0.03, _label(ear, int(i)), color="w", ha="center", fontsize=8)
