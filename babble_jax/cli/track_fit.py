"""Logs a fit of floor-transfer offsets: leaderboard, densities, probability integral transforms."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from babble_jax.timing.evaluation.offsets.report import FitReport
    from babble_jax.track.tracker import Tracker

_LIMITS = (-2.0, 3.0)  # seconds that are shown
_BINS = 100
_MOST = 5  # families whose densities and transforms are logged


def log_fit(tracker: "Tracker", report: "FitReport") -> None:
    """Logs the report of a fit.

    Args:
      tracker: where it goes.
      report: the families, best first.
    """
    from babble_jax import files
    from babble_jax.timing.evaluation.offsets.ranking_picture import plot_offsets

    families = [family.to_json() for family in report.families]
    nats = {one["name"]: one.get("heldout_nats") or one.get("aic_nats") for one in families}
    tracker.log_metrics(
        1, {f"nats/{name}": float(value) for name, value in nats.items() if value is not None}
    )
    _log_leaderboard(tracker, families)
    edges = np.linspace(*_LIMITS, _BINS + 1)
    observed, _ = np.histogram(report.fto + 1e-6, edges)
    tracker.log_histogram(1, "offsets/observed", edges, observed)
    _log_densities(tracker, report, observed, edges)
    _log_transforms(tracker, report)
    with files.scratch_folder() as folder:
        path = folder / "offsets.png"
        distributions = {family.name: family.params for family in report.families}
        plot_offsets(path, report.fto, distributions, width=report.width)
        tracker.log_picture(1, "offsets", path)
    tracker.log_summary(
        {
            "best": report.families[0].name,
            "best_nats": nats[report.families[0].name],
            "offsets": report.heldout.offsets,
            "conversations": report.heldout.conversations,
            "groups": report.groups,
            "folds": report.folds,
            "level": report.fto_level,
        }
    )


def _log_leaderboard(tracker: "Tracker", families: list[dict]) -> None:
    columns = ["family", "held-out nats", "low", "high", "difference", "CRPS ms", "KS", "W1 ms", "AIC nats"]
    rows = []
    for one in families:
        low, high = one["interval"] or (None, None)
        difference = one["difference"] or {}
        rows.append(
            [
                *(one["name"], one["heldout_nats"], low, high, difference.get("value")),
                *(1000 * one["crps"], one["ks"], one["w1_ms"], one.get("aic_nats")),
            ]
        )
    tracker.log_table(1, "leaderboard", columns, rows)


def _log_densities(tracker: "Tracker", report: "FitReport", observed: np.ndarray, edges: np.ndarray) -> None:
    """Logs the densities of the best families at the middles of bins, beside the share of the offsets in each."""
    import jax

    from babble_jax.numerics import fixed_numerics
    from babble_jax.timing.distributions.families import FAMILIES

    middles = (edges[:-1] + edges[1:]) / 2
    best = report.families[:_MOST]
    columns = [middles, observed / max(len(report.fto), 1) / np.diff(edges)]
    with fixed_numerics(x64=True):
        for family in best:
            log_prob = jax.jit(FAMILIES[family.name].log_prob)
            columns.append(np.exp(np.asarray(log_prob(family.params, middles))))
    names = ["offset s", "observed 1/s", *(family.name for family in best)]
    tracker.log_table(1, "densities", names, np.transpose(columns).tolist())


def _log_transforms(tracker: "Tracker", report: "FitReport") -> None:
    """Logs histograms of the probability integral transforms, flat where a family fits, with their 95 % band."""
    from babble_jax.timing.distributions.families import FAMILIES
    from babble_jax.timing.evaluation.offsets import pit
    from babble_jax.timing.evaluation.offsets.ranking_picture import BINS

    if not len(report.fto):
        return
    edges, best = np.linspace(0, 1, BINS + 1), report.families[:_MOST]
    counts = []
    for family in best:
        u = pit.transform(FAMILIES[family.name], family.params, report.fto, report.width)
        counts.append(np.histogram(u, edges)[0])
        tracker.log_histogram(1, f"PIT/{family.name}", edges, counts[-1])
    low, high = pit.band(len(report.fto), BINS)
    density = np.transpose(counts) * BINS / len(report.fto)
    rows = [
        [float(middle), *row, low, high]
        for middle, row in zip(edges[:-1] + 0.5 / BINS, density.tolist(), strict=True)
    ]
    names = ["PIT", *(family.name for family in best), "low", "high"]
    tracker.log_table(1, "PIT", names, rows)
