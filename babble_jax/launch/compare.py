"""Compares runs: a metric by the values in which they differ, over seeds, with differences paired by seed."""

import dataclasses
import re
import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

from babble_jax.errors import BabbleError
from babble_jax.input_files import read_json
from babble_jax.launch.rows import best_value, curves_of, metrics_file, numbers_of
from babble_jax.launch.run_folder import Run
from babble_jax.launch.select import format_table, format_value
from babble_jax.launch.values import differing, flatten

_OF_CODES = re.compile("bits|loss|accuracy")  # metrics of quantized samples; board.js has the same
Curve = list[tuple[int, float]]
"""Pairs of step and value."""


@dataclasses.dataclass(frozen=True)
class RunGroup:
    """Runs that differ in their seed alone.

    Attributes:
      label: the values by which the groups differ, as text.
      values: the same by dotted names.
      scores: best value of the metric by seed.
      curves: the metric by step, by seed; empty where it is a number of the result only.
    """

    label: str
    values: dict[str, Any]
    scores: dict[str, float]
    curves: dict[str, Curve]

    @property
    def mean(self) -> float:
        """Mean over seeds."""
        return statistics.fmean(self.scores.values())

    @property
    def deviation(self) -> float | None:
        """Standard deviation over seeds; None with one seed."""
        return statistics.stdev(self.scores.values()) if len(self.scores) > 1 else None


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Groups of runs, the best first.

    Attributes:
      metric: name of the metric.
      groups: that have a value of it.
      without: runs that have none.
      quantizers: of the voices of the groups, each once; see `quantizer_of`.
    """

    metric: str
    groups: list[RunGroup]
    without: list[Run]
    quantizers: tuple[str, ...] = ()

    def paired(self, group: RunGroup) -> list[float]:
        """Differences of a group to the first, one for each seed that both have."""
        first = self.groups[0].scores
        return [value - first[seed] for seed, value in group.scores.items() if seed in first]

    def to_json(self) -> dict[str, Any]:
        """Converts the comparison to JSON values."""
        rows = []
        for group in self.groups:
            own = dataclasses.asdict(group)
            rows.append(own | {"mean": group.mean, "sd": group.deviation, "paired": self.paired(group)})
        return {"metric": self.metric, "groups": rows, "without": [run.label for run in self.without]}


def quantizer_of(run: Run) -> str:
    """Describes the quantizer of the voice that a run trains: kind and levels; empty where it trains none."""
    path, values = metrics_file(run), run.values
    config = None if path is None else path.with_name("config.json")
    for own in (read_json(config, remedy="remove the run") if config and config.exists() else {}, values):
        leaves = flatten(own) if isinstance(own, dict) else {}
        if leaves := [value for name, value in leaves.items() if "quantizer" in name.split(".")]:
            return " ".join(map(format_value, leaves))
    return ""


class RunIdentity(NamedTuple):
    """What tells a run from others.

    Attributes:
      group: the values in which the runs differ but for their seeds, as text; the experiment's name without any.
      values: the same by dotted names.
      seed: its seeds, as text.
    """

    group: str
    values: dict[str, Any]
    seed: str


def identify_runs(runs: Sequence[Run]) -> list[RunIdentity]:
    """Says of each run in which values it differs from others of its experiment, apart from its seed.

    Runs of one text are one group. With several experiments each text begins with that of its run.
    """
    by_name: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        by_name.setdefault(run.name, []).append(flatten(run.values))
    fields = {name: [one for one in differing(rows) if not _is_seed(one)] for name, rows in by_name.items()}
    identities = []
    for run in runs:
        leaves = flatten(run.values)
        values = {"experiment": run.name} if len(by_name) > 1 else {}
        values |= {name: leaves.get(name) for name in fields[run.name]}
        label = " ".join(f"{name}={format_value(value)}" for name, value in values.items()) or run.name
        seed = " ".join(str(value) for name, value in leaves.items() if _is_seed(name))
        identities.append(RunIdentity(label, values, seed))
    return identities


def _is_seed(name: str) -> bool:
    return name.rsplit(".", 1)[-1] == "seed"


def compare_runs(runs: Sequence[Run], metric: str = "", highest: bool = False) -> Comparison:
    """Compares runs by a metric.

    Args:
      runs: their folders.
      metric: see `babble_jax.launch.rows.best_value`; that of the first run where empty.
      highest: whether the highest value is the best one.

    Raises:
      BabbleError: no run has the metric; it lists those that there are.
    """
    scored, without = [], []
    for run, identity in zip(runs, identify_runs(runs), strict=True):
        name, score = best_value(run, metric, highest)
        if score is None:
            without.append(run)
        else:
            metric = metric or name
            scored.append((run, identity, score))
    if not scored:
        names = dict.fromkeys(name for run in runs for name in (*curves_of(run), *numbers_of(run.result)))
        remedy = f"take one of {', '.join(names)}" if names else "see `babble launch runs`"
        raise BabbleError(f"no run has a value of {metric or 'any metric'} yet; {remedy}.")
    groups: dict[str, RunGroup] = {}
    for run, (label, values, seed), score in scored:
        group = groups.setdefault(label, RunGroup(label, values, {}, {}))
        group.scores[seed] = score
        if curve := curves_of(run).get(metric):
            group.curves[seed] = curve
    ordered = sorted(groups.values(), key=lambda group: group.mean, reverse=highest)
    quantizers = dict.fromkeys(filter(None, (quantizer_of(run) for run, *_ in scored)))
    return Comparison(metric, ordered, without, tuple(quantizers))


def comparison_table(comparison: Comparison) -> str:
    """Formats a comparison: mean, standard deviation and range over seeds, and the paired difference to the first."""
    lines = []
    for number, group in enumerate(comparison.groups):
        low, high = min(group.scores.values()), max(group.scores.values())
        spread = "" if group.deviation is None else f"{group.deviation:.2g}"
        pairs = comparison.paired(group) if number else []
        paired = f"{statistics.fmean(pairs):+.3g}" if pairs else ""
        if len(pairs) > 1:
            paired += f" (sd {statistics.stdev(pairs):.2g}, {len(pairs)} seeds)"
        lines.append(
            (
                group.label,
                f"{group.mean:.5g}",
                spread,
                f"{low:.5g} to {high:.5g}",
                str(len(group.scores)),
                paired,
            )
        )
    table = format_table(
        (comparison.metric, "mean", "sd", "range", "seeds", "difference to the first"), lines
    )
    if len(comparison.quantizers) > 1 and _OF_CODES.search(comparison.metric):
        table += (
            f"\n{comparison.metric} of different quantizers cannot be compared, and these runs have "
            f"{' and '.join(comparison.quantizers)}"
        )
    if comparison.without:
        labels = ", ".join(run.label for run in comparison.without)
        table += f"\nwithout a value: {labels}"
    return table
