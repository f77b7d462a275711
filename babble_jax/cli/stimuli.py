"""Stimuli for an experiment."""

import dataclasses
from pathlib import Path

from tyro.conf import Positional

from babble_jax.cli.messages import print_line


@dataclasses.dataclass(frozen=True)
class Stimuli:
    """Makes the stimuli of an experiment: crossed conditions, Latin-square lists, catch trials and one manifest.

    The specification names voices, items and factors; the levels of a factor are manipulations of timing. Every item is
    rendered in every condition, with the same babble in all of them. The page "Stimuli for experiments" of the
    documentation (docs/howto/stimuli.md) has an example.

    Attributes:
      spec: TOML file with the specification.
      out: Folder for the stimuli. It must be new or empty; see --overwrite.
      overwrite: Replace earlier stimuli in the output folder.
      yes: Begin work even if it takes more than a day, or more than the disk holds.
    """

    spec: Positional[Path]
    out: Path
    overwrite: bool = False
    yes: bool = False

    def run(self) -> None:
        """Makes the stimuli and prints how many there are."""
        from babble_jax.audio import wave
        from babble_jax.cli.estimate import confirm, speaking_seconds
        from babble_jax.files import check_folder
        from babble_jax.pretrained.pretrained import load_voice
        from babble_jax.stimuli.specification import read_spec
        from babble_jax.stimuli.stimulus_set import KIND, make_stimuli

        spec = read_spec(self.spec)
        check_folder(self.out, KIND, self.overwrite)
        voices = [load_voice(name) for name in spec.voices]
        rate, seconds = voices[0].config.sample_rate, spec.items * spec.seconds
        wave.check_length(spec.seconds, rate, channels=2)
        confirm(
            "stimuli",
            speaking_seconds(voices * (3 - len(voices)), seconds * rate)
            + 0.05 * seconds * len(spec.conditions),
            (spec.catch.trials * spec.seconds + seconds * len(spec.conditions)) * (4 * rate + 10_000),
            self.out,
            self.yes,
        )
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
        print_line(report.folder / "manifest.json")
