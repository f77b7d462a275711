"""The kind of experiment that fits how live seats make up for hearing late, and what their silences are."""

import dataclasses
from pathlib import Path
from typing import Any

from babble_jax.presets import registry
from babble_jax.timing.evaluation.turn_taking.pauses import fit_pauses
from babble_jax.timing.evaluation.turn_taking.turing import features_of
from babble_jax.timing.floor.belief import PauseDistribution
from babble_jax.timing.floor.policy import NEUTRAL
from babble_jax.timing.floor.policy_fit import DELAYS, ClosedLoop, compare_seats, fit_curve
from babble_jax.timing.preset import TimingPreset, load_timing
from experiments.pipelines.corpora import read_corpus

SHIPPED = registry.folder("timing")


@dataclasses.dataclass(frozen=True)
class PoliciesExperiment:
    """Fits the policies of presets in closed loop, writes them into the package and validates them on other seeds.

    Attributes:
      presets: names; the first one's policies are where the others begin that have none.
      words: corpora in `BABBLE_CORPORA` that time words, by preset, from which the distribution of pauses comes.
      third: take only conversations whose id has this third letter, by preset.
      steps: of the fit at each delay; 0 takes the policies that ship and validates them only.
      dialogues: of five minutes, for each run.
    """

    presets: tuple[str, ...]
    words: dict[str, str]
    third: dict[str, str]
    steps: int = 4
    dialogues: int = 256

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Fits one preset after another.

        Args:
          work: not needed.
          results: not needed.
        """
        tables = {}
        for name in self.presets:
            preset = load_timing(name)
            if name in self.words:
                preset = dataclasses.replace(preset, pauses=self._pauses(name, preset))
            floor = preset.require_floor(2)
            if self.steps:
                curve = fit_curve(
                    ClosedLoop(floor, dialogues=self.dialogues, features=features_of),
                    initial=preset.policy_curve()[0],
                    steps=self.steps,
                ).curve
                preset = dataclasses.replace(preset, policies=curve)
            preset.save(SHIPPED / f"{name}.json")
            tables[name] = validate(preset, self.dialogues)
        return {"dialogues": self.dialogues, "presets": tables}

    def _pauses(self, name: str, preset: TimingPreset) -> PauseDistribution:
        letter = self.third.get(name, "")
        conversations = [c for c in read_corpus(self.words[name]) if not letter or c.id[2] == letter]
        rows = fit_pauses(conversations, preset.definitions).probability
        return PauseDistribution(tuple(tuple(round(float(p), 4) for p in row) for row in rows))


def validate(preset: TimingPreset, dialogues: int, seed: int = 2) -> dict[str, Any]:
    """Plays a preset's policies on seeds that the fit has not seen.

    Args:
      preset: with a floor of two.
      dialogues: of five minutes.
      seed: of them.

    Returns:
      `policy` (rows of `policy_fit.FittedCurve` for each delay), `neutral` (the same without a policy), and `seeds`:
      two sets of dialogues without a delay that differ by their seeds alone.
    """
    floor, (curve, source) = preset.require_floor(2), preset.policy_curve()
    loop = ClosedLoop(floor, seed=seed, dialogues=dialogues)
    reference = loop.reference()
    tables: dict[str, Any] = {
        "source": source,
        "seeds": compare_seats(dataclasses.replace(loop, seed=seed + 1).reference(), reference),
    }
    for kind in ("policy", "neutral"):
        tables[kind] = [
            {
                "delay": d,
                **compare_seats(loop.measure(curve.at(d) if kind == "policy" else NEUTRAL, d), reference),
            }
            for d in DELAYS
        ]
    return tables
