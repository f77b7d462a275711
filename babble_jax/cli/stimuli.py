"""Stimuli for an experiment."""

import dataclasses
from pathlib import Path

from tyro.conf import Positional


@dataclasses.dataclass(frozen=True)
class Stimuli:
    """Makes the stimuli of an experiment: conditions crossed, Latin-square lists, catch trials, one manifest.

    The spec names voices, items, and factors whose levels are manipulations of timing; every item is rendered in every
    condition, with the same babble in all of them. An example stands at the head of babble_jax/stimuli/specification.py.

    Attributes:
      spec: a TOML file.
      out: folder for the stimuli; must not exist yet, or see --overwrite.
      overwrite: replace earlier stimuli in `out`.
    """

    spec: Positional[Path]
    out: Path
    overwrite: bool = False

    def run(self) -> None:
        """Makes them, and prints how many."""
        from babble_jax.cli.babblers import two_babblers
        from babble_jax.stimuli.specification import read_spec
        from babble_jax.stimuli.stimulus_set import make_stimuli

        spec = read_spec(self.spec)
        babblers = two_babblers(spec.voices, spec.speakers, spec.temperature, spec.top_k)
        report = make_stimuli(spec, babblers, self.out, overwrite=self.overwrite)
        values = report.manifest
        print(
            f"{len(values['stimuli'])} stimuli: {spec.items} items in {len(spec.conditions)} conditions, and"
        )
        print(
            f"{spec.catch_trials} catch trials; {len(values['lists'])} lists of {len(values['lists'][0]['trials'])}"
        )
        if not values["counterbalanced"]["completely"]:
            whole = len(spec.conditions) * 2 ** len(spec.counterbalance)
            print(
                f"note: {', '.join(spec.counterbalance)} are balanced completely with a multiple of {whole} items"
            )
        print(report.folder / "manifest.json")
