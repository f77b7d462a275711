"""Demonstration: a dialogue in about a minute."""

import dataclasses
import math
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Demo:
    """Makes a minute of dialogue, beside the timing of people.

    The two speakers of the voice babblers speak with the timing of Switchboard. The dialogue is the most typical
    of 200 that are drawn. Prints a table of its events beside those of the real conversations, the range of pieces
    of its length, and the pooled figures of 100 drawn hours.

    Attributes:
      out: Folder for the dialogue. An interrupted demo is resumed there.
      seconds: Length of the dialogue, in seconds.
      browse: Write index.html, too: one page with the sound, the timeline, the table and the pictures, for a browser.
      train: First train a small voice on the excerpt of speech that ships; takes under five minutes.
      seed: Random seed of the training, of the dialogue's plan and of its babble.
      yes: Begin work even if it takes more than a day, or more than the disk or the memory holds.
    """

    out: Path = Path("babble-demo")
    seconds: float = 60.0
    browse: bool = False
    train: bool = False
    seed: int = 0
    yes: bool = False

    def run(self) -> None:
        """Runs the demo and prints its table."""
        from babble_jax.cli.estimate import confirm, conversing_seconds
        from babble_jax.demo import demo
        from babble_jax.presets.registry import DEFAULT_VOICE
        from babble_jax.pretrained.pair import make_babbler_pair

        if 0 < self.seconds < math.inf:  # `demo` says the rest
            babblers = make_babbler_pair(DEFAULT_VOICE)
            samples = self.seconds * babblers[0].sample_rate
            seconds = conversing_seconds(babblers, samples) + (300 if self.train else 0)
            confirm("demo", seconds, 5 * samples, self.out, self.yes, memory=24 * samples)
        print(demo(self.out, self.seconds, self.seed, self.train, self.browse))
