"""Plots the benchmark of a live agent."""

import os
from typing import Any

from matplotlib.axes import Axes

from babble_jax.plotting import create_figure, plain_label, save_png

_AGENT, _PEOPLE, _OTHER = "#2f6db3", "#222222", "#c0392b"


def plot_bench(path: str | os.PathLike, values: dict[str, Any]) -> None:
    """Writes a PNG: frontier in closed loop; and beside recordings cut-offs, reliability and time rescaling.

    Args:
      path: of the PNG.
      values: what `bench.bench_live` returns.
    """
    open_loop = values["open_loop"]
    figure = create_figure(12, 8 if open_loop else 4.2)
    axes = figure.subplots(2 if open_loop else 1, 2, squeeze=False)
    _plot_frontier(axes[0, 0], values["closed_loop"])
    _plot_loop_cuts(axes[0, 1], values["closed_loop"])
    if open_loop:
        _plot_cut_offs(axes[1, 0], open_loop["cut_offs"])
        _plot_rescaling(axes[1, 1], open_loop["calibration"]["now"]["kinds"])
    figure.suptitle(
        f"A live agent of {plain_label(values['timing'])} at a delay of {values['delay'] * 1000:.0f} ms",
        fontsize=11,
    )
    save_png(figure, path, dpi=100)


def _plot_frontier(axes: Axes, loop: dict[str, Any]) -> None:
    rows = sorted([loop["agent"], *loop["frontier"]], key=lambda row: row["agent"]["median"])
    axes.plot(
        [row["agent"]["median"] for row in rows],
        [row["agent"]["below_0"] for row in rows],
        "o-",
        color=_AGENT,
        label="agent, as patience moves",
    )
    seat = loop["agent"]["agent"]["reference"]
    axes.plot(seat["median"], seat["below_0"], "*", color=_PEOPLE, ms=13, label="simulated seat, no delay")
    for row in loop["timeouts"]:
        axes.plot(row["agent"]["median"], row["agent"]["below_0"], "x", color=_OTHER)
        axes.annotate(f"{row['timeout']:g} s", (row["agent"]["median"], row["agent"]["below_0"]), fontsize=8)
    axes.plot([], [], "x", color=_OTHER, label="fixed time-outs")
    axes.set(
        xlabel="median FTO, s", ylabel="share of FTOs below 0", title="in dialogue with a simulated partner"
    )
    axes.legend(fontsize=8)


def _plot_loop_cuts(axes: Axes, loop: dict[str, Any]) -> None:
    rows = sorted([loop["agent"], *loop["frontier"]], key=lambda row: row["agent"]["median"])
    axes.plot(
        [row["agent"]["median"] for row in rows],
        [row["partner"]["pauses_cut"] for row in rows],
        "o-",
        color=_AGENT,
        label="agent, as patience moves",
    )
    seat = loop["agent"]
    axes.plot(
        seat["agent"]["reference"]["median"],
        seat["partner"]["reference"]["pauses_cut"],
        "*",
        color=_PEOPLE,
        ms=13,
        label="simulated seat, no delay",
    )
    for row in loop["timeouts"]:
        axes.plot(row["agent"]["median"], row["partner"]["pauses_cut"], "x", color=_OTHER)
        axes.annotate(
            f"{row['timeout']:g} s", (row["agent"]["median"], row["partner"]["pauses_cut"]), fontsize=8
        )
    axes.set(xlabel="median FTO, s", ylabel="share of the partner's pauses cut into", title="cut-ins")
    axes.set_ylim(bottom=0)


def _plot_cut_offs(axes: Axes, cut: dict[str, Any]) -> None:
    agent = [row for row in cut["agent"] if row["latency_median"] is not None]
    axes.plot(
        [row["latency_median"] for row in agent],
        [row["pauses_cut"] for row in agent],
        "o-",
        color=_AGENT,
        label="agent, as patience moves",
    )
    axes.plot(
        [row["latency_median"] for row in cut["timeouts"]],
        [row["pauses_cut"] for row in cut["timeouts"]],
        "x-",
        color=_OTHER,
        label="fixed time-outs",
    )
    marks = {"people": "*", "moving_average": "s", "vad_policy": "^", "independent": "d"}
    for name, mark in marks.items():
        if cut[name]["latency_median"] is not None:
            axes.plot(
                cut[name]["latency_median"],
                cut[name]["pauses_cut"],
                mark,
                color=_PEOPLE,
                ms=13 if name == "people" else 7,
                label=name.replace("_", " "),
            )
    axes.set(
        xlabel="median of the starts after a turn, s",
        ylabel="share of pauses of 100 ms cut into",
        title="beside recordings, trial by trial",
    )
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)


def _plot_rescaling(axes: Axes, kinds: dict[str, Any]) -> None:
    most = 0.0
    for i, (name, row) in enumerate(kinds.items()):
        if row["quantiles"]:
            expected, seen = zip(*row["quantiles"], strict=True)
            label = f"{name.replace('_', ' ')}, KS {row['ks']:.3f}"
            axes.plot(expected, seen, "o-", ms=3, color=f"C{i}", label=label)
            most = max(most, *expected, *seen)
    axes.plot([0, most], [0, most], color="0.5", lw=1)
    axes.set(
        xlabel="quantile of Exp(1)",
        ylabel="quantile of the compensators",
        title="time rescaling of the floor's hazards, recorded calls",
    )
    axes.legend(fontsize=8)
