"""Demonstration: a dialogue in about a minute."""

import dataclasses
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Demo:
    """Makes a dialogue in about a minute: the two speakers of the voice that ships, with the timing of Switchboard.

    Prints a table of its events beside those of the real conversations.

    Attributes:
      out: Folder for the dialogue. An interrupted demo is resumed there.
      seconds: Length of the dialogue, in seconds.
      train: First train a small voice on the excerpt of speech that ships; takes under five minutes.
      seed: Random seed of the training, of the dialogue's plan and of its babble.
    """

    out: Path = Path("babble-demo")
    seconds: float = 60.0
    train: bool = False
    seed: int = 0

    def run(self) -> None:
        """Runs the demo and prints its table."""
        from babble_jax.demo import demo

        print(demo(self.out, self.seconds, self.seed, self.train))
