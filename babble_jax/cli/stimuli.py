"""Stimuli for an experiment."""

import dataclasses
from pathlib import Path

from tyro.conf import Positional


@dataclasses.dataclass(frozen=True)
class Stimuli:
    """Makes the stimuli of an experiment: crossed conditions, Latin-square lists, catch trials and one manifest.

    The specification names voices, items and factors; the levels of a factor are manipulations of timing. Every item is
    rendered in every condition, with the same babble in all of them. The page "Stimuli for experiments" of the
    documentation (docs/howto/stimuli.md) has an example.

    Attributes:
      spec: TOML file with the specification.
      out: Folder for the stimuli. It must not exist yet; see --overwrite.
      overwrite: Replace earlier stimuli in the output folder.
    """

    spec: Positional[Path]
    out: Path
    overwrite: bool = False

    def run(self) -> None:
        """Makes the stimuli and prints how many there are."""
        from babble_jax.stimuli.specification import read_spec
        from babble_jax.stimuli.stimulus_set import make_stimuli

        spec = read_spec(self.spec)
        report = make_stimuli(spec, self.out, overwrite=self.overwrite)
        values = report.manifest
        print(
            f"{len(values['stimuli'])} stimuli: {spec.items} items in {len(spec.conditions)} conditions, and"
        )
        print(
            f"{spec.catch.trials} catch trials; {len(values['lists'])} lists of {len(values['lists'][0]['trials'])}"
        )
        if not values["counterbalanced"]["completely"]:
            multiple = len(spec.conditions) * 2 ** len(spec.counterbalance)
            print(
                f"note: {', '.join(spec.counterbalance)} are balanced completely with a multiple of {multiple} items"
            )
        print(report.folder / "manifest.json")
