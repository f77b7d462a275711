"""Plots judgements beside real speech and noise.

Axes: J recordings.
"""

import os
from collections.abc import Mapping

from babble_jax import plotting
from babble_jax.judge.judgement import Judgement
from babble_jax.judge.reference import Reference

TITLES = {
    "speech_share": "share called speech",
    "modulation_share": "modulation at 2 to 8 Hz",
    "voiced_share": "voiced share",
    "f0_median_hz": "median pitch, Hz",
    "ltas_distance_db": "distance of spectra, dB",
    "ipu_seconds": "mean IPU, s",
    "pause_seconds": "mean pause, s",
    "loop_correlation": "loop correlation",
}


def plot_judgements(
    path: str | os.PathLike, judgements: Mapping[str, Judgement], reference: Reference
) -> None:
    """Writes a PNG: a panel per measure, a point per recording, a band for real speech, a line for noise.

    Args:
      path: of the PNG.
      judgements: [J] by the name of the recording.
      reference: the real speech, and the noise.
    """
    figure = plotting.create_figure(11, 5)
    panels = figure.subplots(2, 4).ravel()
    for axes, (name, title) in zip(panels, TITLES.items(), strict=True):
        axes.set_title(title, fontsize=10)
        if name in reference.speech:
            low, high = reference.bounds(name)
            axes.axhspan(max(low, 0.0), high, color="#cfe3cf", label="speech")
            axes.axhline(reference.speech[name].median, color="#3d8f5f", linewidth=1)
        if name in reference.noise:
            axes.axhline(reference.noise[name], color="#999999", linestyle="--", linewidth=1, label="noise")
        values = [getattr(one, name) for one in judgements.values()]
        indices = [i for i, value in enumerate(values) if value is not None]
        axes.plot(indices, [values[i] for i in indices], "o", color="#2f6db3", markersize=5, label="judged")
        axes.set_xlim(-0.5, len(values) - 0.5)
        axes.set_xticks([])
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    figure.suptitle(
        f"{len(judgements)} recordings beside {reference.pieces} pieces of {plotting.plain_label(reference.name)}",
        fontsize=11,
    )
    plotting.save_png(figure, path)
