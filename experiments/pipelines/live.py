"""Measures a live agent beside held-out conversations, with a floor fitted on the others, and in dialogue."""

import dataclasses
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.timing.evaluation.turn_taking.agent_seat import AgentSeat
from babble_jax.timing.evaluation.turn_taking.bench import (
    BenchSize,
    bench_closed_loop,
    bench_turing,
    draw_references,
)
from babble_jax.timing.evaluation.turn_taking.bench_picture import plot_bench
from babble_jax.timing.evaluation.turn_taking.open_loop import (
    measure_open_loop,
    open_loop_of,
    score_all_backchannels,
)
from babble_jax.timing.evaluation.turn_taking.pauses import fit_pauses
from babble_jax.timing.evaluation.turn_taking.simulated_rescaling import rescale_simulated
from babble_jax.timing.floor.fit import fit_floor
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.floor.simulator import FloorSimulator
from babble_jax.timing.preset import load_timing
from babble_jax.timing.splits import split
from experiments.pipelines.corpora import read_corpus

_KIT = Path(__file__).parents[1] / "agent" / "kit_evaluation_calls.txt"
"""Evaluation calls of github.com/phiresky/backchannel-prediction."""


@dataclasses.dataclass(frozen=True)
class LiveExperiment:
    """Measures a live agent; each part is kept in the folder of work, so that it is not computed again.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      preset: whose floor and policies play in dialogue; the floor beside recordings is fitted on the training part.
      delays: seconds of the closed loop with all its rows.
      curve: seconds of the curve.
      recorded_delay: seconds, of the agent beside recordings.
      calls: held-out conversations that are measured at most, drawn at random.
      dialogues: in each set of the closed loop.
      turing: dialogues of each side of the Turing test; 0 leaves it out.
      rescaled: simulated dialogues whose events are rescaled.
      other_corpus: whose conversations are the Turing test's scale.
      only_recorded: leave out the closed loop, which the preset of another experiment has already.
    """

    corpus: str
    preset: str
    delays: tuple[float, ...] = (0.08, 0.16)
    curve: tuple[float, ...] = (0.0, 0.04, 0.08, 0.12, 0.16, 0.24, 0.32, 0.4, 0.5)
    recorded_delay: float = 0.16
    calls: int = 100
    dialogues: int = 288
    turing: int = 1000
    rescaled: int = 1536
    other_corpus: str | None = None
    only_recorded: bool = False

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Measures and plots.

        Args:
          work: folder for the floor that is fitted and for the parts of the result.
          results: path, without suffix, of the picture.
        """
        work.mkdir(parents=True, exist_ok=True)
        corpus = [c for c in read_corpus(self.corpus) if len(c.speakers) == 2]
        train = split([c.group for c in corpus])
        training = [c for c, t in zip(corpus, train, strict=True) if t]
        heldout = [c for c, t in zip(corpus, train, strict=True) if not t]
        floor = FloorSimulator.from_json(_part(work / "floor.json", lambda: fit_floor(training).to_json()))
        timing = load_timing(self.preset)
        preset_floor, (curve, policies_of) = timing.require_floor(2), timing.policy_curve()
        order = np.sort(np.random.default_rng(0).permutation(len(heldout))[: self.calls])
        some = [heldout[i] for i in order]

        @functools.cache
        def agent() -> AgentSeat:
            pauses = fit_pauses(training, floor.definitions)
            return AgentSeat(floor, curve.at(self.recorded_delay), self.recorded_delay, pauses=pauses)

        def open_loop() -> dict[str, Any]:
            pauses = agent().pauses
            assert pauses is not None
            return measure_open_loop(open_loop_of(some, floor.definitions), agent(), pauses)

        values: dict[str, Any] = {
            "training_conversations": len(training),
            "heldout_conversations": len(heldout),
            "policies_of": policies_of,
            "open_loop": _part(work / "open_loop.json", open_loop),
        }
        kit = set(_KIT.read_text("utf-8").split())
        listed = [c for c in heldout if c.id in kit]
        if listed:
            values["kit"] = _part(
                work / "kit.json",
                lambda: {
                    "calls": len(listed),
                    "backchannels": score_all_backchannels(open_loop_of(listed, floor.definitions), agent()),
                },
            )
        if not self.only_recorded:
            values |= self._closed_loop(work, preset_floor, curve, corpus)
            plot_bench(f"{results}.png", self._bench_values(values))
        return values

    def _closed_loop(self, work: Path, floor: FloorSimulator, curve: Any, corpus: list) -> dict[str, Any]:
        """Plays the agent with a simulated partner, at each delay."""
        size = BenchSize(dialogues=self.dialogues, turing=self.turing)
        loops, points = {}, []
        references = functools.cache(lambda: draw_references(floor, size))
        for delay in self.delays:
            milliseconds = f"{delay * 1000:.0f}"
            loops[milliseconds] = _part(
                work / f"loop_{milliseconds}.json",
                lambda delay=delay: bench_closed_loop(
                    floor, curve.at(delay), delay, Knobs(), size, references=references()
                ),
            )
        for delay in self.curve:
            name = f"{delay * 1000:.0f}"
            loop = loops.get(name) or _part(
                work / f"point_{name}.json",
                lambda delay=delay: bench_closed_loop(
                    floor, curve.at(delay), delay, Knobs(), size, sweep=False
                ),
            )
            points.append(
                {"delay": delay, "agent": loop["agent"]["agent"], "partner": loop["agent"]["partner"]}
            )
        values: dict[str, Any] = {
            "closed_loop": loops,
            "curve": points,
            "simulated_rescaling": _part(
                work / "simulated_rescaling.json",
                lambda: rescale_simulated(floor, 11, range(self.rescaled), 36000),
            ),
        }
        if self.turing:
            others = {} if self.other_corpus is None else {self.other_corpus: read_corpus(self.other_corpus)}
            values["turing"] = _part(
                work / "turing.json",
                lambda: bench_turing(
                    floor, curve.at(self.delays[0]), self.delays[0], Knobs(), size, corpus[:700], others
                ),
            )
        return values

    def _bench_values(self, values: dict[str, Any]) -> dict[str, Any]:
        delay = self.delays[-1]
        loop = values["closed_loop"][f"{delay * 1000:.0f}"]
        return {"timing": self.preset, "delay": delay, "closed_loop": loop, "open_loop": values["open_loop"]}


def _part(path: Path, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Returns what was computed before, or computes and keeps it."""
    if not path.exists():
        path.write_text(json.dumps(compute()), "utf-8")
    return json.loads(path.read_text("utf-8"))
